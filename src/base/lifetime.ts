// What runs is built whole and ends once.

/** Something that was started by `await startX(options)`. */
export interface Running {
  /** Ends it and everything it owns. Idempotent; resolves when the last resource is let go. */
  stop(): Promise<void>
}
