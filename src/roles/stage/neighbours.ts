// The other stages, as their heartbeats tell: who is there, in which order they should take a space, and which
// spaces one of them has just let go.

import type { SpaceId, StageId } from '../../base/ids.ts'
import type { WallMillis } from '../../base/units.ts'
import { rendezvousOrder } from '../../core/custody/rendezvous.ts'
import type { StageHeartbeat } from '../../core/space/facts.ts'
import { isFresh } from '../../core/space/freshness.ts'

/** Latest heartbeat of every other stage. */
export class Neighbours {
  readonly #self: StageId
  readonly #heartbeats = new Map<StageId, StageHeartbeat>()

  constructor(self: StageId) {
    this.#self = self
  }

  /** Notes a heartbeat; answers the spaces that its sender has let go. */
  note(heartbeat: StageHeartbeat): readonly SpaceId[] {
    if (heartbeat.stage === this.#self) return []
    this.#heartbeats.set(heartbeat.stage, heartbeat)
    return heartbeat.leaving ?? []
  }

  /** How many stages should take `space` before this one: 0 means that it is ours to take. */
  rankFor(space: SpaceId, now: WallMillis): number {
    const taking: StageId[] = [this.#self]
    for (const [stage, { atMs, accepts, leaving }] of this.#heartbeats) {
      if (!isFresh(atMs, now)) this.#heartbeats.delete(stage)
      else if (accepts && leaving === undefined) taking.push(stage)
    }
    return rendezvousOrder(space, taking).indexOf(this.#self)
  }
}
