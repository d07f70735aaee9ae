// Rates, by key: each key has a bucket that fills at a rate up to a burst, and what is done takes from it. Memory is
// bounded: when full, the bucket used longest ago goes, which is the one that has filled up most.

/** What one key may do. */
export interface BucketBudget {
  readonly perSecond: number
  /** At once, after a quiet while. */
  readonly burst: number
}

interface Bucket {
  tokens: number
  atMs: number
}

/** `now` is any clock in ms that does not go back. */
export class TokenBuckets {
  readonly #keysMax: number
  /** In the order of their last use. */
  readonly #buckets = new Map<string, Bucket>()

  constructor(keysMax: number) {
    this.#keysMax = keysMax
  }

  get size(): number {
    return this.#buckets.size
  }

  /** Takes one token for `key` if there is one; answers 0 then, else how long until there is, in ms. */
  take(key: string, budget: BucketBudget, now: number): number {
    const bucket = this.#buckets.get(key) ?? { tokens: budget.burst, atMs: now }
    const filled = bucket.tokens + (Math.max(0, now - bucket.atMs) * budget.perSecond) / 1_000
    bucket.tokens = Math.min(budget.burst, filled)
    bucket.atMs = now
    this.#buckets.delete(key)
    this.#buckets.set(key, bucket)
    if (this.#buckets.size > this.#keysMax) this.#buckets.delete(this.#buckets.keys().next().value as string)
    if (bucket.tokens >= 1) {
      bucket.tokens -= 1
      return 0
    }
    if (budget.perSecond <= 0) return Number.POSITIVE_INFINITY
    return Math.ceil(((1 - bucket.tokens) / budget.perSecond) * 1_000)
  }
}
