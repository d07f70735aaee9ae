// How long control waits for others before it says so. Settable, because a test of impatience should not take long.

export interface Patience {
  /** For an engine that does not answer: a log role that restarts is back within it. */
  readonly engineMs: number
  /** For a stage to take an offer: a standby has a dead stage's spaces within a second. */
  readonly stageMs: number
  /** For the whole body of a request, however it trickles. */
  readonly bodyMs: number
}

export const PATIENCE: Patience = { engineMs: 2_000, stageMs: 3_000, bodyMs: 5_000 }
