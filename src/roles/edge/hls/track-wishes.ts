// Who asks for a track that is made on demand wakes the one who makes it: the stage hears of it on the Feed. There is no
// timer: a player that is there asks again and again, and what nobody asks for any more is forgotten by the stage.

import type { Clock } from '../../../base/clock.ts'
import type { SpaceId } from '../../../base/ids.ts'
import { type TracksWanted, wantedTopic } from '../../../core/space/facts.ts'
import type { Feed } from '../../../engine/ports.ts'

/** However many ask, the Feed is told once in this time. */
const WISH_EVERY_MS = 2_000
/** Spaces remembered; the one wished for longest ago is forgotten, and at worst told of once too often. */
const SPACES_MAX = 1_024

export class TrackWishes {
  readonly #feed: Feed
  readonly #clock: Clock
  readonly #toldAt = new Map<SpaceId, number>()

  constructor(options: { readonly feed: Feed; readonly clock: Clock }) {
    this.#feed = options.feed
    this.#clock = options.clock
  }

  /** Somebody has just asked for the AAC track of `space`. */
  wish(space: SpaceId): void {
    const now = this.#clock.now()
    const toldAt = this.#toldAt.get(space)
    if (toldAt !== undefined && now - toldAt < WISH_EVERY_MS) return
    this.#toldAt.delete(space)
    this.#toldAt.set(space, now)
    if (this.#toldAt.size > SPACES_MAX) this.#toldAt.delete(this.#toldAt.keys().next().value as SpaceId)
    const wanted: TracksWanted = { space, atMs: this.#clock.wall(), tracks: ['aac.mp4'] }
    this.#feed.publish(wantedTopic(space), wanted)
  }
}
