// Millions of durations in a few hundred numbers: buckets that are exact to 1 ms up to 64 ms and within 1/32 of the
// value above (the log-linear scheme of HdrHistogram). Histograms of several processes add up without loss, which
// percentiles do not.

import { assert } from '../../base/assert.ts'

/** Buckets in each doubling; the error of a percentile is at most one of them. */
const STEPS = 32
const EXACT_BELOW_MS = 2 * STEPS
/** Some 36 minutes. Longer values are counted as this long. */
export const HISTOGRAM_MS_MAX = 2 ** 21 - 1
const BUCKETS = bucketOf(HISTOGRAM_MS_MAX) + 1

/** Only the buckets that hold something, as pairs laid end to end: bucket, count, bucket, count … */
export type SparseHistogram = readonly number[]

/** Counts of durations in whole ms. Bounded: some 500 buckets, whatever is recorded. */
export class DurationHistogram {
  readonly #counts = new Float64Array(BUCKETS)
  #count = 0
  #maxMs = 0

  get count(): number {
    return this.#count
  }

  /** Upper bound of the largest value's bucket, or the value itself where it was recorded here; 0 without values. */
  get maxMs(): number {
    return this.#maxMs
  }

  /** Adds one value; below 0 counts as 0. */
  record(ms: number): void {
    const value = Math.min(HISTOGRAM_MS_MAX, Math.max(0, Math.round(ms)))
    const bucket = bucketOf(value)
    this.#counts[bucket] = (this.#counts[bucket] as number) + 1
    this.#count += 1
    if (value > this.#maxMs) this.#maxMs = value
  }

  /** The value that `share` (0…1) of all values do not exceed, as its bucket's upper bound; `undefined` without values. */
  percentile(share: number): number | undefined {
    if (this.#count === 0) return undefined
    const rank = Math.max(1, Math.ceil(share * this.#count))
    let seen = 0
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      seen += this.#counts[bucket] as number
      if (seen >= rank) return Math.min(upperBoundOf(bucket), this.#maxMs)
    }
    return this.#maxMs
  }

  /** How many values were above `ms`, to the precision of its bucket: a value in the same bucket is not above. */
  countAbove(ms: number): number {
    let above = 0
    for (let bucket = bucketOf(Math.min(HISTOGRAM_MS_MAX, ms)) + 1; bucket < BUCKETS; bucket++) {
      above += this.#counts[bucket] as number
    }
    return above
  }

  /** Adds all values of another one. */
  add(other: SparseHistogram): void {
    assert(other.length % 2 === 0, 'a sparse histogram is pairs')
    for (let i = 0; i < other.length; i += 2) {
      const bucket = other[i] as number
      const count = other[i + 1] as number
      assert(bucket >= 0 && bucket < BUCKETS && count >= 0, 'a sparse histogram has known buckets')
      if (count === 0) continue
      this.#counts[bucket] = (this.#counts[bucket] as number) + count
      this.#count += count
      this.#maxMs = Math.max(this.#maxMs, upperBoundOf(bucket))
    }
  }

  toSparse(): SparseHistogram {
    const pairs: number[] = []
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      const count = this.#counts[bucket] as number
      if (count > 0) pairs.push(bucket, count)
    }
    return pairs
  }

  /** Forgets everything. */
  clear(): void {
    this.#counts.fill(0)
    this.#count = 0
    this.#maxMs = 0
  }

  /** The points of the cumulative curve: which share of all values is at most how long. */
  curve(): readonly (readonly [ms: number, share: number])[] {
    const points: [number, number][] = []
    let seen = 0
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      const count = this.#counts[bucket] as number
      if (count === 0) continue
      seen += count
      points.push([Math.min(upperBoundOf(bucket), this.#maxMs), seen / this.#count])
    }
    return points
  }
}

/** Values below 64 have a bucket each; above, each doubling has 32. */
function bucketOf(value: number): number {
  const whole = Math.max(0, Math.round(value))
  if (whole < EXACT_BELOW_MS) return whole
  const doubling = 31 - Math.clz32(whole) // 6 for 64…127
  const within = (whole >>> (doubling - 5)) - STEPS
  return EXACT_BELOW_MS + (doubling - 6) * STEPS + within
}

function upperBoundOf(bucket: number): number {
  if (bucket < EXACT_BELOW_MS) return bucket
  const above = bucket - EXACT_BELOW_MS
  const shift = Math.floor(above / STEPS) + 1
  return (STEPS + (above % STEPS) + 1) * 2 ** shift - 1
}
