// Parts for tests: small, and different from each other in every byte that matters.

import type { SpaceId } from '../../base/ids.ts'
import { parseSpaceId } from '../../base/ids.ts'
import { epoch, type Sequence, sequence, wallMillis } from '../../base/units.ts'
import type { GapReason, Part, TrackId } from '../../core/part/part.ts'
import type { LogSpec, PartLog, TailItem } from '../ports.ts'

export const SPACE: SpaceId = parseSpaceId('a-space')

export function specOf(ringParts: number): LogSpec {
  return {
    gridStartMs: wallMillis(1_700_000_000_000),
    tracks: [
      { id: 'events', contentType: 'application/json', header: new Uint8Array() },
      { id: 'opus.mp4', contentType: 'audio/mp4; codecs="opus"', header: Uint8Array.of(0, 1, 2, 255) },
    ],
    ringParts,
  }
}

/** The part `at` by the writer `by`; `take` tells two takes of the same moment apart. */
export function partOf(at: number, by: number, gap?: GapReason, take = 0): Part {
  const content = new Uint8Array(40 + (at % 17)).map((_, i) => (at * 31 + by * 7 + take * 3 + i) & 255)
  const tracks = new Map<TrackId, Uint8Array>([
    ['events', Uint8Array.of(91, 93)],
    ['opus.mp4', content],
  ])
  return { sequence: sequence(at), epoch: epoch(by), ...(gap === undefined ? {} : { gap }), tracks }
}

/** Appends `from` … `to` (both included) by one writer; the first of them names `gap`. */
export async function appendRun(
  log: PartLog,
  from: number,
  to: number,
  by: number,
  gap?: GapReason,
): Promise<void> {
  for (let at = from; at <= to; at++) await log.append(SPACE, partOf(at, by, at === from ? gap : undefined))
}

export async function sequencesIn(log: PartLog, from = 0, to = 2 ** 40): Promise<Sequence[]> {
  const found: Sequence[] = []
  for await (const part of log.read(SPACE, sequence(from), sequence(to))) found.push(part.sequence)
  return found
}

/** Reads a tail until `isDone` says so of what has come; idle items are left out. */
export async function collect(
  tail: AsyncIterable<TailItem>,
  isDone: (items: readonly TailItem[]) => boolean,
): Promise<TailItem[]> {
  const items: TailItem[] = []
  if (isDone(items)) return items
  for await (const item of tail) {
    if (item.kind !== 'idle') items.push(item)
    if (isDone(items)) return items
  }
  return items
}

export const sequencesOf = (items: readonly TailItem[]): number[] =>
  items.flatMap((item) => (item.kind === 'part' ? [item.part.sequence] : []))

/** Waits until `condition` holds; fails loudly when it does not within `withinMs`. */
export async function until(condition: () => boolean | Promise<boolean>, withinMs = 5_000): Promise<void> {
  const deadline = performance.now() + withinMs
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error('the condition was not met in time')
    await Bun.sleep(2)
  }
}
