// What happened between two views, in one sentence: read out to those who do not see the cards change.

import type { StageView } from '../../../core/api/api.ts'
import { words } from '../messages.en.ts'
import { amBackstage, isBackstage } from '../room/air-state.ts'
import { roomWords } from '../room/messages.en.ts'

/** The most important difference, or undefined when there is none worth a word. */
export function tellDifference(before: StageView, after: StageView): string | undefined {
  const isHeld = after.stage?.held === true
  if (isHeld !== (before.stage?.held === true) && after.space.phase === 'live')
    return isHeld ? words.told.held : words.told.resumed
  if (after.space.phase === 'live' && amBackstage(after) !== amBackstage(before))
    return amBackstage(after) ? words.told.tookOff : words.told.putOn
  const air = isOnAir(after)
  if (air !== isOnAir(before) && after.space.phase === 'live')
    return air ? words.told.onAir : words.told.offAir
  const room = tellRoom(before, after)
  if (room !== undefined) return room
  const came = after.seats.find(({ id }) => !before.seats.some((seat) => seat.id === id))
  if (came !== undefined) return words.told.joined(came.name)
  const went = before.seats.find(({ id }) => !after.seats.some((seat) => seat.id === id))
  if (went !== undefined) return words.told.gone(went.name)
  return tellMove(before, after)
}

/** Somebody else who was put on or off air. */
function tellMove(before: StageView, after: StageView): string | undefined {
  if (after.space.phase !== 'live') return undefined
  for (const person of after.seats) {
    const was = before.seats.find(({ id }) => id === person.id)
    if (was === undefined || isBackstage(was) === isBackstage(person)) continue
    return isBackstage(person) ? words.told.otherOff(person.name) : words.told.otherOn(person.name)
  }
  return undefined
}

/** Who runs the room, and who may come into it. */
function tellRoom(before: StageView, after: StageView): string | undefined {
  const { told } = roomWords
  const { holder, me } = after
  if (holder !== before.holder) {
    const seat = after.seats.find(({ id }) => id === holder)
    if (seat !== undefined) return holder === me ? told.heldByMe : told.heldBy(seat.name)
    const host = after.seats.find(({ role }) => role === 'host')
    if (host?.observed?.connection === 'connected') return told.hostBack
  }
  const roleOf = (view: StageView) => view.seats.find(({ id }) => id === me)?.role
  const [was, is] = [roleOf(before), roleOf(after)]
  if (was === 'speaker' && is === 'cohost') return told.cohost
  if (was === 'cohost' && is === 'speaker') return told.speaker
  const isLocked = after.locked === true
  if (isLocked === (before.locked === true)) return undefined
  return isLocked ? told.locked : told.unlocked
}

/** True when listeners hear the people on stage, as far as the stage reports. */
export function isOnAir(view: StageView): boolean {
  return view.space.phase === 'live' && view.stage?.slate === false
}
