// Seats for people who speak through a stage of their own, as control would have them.

import type { SeatId } from '../../src/base/ids.ts'
import { wallMillis } from '../../src/base/units.ts'
import type { SeatFacts } from '../../src/core/space/facts.ts'

/** `count` speakers who are not muted. */
export function speakerSeats(count: number): readonly SeatFacts[] {
  return Array.from({ length: count }, (_, i) => ({
    id: `seat${String(i).padStart(2, '0')}` as SeatId,
    name: `Speaker ${i}`,
    role: 'speaker',
    muted: false,
    takenAtMs: wallMillis(Date.now()),
  }))
}
