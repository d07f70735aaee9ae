// Who was turned away: refused, and not in half a minute later. A refusal alone is no failure, since players try again;
// so who was refused is remembered until it has got in, or has given up trying.

/** Who has not tried again for this long was turned away. */
export const REFUSED_KEPT_MS = 30_000
/** Remembered per space; beyond it the one refused longest ago counts at once. */
export const REFUSED_MAX = 10_000

/** The refused of one space at one edge, by a key that stands for one device. */
export class RefusalBook {
  /** In the order of the last refusal. */
  readonly #refusedAt = new Map<string, number>()
  #turnedAway = 0

  refused(key: string, nowMs: number): void {
    this.#refusedAt.delete(key)
    this.#refusedAt.set(key, nowMs)
    if (this.#refusedAt.size > REFUSED_MAX) this.#settle(this.#refusedAt.keys().next().value as string)
  }

  /** It listens after all. */
  admitted(key: string): void {
    this.#refusedAt.delete(key)
  }

  /** How many were turned away so far. */
  turnedAway(nowMs: number): number {
    for (const [key, refusedAt] of this.#refusedAt) {
      if (nowMs - refusedAt <= REFUSED_KEPT_MS) break
      this.#settle(key)
    }
    return this.#turnedAway
  }

  #settle(key: string): void {
    this.#refusedAt.delete(key)
    this.#turnedAway += 1
  }
}
