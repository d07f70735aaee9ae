// Hold: something went wrong, and one press takes everyone off air. Listeners hear "We'll be right back"; on stage
// people go on hearing each other. It is desired state like any other, so neither a takeover nor a restart ends it.

import { MimbarError } from '../../base/errors.ts'
import type { WallMillis } from '../../base/units.ts'
import type { SpacePhase } from './facts.ts'

/** The part of a space's facts that a hold is made of. */
export interface Holdable {
  readonly phase: SpacePhase
  readonly heldSinceMs?: WallMillis
}

/** The space held from `now` on; one that is held stays so. `conflict` before the start, `gone` after the end. */
export function holdSpace<S extends Holdable>(space: S, now: WallMillis): S {
  requireLive(space, 'held')
  return space.heldSinceMs === undefined ? { ...space, heldSinceMs: now } : space
}

/** The space back on air; one that is not held stays as it is. `conflict` before the start, `gone` after the end. */
export function resumeSpace<S extends Holdable>(space: S): S {
  requireLive(space, 'resumed')
  if (space.heldSinceMs === undefined) return space
  const { heldSinceMs: _, ...rest } = space
  return rest as S
}

function requireLive({ phase }: Holdable, what: string): void {
  if (phase === 'live') return
  if (phase === 'ended') throw new MimbarError('gone', 'This space has ended.')
  throw new MimbarError('conflict', `Only a space that is on air can be ${what}.`)
}
