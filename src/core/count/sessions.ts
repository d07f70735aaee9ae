// Who listens. A listener is a stream that an edge is delivering to: closed is gone at once, and a socket that has
// taken nothing for three seconds is not a listener, whatever TCP believes. Players that poll (HLS) hold no stream; who
// fetched within the last ten seconds counts, from the first piece of media on, or the second playlist: a link preview
// that looks at one playlist is nobody.

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

interface Poller {
  seenAt: number
  isCounted: boolean
}

/** Who polls one space's playlists and fetches its media, by a key that stands for one player; no key is nobody. */
export class PollerBook {
  /** In the order of the last request, so that the oldest are first. */
  readonly #pollers = new Map<string, Poller>()
  #counted = 0

  /** It was answered a playlist; the second in a row makes it a listener. */
  saw(key: string, nowMs: number): void {
    this.#note(key, nowMs, (isKnown) => isKnown)
  }

  /** It was answered a piece of media. True when that made it a listener. */
  sawMedia(key: string, nowMs: number): boolean {
    return this.#note(key, nowMs, () => true)
  }

  /** It has asked, and waits for the answer: it is still there, and that is not a further request. */
  holds(key: string, nowMs: number): void {
    if (this.#pollers.has(key)) this.#note(key, nowMs, () => false)
  }

  /** Forgets who was last seen too long ago, and counts the listeners among the others. */
  count(nowMs: number): number {
    for (const [key, { seenAt }] of this.#pollers) {
      if (nowMs - seenAt <= POLLER_COUNTED_MS) break
      this.#forget(key)
    }
    return this.#counted
  }

  #note(key: string, nowMs: number, counts: (isKnown: boolean) => boolean): boolean {
    if (key === '') return false
    const known = this.#pollers.get(key)
    const isKnown = known !== undefined && nowMs - known.seenAt <= POLLER_COUNTED_MS
    const wasCounted = isKnown && known.isCounted
    this.#forget(key)
    const isCounted = wasCounted || counts(isKnown)
    this.#pollers.set(key, { seenAt: nowMs, isCounted })
    if (isCounted) this.#counted += 1
    if (this.#pollers.size > POLLERS_MAX) this.#forget(this.#pollers.keys().next().value as string)
    return isCounted && !wasCounted
  }

  #forget(key: string): void {
    if (this.#pollers.get(key)?.isCounted) this.#counted -= 1
    this.#pollers.delete(key)
  }
}
