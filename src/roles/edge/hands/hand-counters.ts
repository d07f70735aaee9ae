// What became of requests about hands, for the metrics.

export interface HandCounters {
  /** Answered by control, whatever it said. */
  passed: number
  /** Refused by the edge alone. */
  refused: number
  /** Control did not answer, or had too much to do. */
  failed: number
}

export const newHandCounters = (): HandCounters => ({ passed: 0, refused: 0, failed: 0 })
