// The one retry helper: capped, jittered, growing.

import { type Millis, millis } from './units.ts'

export interface BackoffOptions {
  readonly firstMs: number
  readonly factor: number
  readonly maxMs: number
}

/** Quick for a neighbour that restarts, slow for one that stays away. */
export const NEIGHBOUR_BACKOFF: BackoffOptions = { firstMs: 50, factor: 1.6, maxMs: 1_000 }

/**
 * The wait before try `attempt` (0 is the first retry). `random` in [0, 1) spreads it over the upper half of
 * the step, so that a thousand callers that lost the same server do not come back in the same millisecond.
 */
export function backoffDelay(attempt: number, random: number, options: BackoffOptions): Millis {
  const step = Math.min(options.maxMs, options.firstMs * options.factor ** attempt)
  return millis(step * (0.5 + 0.5 * random))
}
