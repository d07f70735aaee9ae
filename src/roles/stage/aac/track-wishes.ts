// Which spaces have somebody who wants AAC, as edges tell on the Feed. Both stages listen, so that the one that takes
// over goes on with what the other one made.

import type { SpaceId } from '../../../base/ids.ts'
import { type WallMillis, wallMillis } from '../../../base/units.ts'
import { type TracksWanted, WANTED_FOR_MS } from '../../../core/space/facts.ts'

export class TrackWishes {
  readonly #until = new Map<SpaceId, WallMillis>()

  note({ space, atMs, tracks }: TracksWanted): void {
    const until = wallMillis(atMs + WANTED_FOR_MS)
    if (tracks.includes('aac.mp4') && until > (this.#until.get(space) ?? 0)) this.#until.set(space, until)
  }

  wants(space: SpaceId, now: WallMillis): boolean {
    return now < (this.#until.get(space) ?? 0)
  }

  /** Called now and then: spaces that nobody wants any more are not remembered. */
  forgetOld(now: WallMillis): void {
    for (const [space, until] of this.#until) if (until <= now) this.#until.delete(space)
  }
}
