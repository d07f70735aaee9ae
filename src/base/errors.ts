// The world failing: one class, one stable code for each decision that a caller can make.
// Foreign errors are translated into it once, where they enter, and kept as `cause`.

/** What a caller can decide by. `core/problem` maps each to one HTTP status. */
export type ErrorCode =
  | 'bad-request' // the words of the call are wrong; the same call will fail again
  | 'unauthorized' // no secret, cookie or token, or one that is not known (any more)
  | 'forbidden' // known, but not allowed to do this
  | 'withheld' // a recording that nobody may hear now, and perhaps may later
  | 'not-found'
  | 'gone' // was here once: a revoked link, an ended space
  | 'conflict' // the state changed under the caller, or does not allow this
  | 'fenced' // the caller's epoch is older than the log's: somebody else holds the space
  | 'too-large'
  | 'full' // no room for another listener now; a place in the line comes with it
  | 'too-many' // a limit by rate or count was met; try later
  | 'unsupported' // a media type or a format version that this program does not know
  | 'unavailable' // a role or a disk that should answer does not; try again
  | 'corrupt' // stored bytes that do not pass their checksum

/** An expected failure with a stable `code`; `message` is a sentence for the person who reads it. */
export class MimbarError extends Error {
  override name = 'MimbarError'
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options)
    this.code = code
  }
}

/** True when `error` is a {@link MimbarError} of that code. */
export function hasCode(error: unknown, code: ErrorCode): error is MimbarError {
  return error instanceof MimbarError && error.code === code
}
