// `?from=<epoch>.<next sequence>`: where a listener who drops comes back.

import { MimbarError } from '../../base/errors.ts'
import { epoch, sequence } from '../../base/units.ts'
import type { ResumePoint } from '../stream/notes.ts'

const RESUME_POINT = /^(0|[1-9][0-9]{0,9})\.(0|[1-9][0-9]{0,14})$/

/** Parses the query's value; nothing given is nothing asked. Throws `bad-request` on anything else. */
export function parseResumePoint(text: string | null): ResumePoint | undefined {
  if (text === null) return undefined
  const match = RESUME_POINT.exec(text)
  if (match === null) {
    throw new MimbarError('bad-request', '`from` is <epoch>.<sequence>, such as from=3.18400.')
  }
  return { epoch: epoch(Number(match[1])), next: sequence(Number(match[2])) }
}
