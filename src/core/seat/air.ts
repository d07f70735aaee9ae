// On air or backstage. Everyone with a seat hears everyone else; listeners hear those who are on air. Who runs the room
// puts people on air; stepping back is everybody's own right, as is silence.

import { MimbarError } from '../../base/errors.ts'
import type { SeatFacts, SpaceFacts } from '../space/facts.ts'

/** Where who comes after the start comes in: straight on air, or backstage until somebody puts them on. */
export type Arrivals = 'on-air' | 'backstage'

/** In the order in which they come first. */
export const ARRIVALS = ['on-air', 'backstage'] as const satisfies readonly Arrivals[]

/** Desired state: a seat that says nothing else is on air. */
export function isOnAir(seat: Pick<SeatFacts, 'onAir'>): boolean {
  return seat.onAir !== false
}

/**
 * `seat` on air or backstage. Everybody may step back; on air puts only who runs the room: `forbidden` otherwise.
 * The same seat when nothing changes.
 */
export function putOnAir(seat: SeatFacts, onAir: boolean, byRunsRoom: boolean): SeatFacts {
  if (isOnAir(seat) === onAir) return seat
  if (onAir && !byRunsRoom) {
    throw new MimbarError('forbidden', 'Only the host can put somebody on air.')
  }
  const { onAir: _, ...rest } = seat
  return onAir ? rest : { ...rest, onAir: false }
}

/** A seat that is taken for the first time, where arrivals of its space come in. Who runs the room never waits. */
export function arrive(
  seat: SeatFacts,
  { phase, arrivals }: Pick<SpaceFacts, 'phase' | 'arrivals'>,
): SeatFacts {
  const waits = phase === 'live' && arrivals === 'backstage' && seat.role === 'speaker'
  return waits ? { ...seat, onAir: false } : seat
}
