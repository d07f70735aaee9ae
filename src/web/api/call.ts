// Calls to `/api/v1` from a page. What can be expected to go wrong comes back as a value, because each caller
// has something else to say about it; nothing here throws.

import type { Problem } from '../../core/api/api.ts'
import { words } from './messages.en.ts'

export type Answer<T> =
  | { readonly kind: 'done'; readonly value: T }
  /** The server understood and said no, or is in trouble and says so. */
  | { readonly kind: 'refused'; readonly problem: Problem }
  /** No answer: no network, or no server behind it. */
  | { readonly kind: 'unreachable' }

export interface CallOptions {
  /** Sent as JSON. */
  readonly body?: unknown
  /** Sent as it is, instead of JSON. */
  readonly file?: Blob
  /** Lets the request finish after the page has gone. */
  readonly keepalive?: boolean
  /** For who has no cookie yet. */
  readonly bearer?: string | undefined
}

/** A control that has not answered by then is as good as gone. */
const ANSWER_WITHIN_MS = 8_000

/** Calls `method path`; `T` is the type that the API's table gives to the answer, `undefined` for 204. */
export async function call<T>(method: string, path: string, options: CallOptions = {}): Promise<Answer<T>> {
  try {
    const response = await fetch(path, {
      method,
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      cache: 'no-store',
      ...(options.keepalive === undefined ? {} : { keepalive: options.keepalive }),
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
      ...(options.file === undefined ? {} : { body: options.file }),
      headers: {
        ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(options.bearer === undefined ? {} : { authorization: `Bearer ${options.bearer}` }),
      },
    })
    if (!response.ok) return { kind: 'refused', problem: await problemFrom(response) }
    const text = await response.text()
    return { kind: 'done', value: (text === '' ? undefined : JSON.parse(text)) as T }
  } catch {
    // A fetch that fails says nothing about why, by design of the web; all of it is "no answer" to a person.
    return { kind: 'unreachable' }
  }
}

/**
 * The problem document of a failed response; one is made up when something in between answered instead. Its detail is
 * for people, in the page's language.
 */
export async function problemFrom(response: Response): Promise<Problem> {
  try {
    const problem = (await response.json()) as Partial<Problem>
    if (typeof problem.code === 'string' && typeof problem.detail === 'string') {
      return { ...(problem as Problem), detail: sayRefusal(problem.code, problem.detail) }
    }
  } catch {
    // Not JSON: a proxy's own error page. Its status is all that can be told.
  }
  const detail = sayRefusal('internal', `The server answered with status ${response.status}.`)
  return {
    type: 'about:blank',
    title: response.statusText,
    status: response.status,
    code: 'internal',
    detail,
  }
}

function sayRefusal(code: string, detail: string): string {
  return Object.hasOwn(words, code) ? words[code as keyof typeof words](detail) : detail
}

/** True when the server does not know this person (any more), rather than being in trouble itself. */
export function isStranger(answer: Answer<unknown>): boolean {
  return answer.kind === 'refused' && [401, 404, 410].includes(answer.problem.status)
}
