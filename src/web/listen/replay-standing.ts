// Whether there is a replay to be had, asked of the edge itself, which knows whatever else of the server is away.

import { PROBLEM_TYPE } from '../../core/problem/problem.ts'

/** `removed`: with its space. `unknown`: not now, or not ours to tell. */
export type ReplayStanding = 'there' | 'withheld' | 'removed' | 'unknown'

const ANSWER_WITHIN_MS = 8_000

/** Asks for the head of the replay's playlist; never throws. */
export async function askForReplay(url: string): Promise<ReplayStanding> {
  try {
    const signal = AbortSignal.timeout(ANSWER_WITHIN_MS)
    const answer = await fetch(url, { method: 'HEAD', cache: 'no-store', signal })
    if (isProblem(answer, 403)) return 'withheld'
    if (isProblem(answer, 404)) return 'removed'
    return answer.ok ? 'there' : 'unknown'
  } catch {
    return 'unknown'
  }
}

/** A problem of ours, and not the page of a proxy on the way that knows nothing of us. */
export function isProblem({ status, headers }: Response, expected: number): boolean {
  return status === expected && headers.get('content-type')?.startsWith(PROBLEM_TYPE) === true
}
