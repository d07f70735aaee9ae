// Who may change what about a seat, and how many seats there are. Pure: lists of seats in, lists of seats out.

import { MimbarError } from '../../base/errors.ts'
import type { SeatChange } from '../api/api.ts'
import { type SeatSoundCheck, SOUND_FINDINGS } from '../sound-check/sound-check.ts'
import { SEATS_MAX, type SeatFacts } from '../space/facts.ts'
import { parseLine } from '../space/line.ts'

export const NAME_CHARACTERS_MAX = 40

/** A name as others will read it: trimmed, 1 to 40 characters, on one line. Throws `bad-request`. */
export function parseName(text: unknown): string {
  return parseLine(text, { what: 'A name', charactersMax: NAME_CHARACTERS_MAX })
}

/** Puts `seat` among `seats`, in its old place if it has one. `too-many` when the stage is full. */
export function takeSeat(seats: readonly SeatFacts[], seat: SeatFacts): readonly SeatFacts[] {
  if (seats.some((other) => other.id === seat.id)) {
    return seats.map((other) => (other.id === seat.id ? seat : other))
  }
  if (seats.length >= SEATS_MAX) {
    throw new MimbarError('too-many', `All ${SEATS_MAX} seats of this stage are taken.`)
  }
  return [...seats, seat].sort((a, b) => a.takenAtMs - b.takenAtMs || (a.id < b.id ? -1 : 1))
}

/** `seats` without that one. */
export function leaveSeat(seats: readonly SeatFacts[], id: SeatFacts['id']): readonly SeatFacts[] {
  return seats.filter((seat) => seat.id !== id)
}

/** Who asks for a change of a seat: the person in it, the host of its space, or somebody else who runs the room. */
export type SeatChanger = 'self' | 'host' | 'cohost'

/**
 * `seat` after `change`. A host may silence others, but only the person in the seat may open the microphone
 * again, and only they choose the name; only the host makes speakers co-hosts and back: `forbidden` otherwise.
 */
export function changeSeat(seat: SeatFacts, change: SeatChange, by: SeatChanger): SeatFacts {
  if (by !== 'self' && change.muted === false) {
    throw new MimbarError('forbidden', 'A host can mute others; only they can unmute themselves.')
  }
  if (by !== 'self' && change.name !== undefined) {
    throw new MimbarError('forbidden', 'Only the person in a seat can change its name.')
  }
  if (change.role !== undefined && (by !== 'host' || seat.role === 'host')) {
    throw new MimbarError('forbidden', 'Only the host makes others co-hosts or speakers, and stays the host.')
  }
  if (by !== 'self' && change.soundCheck !== undefined) {
    throw new MimbarError('forbidden', 'Only the person in a seat can tell how their sound check went.')
  }
  return {
    ...seat,
    ...(change.role === undefined ? {} : { role: change.role }),
    ...(change.soundCheck === undefined ? {} : { soundCheck: tidy(change.soundCheck) }),
    ...(change.muted === undefined ? {} : { muted: change.muted }),
    ...(change.name === undefined ? {} : { name: parseName(change.name) }),
  }
}

/** Each finding once, in the order in which they are told. */
const tidy = ({ found }: SeatSoundCheck): SeatSoundCheck => ({
  found: SOUND_FINDINGS.filter((finding) => found.includes(finding)),
})
