// How a client reaches the engine: requests with a deadline, and streams that are cut when they fall silent.

import { type ErrorCode, MimbarError } from '../../../base/errors.ts'
import type { Problem } from '../../../core/api/api.ts'

export interface EngineTarget {
  /** Either this … */
  readonly socketPath?: string
  /** … or `http://host:port` with the token. */
  readonly url?: string
  readonly token?: string
}

/** An engine that has not answered by then is as good as dead. */
const ANSWER_WITHIN_MS = 3_000
/** Streams carry something at least once a second. */
const SILENCE_MS_MAX = 3_000

const CODES: ReadonlySet<string> = new Set<ErrorCode>([
  'bad-request',
  'unauthorized',
  'forbidden',
  'not-found',
  'gone',
  'conflict',
  'fenced',
  'too-large',
  'too-many',
  'unsupported',
  'unavailable',
  'corrupt',
])

export class EngineConnection {
  readonly #target: EngineTarget
  readonly #closed = new AbortController()

  constructor(target: EngineTarget) {
    this.#target = target
  }

  /** Aborted by {@link close}. */
  get signal(): AbortSignal {
    return this.#closed.signal
  }

  close(): void {
    this.#closed.abort()
  }

  /** One request and its whole answer; throws what the engine threw, or `unavailable`. */
  async call(method: string, path: string, body?: Uint8Array | string): Promise<unknown> {
    const deadline = new AbortController()
    const timer = setTimeout(() => deadline.abort(), ANSWER_WITHIN_MS)
    const abort = () => deadline.abort()
    this.signal.addEventListener('abort', abort)
    try {
      const response = await this.#fetch(method, path, deadline.signal, body)
      return response.status === 204 ? undefined : await response.json()
    } catch (error) {
      throw translated(error)
    } finally {
      clearTimeout(timer)
      this.signal.removeEventListener('abort', abort)
    }
  }

  /**
   * The chunks of a streamed answer, until it ends, `signal` is aborted, or nothing has come for 3 s
   * (`unavailable`). A connection that breaks throws `unavailable`, too.
   */
  async *stream(path: string, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    const end = new AbortController()
    const abort = () => end.abort()
    const ending = [this.signal, ...(signal === undefined ? [] : [signal])]
    if (ending.some((one) => one.aborted)) return
    for (const one of ending) one.addEventListener('abort', abort)
    let timer = setTimeout(abort, ANSWER_WITHIN_MS)
    try {
      const response = await this.#fetch('GET', path, end.signal)
      const reader = (response.body as ReadableStream<Uint8Array>).getReader()
      for (;;) {
        clearTimeout(timer)
        // Armed only while we wait: a slow consumer of ours is no silence of theirs.
        timer = setTimeout(abort, SILENCE_MS_MAX)
        const { done, value } = await reader.read()
        clearTimeout(timer)
        if (done) return
        yield value
      }
    } catch (error) {
      if (!signal?.aborted) throw translated(error)
    } finally {
      clearTimeout(timer)
      for (const one of ending) one.removeEventListener('abort', abort)
      end.abort()
    }
  }

  async #fetch(
    method: string,
    path: string,
    signal: AbortSignal,
    body?: Uint8Array | string,
  ): Promise<Response> {
    if (this.signal.aborted) throw new MimbarError('unavailable', 'This client was stopped.')
    const { socketPath, url = 'http://engine', token } = this.#target
    const response = await fetch(`${url}${path}`, {
      method,
      signal,
      ...(body === undefined ? {} : { body }),
      ...(token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } }),
      ...(socketPath === undefined ? {} : { unix: socketPath }),
      // Bun's own limits would cut a stream that is merely long.
      timeout: false,
    } as RequestInit)
    if (response.ok) return response
    throw errorOf((await response.json()) as Problem)
  }
}

/** What the engine threw, from the problem it sent. A code that is not ours is a bug on its side. */
export function errorOf(problem: Problem): MimbarError {
  const code = CODES.has(problem.code) ? (problem.code as ErrorCode) : 'unavailable'
  return new MimbarError(code, problem.detail)
}

function translated(error: unknown): MimbarError {
  if (error instanceof MimbarError) return error
  return new MimbarError('unavailable', 'The engine does not answer.', { cause: error })
}
