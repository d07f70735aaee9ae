// Who waits, told in a bounded report that adds up. A place is shown at whichever edge its holder happens to reach,
// so plain numbers would count it twice. Each edge tells the ids whose rank is below a threshold of its own; ranks are
// random and the same everywhere, so what is below the lowest threshold is a fair sample of everyone who waits,
// without repeats (a theta sketch). With few who wait, nothing is left out, and every number is exact.

import { type WallMillis, wallMillis } from '../../base/units.ts'
import { rankOf } from './ticket.ts'

/** Places in one report, at most: some 6 KB of JSON. */
export const SAMPLE_PLACES_MAX = 256

/** Places whose rank is below `threshold` (1: all of them), as one edge reports them. */
export interface WaitingSample {
  readonly threshold: number
  /** The id's first eight characters, and the arrival. */
  readonly places: readonly (readonly [id: string, arrivedAtMs: number])[]
}

export const NOBODY_WAITS: WaitingSample = { threshold: 1, places: [] }

/** Everyone who waits, as far as the reports tell. */
export interface WaitingCrowd {
  /** In ascending order. Each of them stands for `weight` people. */
  readonly arrivals: readonly WallMillis[]
  readonly weight: number
}

/** One crowd from the samples of all edges: those who arrived at `from` or later. */
export function gatherCrowd(samples: Iterable<WaitingSample>, from: WallMillis): WaitingCrowd {
  const all = [...samples]
  const threshold = all.reduce((least, sample) => Math.min(least, sample.threshold), 1)
  const arrivedAt = new Map<string, number>()
  for (const { places } of all) {
    for (const [id, at] of places) if (at >= from && rankOf(id) < threshold) arrivedAt.set(id, at)
  }
  const arrivals = [...arrivedAt.values()].sort((a, b) => a - b).map(wallMillis)
  return { arrivals, weight: 1 / threshold }
}

/** How many of the crowd there are. */
export function sizeOf({ arrivals, weight }: WaitingCrowd): number {
  return Math.round(arrivals.length * weight)
}

/** How many arrived before `at`: a staircase that rises by `weight` right after each arrival. */
export function countBefore({ arrivals, weight }: WaitingCrowd, at: WallMillis): number {
  let low = 0
  let high = arrivals.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((arrivals[middle] as number) < at) low = middle + 1
    else high = middle
  }
  return low * weight
}

/**
 * The latest moment before which at most `people` arrived; where the sample is thin, a straight line between two of
 * its arrivals. At least the first of them is let in when `people` ≥ 1, together with whoever came in the same
 * millisecond: a line that cannot be divided must not stand still.
 */
export function momentBefore(crowd: WaitingCrowd, people: number): WallMillis {
  const { arrivals, weight } = crowd
  const first = arrivals[0]
  if (first === undefined || people < 1) return first ?? wallMillis(0)
  const steps = people / weight
  const whole = Math.floor(steps)
  const last = arrivals.at(-1) as WallMillis
  if (whole >= arrivals.length) return wallMillis(last + 1)
  const at = arrivals[whole] as WallMillis
  const next = arrivals[whole + 1] ?? wallMillis(at + 1)
  const within = weight > 1 ? (steps - whole) * (next - at) : 0
  return wallMillis(Math.max(first + 1, Math.floor(at + within)))
}
