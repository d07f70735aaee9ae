// Whether somebody who stands at one edge's door comes in now. Order of precedence: who comes back, who was called, and
// who arrives while nobody waits. What an edge knows of the others may be a second old, so each has a quota of the node's
// room that nobody else counts on; what the others leave of theirs it takes only just after they have told of it.

import type { WallMillis } from '../../base/units.ts'
import type { NodeRoom } from './door-line.ts'

/** Who wants to come in. */
export type Joiner =
  | { readonly kind: 'new' }
  | { readonly kind: 'place'; readonly arrivedAtMs: WallMillis }
  | { readonly kind: 'return' }

/** How things stand at this edge. */
export interface DoorNow {
  /** Of this edge's share. */
  readonly streamsMax: number
  /** Likewise for who comes back, where it is known: more than for arrivals, as a neighbour may have died. */
  readonly returningMax?: number | undefined
  readonly taken: number
  readonly node: NodeRoom
  readonly cutoffMs: WallMillis
  /** Room that is kept for those who were called. */
  readonly called: number
  /** True while somebody waits anywhere. */
  readonly hasLine: boolean
  /** True while this edge is too late with what it owes to listeners. */
  readonly isLate: boolean
}

/** `line`: others come first · `full`: no room in the node · `full-here`: another edge has room · `late`. */
export type WaitReason = 'line' | 'full' | 'full-here' | 'late'

export type Verdict =
  | { readonly kind: 'room'; readonly isNear: boolean }
  | { readonly kind: 'wait'; readonly why: WaitReason }

/**
 * An edge may be this far above its share for people who were called (any edge may be the one that they reach) and
 * who return (their neighbours' edge may have died); a node above its room for the latter alone.
 */
export const OVERFLOW = 1.1

/** Older reports of other edges are no ground for taking more than one's quota. */
export const BORROW_FRESH_MS = 150
/** From here on the others have to know soon how many came in. */
const NEAR_SHARE = 0.5

export function judgeJoin(joiner: Joiner, door: DoorNow): Verdict {
  if (joiner.kind === 'return') return judgeReturn(door)
  if (door.isLate) return wait('late')
  const isCalled = joiner.kind === 'place' && joiner.arrivedAtMs < door.cutoffMs
  if (joiner.kind === 'place' && !isCalled) return wait('line')
  if (!isCalled && door.hasLine) return wait('line')
  const { node, taken, streamsMax } = door
  if (node.takenElsewhere + taken + (isCalled ? 0 : door.called) >= node.max) return wait('full')
  if (taken >= (isCalled ? overflowing(streamsMax) : streamsMax)) return wait('full-here')
  if (!isCalled && taken >= quotaOf(door) && node.toldAgoMs > BORROW_FRESH_MS) return wait('full-here')
  return { kind: 'room', isNear: isNear(door) }
}

function judgeReturn({ node, taken, streamsMax, returningMax }: DoorNow): Verdict {
  if (node.takenByPrompt + taken >= overflowing(node.max)) return wait('full')
  if (taken >= (returningMax ?? overflowing(streamsMax))) return wait('full-here')
  return { kind: 'room', isNear: true }
}

function isNear({ node, taken }: DoorNow): boolean {
  return node.takenElsewhere + taken + 1 >= node.max * NEAR_SHARE
}

/** What this edge may fill without asking. */
function quotaOf({ node, streamsMax }: DoorNow): number {
  return Math.min(streamsMax, Math.floor(node.max / node.edges))
}

const overflowing = (max: number): number => Math.ceil(max * OVERFLOW)

const wait = (why: WaitReason): Verdict => ({ kind: 'wait', why })
