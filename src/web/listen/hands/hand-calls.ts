// What a page asks the public door about its hand. Expected failures come back as values.

import type { HandStanding, RaisedHand } from '../../../core/api/api.ts'
import { problemFrom } from '../../api/call.ts'

export type Asked<T> =
  | { readonly kind: 'done'; readonly value: T }
  /** No answer, or an overloaded server: worth asking again. */
  | { readonly kind: 'trouble'; readonly retryAfterMs: number }
  /** Nobody knows of this hand any more. */
  | { readonly kind: 'gone' }
  | { readonly kind: 'full' }
  | { readonly kind: 'closed' }
  | { readonly kind: 'refused'; readonly why: string }

const ANSWER_WITHIN_MS = 8_000

export class HandCalls {
  readonly #path: string

  constructor(space: string) {
    this.#path = `/api/v1/spaces/${space}/hands`
  }

  raise(name: string): Promise<Asked<RaisedHand>> {
    const headers = { 'content-type': 'application/json' }
    return ask(this.#path, { method: 'POST', headers, body: JSON.stringify({ name }) })
  }

  standing({ hand, token }: { readonly hand: string; readonly token: string }): Promise<Asked<HandStanding>> {
    return ask(`${this.#path}/${hand}`, { headers: { authorization: `Bearer ${token}` } })
  }

  /** Also when the page goes. What does not arrive is noticed by the silence that follows. */
  async lower({ hand, token }: { readonly hand: string; readonly token: string }): Promise<void> {
    const headers = { authorization: `Bearer ${token}` }
    await ask(`${this.#path}/${hand}`, { method: 'DELETE', headers, keepalive: true })
  }
}

async function ask<T>(url: string, init: RequestInit): Promise<Asked<T>> {
  try {
    const signal = AbortSignal.timeout(ANSWER_WITHIN_MS)
    const response = await fetch(url, { ...init, cache: 'no-store', signal })
    if (response.ok) {
      const text = await response.text()
      return { kind: 'done', value: (text === '' ? undefined : JSON.parse(text)) as T }
    }
    const { code, detail } = await problemFrom(response)
    const retryAfterMs = Number(response.headers.get('retry-after') ?? 0) * 1_000
    switch (code) {
      case 'gone':
      case 'not-found':
        return { kind: 'gone' }
      case 'conflict':
        return { kind: 'closed' }
      case 'too-many':
        return (init.method ?? 'GET') === 'GET' ? { kind: 'trouble', retryAfterMs } : { kind: 'full' }
      case 'bad-request':
        return { kind: 'refused', why: detail }
      default:
        return { kind: 'trouble', retryAfterMs }
    }
  } catch {
    // A fetch that fails says nothing about why, by design of the web.
    return { kind: 'trouble', retryAfterMs: 0 }
  }
}
