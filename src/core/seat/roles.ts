// What somebody on stage may do there. A role is given by the link that was opened; running the room is more than a
// role, as it passes to others while the host is away.

import type { SpaceFacts } from '../space/facts.ts'

/** host: the one whose space it is · cohost: runs the room beside the host · speaker: speaks. */
export type SeatRole = 'host' | 'cohost' | 'speaker'

/** In the order in which they come first. */
export const SEAT_ROLES = ['host', 'cohost', 'speaker'] as const satisfies readonly SeatRole[]

/** Whether the person in `seat` may mute, remove, start, hold and end. */
export function runsRoom(
  { holder }: Pick<SpaceFacts, 'holder'>,
  seat: Pick<SpaceFacts['seats'][number], 'id' | 'role'>,
): boolean {
  return seat.role !== 'speaker' || holder === seat.id
}
