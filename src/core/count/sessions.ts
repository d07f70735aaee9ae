// How many listen. A listener is a stream that an edge is delivering to: closed is gone at once, and a socket that
// has taken nothing for three seconds is not a listener, whatever TCP believes. Players that poll (HLS) hold no
// stream; who fetched within the last ten seconds counts.

/** A stream that took nothing for longer is not being delivered to. */
export const BLOCKED_COUNTED_MS = 3_000
/** A poller of playlists counts for this long after its last request: five segments' time. */
export const POLLER_COUNTED_MS = 10_000
/** Pollers remembered per space; beyond it the one seen longest ago is forgotten. */
export const POLLERS_MAX = 20_000

/** True when a stream whose socket has been full for `blockedMs` (0: it takes) counts as a listener. */
export function isListening(blockedMs: number): boolean {
  return blockedMs <= BLOCKED_COUNTED_MS
}

/** Who polls one space's playlists, by a key that stands for one player. */
export class PollerBook {
  /** In the order of the last request, so that the oldest are first. */
  readonly #seenAt = new Map<string, number>()

  saw(key: string, nowMs: number): void {
    this.#seenAt.delete(key)
    this.#seenAt.set(key, nowMs)
    if (this.#seenAt.size > POLLERS_MAX) this.#seenAt.delete(this.#seenAt.keys().next().value as string)
  }

  /** True for who counts now. */
  has(key: string, nowMs: number): boolean {
    const seenAt = this.#seenAt.get(key)
    return seenAt !== undefined && nowMs - seenAt <= POLLER_COUNTED_MS
  }

  /** Forgets who was last seen too long ago, and counts the others. */
  count(nowMs: number): number {
    for (const [key, seenAt] of this.#seenAt) {
      if (nowMs - seenAt <= POLLER_COUNTED_MS) break
      this.#seenAt.delete(key)
    }
    return this.#seenAt.size
  }
}
