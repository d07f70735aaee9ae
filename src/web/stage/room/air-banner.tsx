// Who hears us: the one thing that everybody on stage must never be wrong about.

import type { StageView } from '../../../core/api/api.ts'
import { BackstageIcon, OnAirIcon, StandingInIcon } from '../../parts/icons.tsx'
import type { StageSession } from '../stage-session.ts'
import { OwnAirButton } from './air-controls.tsx'
import { amBackstage } from './air-state.ts'
import { roomWords } from './messages.en.ts'

export type Air = keyof typeof roomWords.air

/** Said so that it is read from across a desk. */
const LOUD: ReadonlySet<Air> = new Set(['live', 'opening', 'offAir', 'held'])
/** From the press to the first part of the program; until then the slate is no sign of trouble. */
const STARTING_MS = 1_500

/** As the stage observes it: a program that the slate covers is not on air. */
export function airOf(view: StageView | undefined): Air {
  if (view === undefined) return 'waiting'
  const { space, stage, nowMs } = view
  if (space.phase !== 'live') return stage === undefined ? 'waiting' : 'backstage'
  if (stage?.held === true) return 'held'
  if (amBackstage(view)) return 'offAir'
  if (stage?.slate === false) return 'live'
  if (stage?.opening === true) return 'opening'
  return nowMs - (space.startedAtMs ?? nowMs) < STARTING_MS ? 'starting' : 'standingIn'
}

export function AirBanner({ session, air }: { readonly session: StageSession; readonly air: Air }) {
  const text = roomWords.air[air]
  return (
    <div class={`air ${air}`} id="air" data-air={air}>
      {air === 'live' || air === 'opening' ? (
        <OnAirIcon />
      ) : air === 'standingIn' || air === 'held' ? (
        <StandingInIcon />
      ) : (
        <BackstageIcon />
      )}
      <strong class={LOUD.has(air) ? 'loud' : ''}>{text.word}</strong>
      <span>{text.body}</span>
      <OwnAirButton session={session} air={air} />
    </div>
  )
}
