// The one table from error codes to HTTP, used by control and edges alike.

import { type ErrorCode, MimbarError } from '../../base/errors.ts'
import type { Problem } from '../api/api.ts'

const HTTP: Readonly<Record<ErrorCode, readonly [status: number, title: string]>> = {
  'bad-request': [400, 'The request cannot be understood'],
  unauthorized: [401, 'A valid link or token is needed'],
  forbidden: [403, 'Not allowed'],
  withheld: [403, 'Withheld'],
  'not-found': [404, 'Not found'],
  gone: [410, 'No longer here'],
  conflict: [409, 'Not possible now'],
  fenced: [409, 'Somebody else holds this'],
  'too-large': [413, 'Too large'],
  full: [503, 'No room right now'],
  'too-many': [429, 'Too many'],
  unsupported: [415, 'Not supported'],
  unavailable: [503, 'Not available right now'],
  corrupt: [500, 'Stored data is damaged'],
}

/** Media type of RFC 9457, section 3. */
export const PROBLEM_TYPE = 'application/problem+json'

/**
 * The problem document for any thrown value. Only a {@link MimbarError} tells its message; everything else is
 * a bug, and its words stay in our own log.
 */
export function problemOf(error: unknown): Problem {
  if (!(error instanceof MimbarError)) {
    return {
      type: 'about:blank',
      title: 'Something broke on our side',
      status: 500,
      code: 'internal',
      detail: 'The cause is in the log of this server.',
    }
  }
  const [status, title] = HTTP[error.code]
  return { type: `urn:mimbar:problem:${error.code}`, title, status, code: error.code, detail: error.message }
}
