// How commands speak to the running system: over its API, as the operator of this machine. Control leaves a token for
// that in the data folder, which only this user can read.

import { readFileSync } from 'node:fs'
import { MimbarError } from '../base/errors.ts'
import { nodePaths } from '../config.ts'
import type { Problem } from '../core/api/api.ts'
import { readConfig } from './settings.ts'

/** The longest that a call waits for somebody else is a webhook's answer, 5 s. */
const ANSWER_WITHIN_MS = 8_000

/** POSTs to the system that runs on this machine's data folder, by its own socket: the token leaves no machine. */
export function operatorCalls(flags: readonly string[]): <Answer>(path: string) => Promise<Answer> {
  const paths = nodePaths(readConfig(flags).data)
  const token = readOperatorToken(paths.operatorToken)
  return async <Answer>(path: string): Promise<Answer> => {
    const answer = await fetch(`http://control${path}`, {
      unix: paths.controlSocket,
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    }).catch((cause: unknown) => {
      throw notRunning(cause)
    })
    if (answer.status === 204) return undefined as Answer
    if (answer.ok) return (await answer.json()) as Answer
    const problem = (await answer.json().catch(() => undefined)) as Problem | undefined
    throw new MimbarError('unavailable', problem?.detail ?? `Mimbar answered ${answer.status}.`)
  }
}

function readOperatorToken(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (cause) {
    throw notRunning(cause)
  }
}

function notRunning(cause: unknown): MimbarError {
  const words = 'Mimbar does not run on this data folder. Start it first, or name its folder with --data.'
  return new MimbarError('unavailable', words, { cause })
}
