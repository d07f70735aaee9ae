// What happened between two views, in one sentence: read out to those who do not see the cards change.

import type { StageView } from '../../core/api/api.ts'
import { words } from './messages.en.ts'

/** The most important difference, or undefined when there is none worth a word. */
export function tellDifference(before: StageView, after: StageView): string | undefined {
  const air = isOnAir(after)
  if (air !== isOnAir(before) && after.space.phase === 'live')
    return air ? words.told.onAir : words.told.offAir
  const came = after.seats.find(({ id }) => !before.seats.some((seat) => seat.id === id))
  if (came !== undefined) return words.told.joined(came.name)
  const went = before.seats.find(({ id }) => !after.seats.some((seat) => seat.id === id))
  return went === undefined ? undefined : words.told.gone(went.name)
}

/** True when listeners hear the people on stage, as far as the stage reports. */
export function isOnAir(view: StageView): boolean {
  return view.space.phase === 'live' && view.stage?.slate === false
}
