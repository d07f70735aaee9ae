// Bugs throw here: the role that meets one restarts, and the log is the truth.

/** A promise of the code that did not hold. Never caught to be ignored; the role ends and is restarted. */
export class AssertionError extends Error {
  override name = 'AssertionError'
}

/** Throws {@link AssertionError} with `claim` unless `condition` holds. */
export function assert(condition: unknown, claim: string): asserts condition {
  if (!condition) throw new AssertionError(claim)
}

/** For the default branch of a switch over a union: the compiler proves that it is never reached. */
export function assertNever(value: never, claim: string): never {
  throw new AssertionError(`${claim}: ${String(value)}`)
}
