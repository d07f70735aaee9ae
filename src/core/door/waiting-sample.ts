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
  /** Nobody of them arrived before. */
  readonly from: WallMillis
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
  return { arrivals, weight: 1 / threshold, from }
}

/** How many of the crowd there are. */
export function sizeOf({ arrivals, weight }: WaitingCrowd): number {
  return Math.round(arrivals.length * weight)
}

/** So many of a sample tell how dense the crowd is round them; with fewer it would be chance. */
const TELLING = 16

/**
 * How many arrived before `at`. Told in full, it is a staircase that rises by one right after each arrival; of a sample,
 * a straight line over every few of its arrivals, beginning at `from`.
 */
export function countBefore(crowd: WaitingCrowd, at: WallMillis): number {
  const { arrivals, weight } = crowd
  let low = 0
  let high = arrivals.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((arrivals[middle] as number) < at) low = middle + 1
    else high = middle
  }
  if (weight === 1 || low === arrivals.length) return low * weight
  const { first, size, fromMs, toMs } = stretchOf(crowd, low)
  return (first + size * Math.max(0, (at - fromMs) / (toMs - fromMs))) * weight
}

/**
 * The latest moment before which at most `people` arrived, in the same sense. At least the first of them is let in when
 * `people` ≥ 1, together with whoever came in the same millisecond: a line that cannot be divided must not stand still.
 */
export function momentBefore(crowd: WaitingCrowd, people: number): WallMillis {
  const { arrivals, weight } = crowd
  const first = arrivals[0]
  if (first === undefined || people < 1) return first ?? wallMillis(0)
  const steps = people / weight
  const whole = Math.floor(steps)
  if (whole >= arrivals.length) return wallMillis((arrivals.at(-1) as number) + 1)
  if (weight === 1) return wallMillis(Math.max(first + 1, arrivals[whole] as number))
  const stretch = stretchOf(crowd, whole)
  const share = (steps - stretch.first) / stretch.size
  return wallMillis(stretch.fromMs + Math.ceil(share * (stretch.toMs - stretch.fromMs)))
}

/** In so many of its mean gaps before a sample's first arrival, somebody would have been seen. */
const EMPTY_GAPS = 5

/** The straight line that the sample's arrival number `index` lies on, from its first arrival on. */
function stretchOf(crowd: WaitingCrowd, index: number) {
  const { arrivals } = crowd
  const first = index - (index % TELLING)
  const end = Math.min(arrivals.length, first + TELLING)
  return {
    first,
    size: end - first,
    fromMs: first === 0 ? beginningOf(crowd, end) : (arrivals[first - 1] as number) + 1,
    toMs: (arrivals[end - 1] as number) + 1,
  }
}

/** Where the crowd begins: at `from`, unless nobody had come for a while after that. */
function beginningOf({ arrivals, from }: WaitingCrowd, end: number): number {
  const first = arrivals[0] as number
  const gapMs = ((arrivals[end - 1] as number) - first) / Math.max(1, end - 1)
  return gapMs === 0 ? from : Math.max(from, Math.floor(first - EMPTY_GAPS * gapMs))
}
