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
  hasMedia: boolean
}

/** Who polls one space's playlists and fetches its media, by a key that stands for one player; no key is nobody. */
export class PollerBook {
  /** In the order of the last request, so that the oldest are first. */
  readonly #pollers = new Map<string, Poller>()
  #counted = 0

  /** It asked for a playlist; the second in a row makes it a listener. */
  saw(key: string, nowMs: number): void {
    const known = this.#known(key, nowMs)
    this.#keep(key, { seenAt: nowMs, isCounted: known !== undefined, hasMedia: known?.hasMedia ?? false })
  }

  /** True for who was here of late, whether it counts already or not. */
  has(key: string, nowMs: number): boolean {
    return this.#known(key, nowMs) !== undefined
  }

  /** It asked for the playlist that comes after one that it has: it listens already. */
  sawReload(key: string, nowMs: number): void {
    const hasMedia = this.#known(key, nowMs)?.hasMedia ?? false
    this.#keep(key, { seenAt: nowMs, isCounted: true, hasMedia })
  }

  /** It was given a piece of media, and listens. True for the first piece. */
  sawMedia(key: string, nowMs: number): boolean {
    const isFirst = !this.#known(key, nowMs)?.hasMedia
    this.#keep(key, { seenAt: nowMs, isCounted: true, hasMedia: true })
    return isFirst && key !== ''
  }

  /** Forgets who was last seen too long ago, and counts the listeners among the others. */
  count(nowMs: number): number {
    for (const [key, { seenAt }] of this.#pollers) {
      if (nowMs - seenAt <= POLLER_COUNTED_MS) break
      this.#forget(key)
    }
    return this.#counted
  }

  #known(key: string, nowMs: number): Poller | undefined {
    const poller = this.#pollers.get(key)
    return poller !== undefined && nowMs - poller.seenAt <= POLLER_COUNTED_MS ? poller : undefined
  }

  #keep(key: string, poller: Poller): void {
    if (key === '') return
    this.#forget(key)
    this.#pollers.set(key, poller)
    if (poller.isCounted) this.#counted += 1
    if (this.#pollers.size > POLLERS_MAX) this.#forget(this.#pollers.keys().next().value as string)
  }

  #forget(key: string): void {
    if (this.#pollers.get(key)?.isCounted) this.#counted -= 1
    this.#pollers.delete(key)
  }
}
