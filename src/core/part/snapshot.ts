// A snapshot repeats every two seconds to everyone, so it has a limit in bytes, whatever people call themselves.

import { encodeUtf8 } from '../../base/bytes.ts'
import { PARTS_PER_SEGMENT, type Sequence } from '../../base/units.ts'
import { SNAPSHOT_BYTES_MAX, type Snapshot } from './events.ts'

/** Tried in turn: characters (code points) that each name may keep. */
const NAME_LENGTHS = [64, 32, 16, 8, 4] as const

/** True for the first part of each segment: a join starts there, so a snapshot belongs into it. */
export function isSnapshotDue(sequence: Sequence): boolean {
  return sequence % PARTS_PER_SEGMENT === 0
}

/**
 * The snapshot itself when its JSON has at most {@link SNAPSHOT_BYTES_MAX} bytes of UTF-8; otherwise with names cut
 * to the longest length that fits, and, when even short names do not, without the last seats.
 */
export function fitSnapshot(snapshot: Snapshot): Snapshot {
  if (fits(snapshot)) return snapshot
  let cut = snapshot
  for (const length of NAME_LENGTHS) {
    cut = cutNames(snapshot, length)
    if (fits(cut)) return cut
  }
  while (!fits(cut) && cut.seats.length > 0) cut = { ...cut, seats: cut.seats.slice(0, -1) }
  return cut
}

function cutNames(snapshot: Snapshot, length: number): Snapshot {
  return { ...snapshot, seats: snapshot.seats.map((seat) => ({ ...seat, name: cutText(seat.name, length) })) }
}

function fits(snapshot: Snapshot): boolean {
  return encodeUtf8(JSON.stringify(snapshot)).length <= SNAPSHOT_BYTES_MAX
}

/** At most `length` code points, the last of them an ellipsis where something was cut. */
function cutText(text: string, length: number): string {
  const characters = Array.from(text)
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join('')}…`
}
