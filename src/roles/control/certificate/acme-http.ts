// The ACME library's way to the network, in place of its own: every request has a time limit and a bounded answer,
// and every failure becomes one of ours where it enters, with what the authority said about coming back. The library
// keeps one exception to itself: an answer of `badNonce`, which it repeats with the nonce that came with it.

import type { axios } from 'acme-client'
import { type ErrorCode, MimbarError } from '../../../base/errors.ts'

/** An authority may think for a while before it signs; longer than this, it is gone. */
const ANSWER_WITHIN_MS = 30_000
/** Chains are a few KB. */
const ANSWER_BYTES_MAX = 256 * 1024
const USER_AGENT = 'Mimbar (acme-client)'
/** Prefix of problem types (RFC 8555, section 6.7). */
const PROBLEM_PREFIX = 'urn:ietf:params:acme:error:'

/** How the library asks: a function in place of the HTTP part of axios. */
export type AcmeAdapter = Extract<typeof axios.defaults.adapter, (config: never) => unknown>

/** A certificate was not obtained; `message` says why, and what the operator can do. */
export class AcmeFailure extends MimbarError {
  override name = 'AcmeFailure'
  /** When the authority wants to hear of us again; 0 when it did not say. */
  readonly retryAfterMs: number
  /** The authority's own word for it (RFC 8555, section 6.7, without the prefix); empty when it said none. */
  readonly problem: string

  constructor(code: ErrorCode, message: string, options: AcmeFailureOptions = {}) {
    super(code, message, options)
    this.retryAfterMs = options.retryAfterMs ?? 0
    this.problem = options.problem ?? ''
  }
}

interface AcmeFailureOptions {
  readonly cause?: unknown
  readonly retryAfterMs?: number
  readonly problem?: string
}

/**
 * Trusts `root` (PEM) instead of the usual authorities, unless it is empty. Requests end with `signal`. Throws `AcmeFailure`: `too-many` when a rate limit was met, `forbidden` when the
 * authority refuses what was asked, `unavailable` for everything that may pass. `onRetryAfter` hears of each answer
 * how long the authority asks to wait (0: it does not).
 */
export function acmeAdapter(
  root: string,
  signal: AbortSignal,
  onRetryAfter: (ms: number) => void,
): AcmeAdapter {
  const tls = root === '' ? {} : { tls: { ca: root } }
  return async (config) => {
    const url = config.url ?? ''
    const { host } = new URL(url)
    const answer = await ask(url, config.method ?? 'get', config.data as string | undefined, {
      ...tls,
      signal,
    }).catch((cause) => {
      const why = cause instanceof Error ? cause.message : String(cause)
      throw new AcmeFailure('unavailable', `The certificate authority ${host} cannot be reached: ${why}`, {
        cause,
      })
    })
    const { status, headers, text } = answer
    const retryAfterMs = readRetryAfter(headers.get('retry-after'), Date.now())
    onRetryAfter(retryAfterMs)
    const problem = status >= 300 ? readProblem(text) : undefined
    if (problem !== undefined && problem.type !== `${PROBLEM_PREFIX}badNonce`)
      throw refusal(host, status, problem, retryAfterMs)
    return {
      data: text,
      status,
      statusText: '',
      headers: Object.fromEntries(headers),
      config,
      request: undefined,
    }
  }
}

interface Problem {
  readonly type: string
  readonly detail: string
}

/** The authority's own words on why it refused: a problem document, or whatever stands in its place. */
export function problemFailure(host: string, { type, detail }: Problem, retryAfterMs: number): AcmeFailure {
  const name = type.replace(PROBLEM_PREFIX, '')
  if (name === 'rateLimited') {
    const message = `The certificate authority ${host} limits how often it is asked: ${detail}`
    return new AcmeFailure('too-many', message, { retryAfterMs })
  }
  const message = `The certificate authority ${host} refuses (${name}): ${detail}`
  return new AcmeFailure('forbidden', message, { retryAfterMs, problem: name })
}

function refusal(host: string, status: number, problem: Problem, retryAfterMs: number): AcmeFailure {
  if (status === 429)
    return problemFailure(host, { ...problem, type: `${PROBLEM_PREFIX}rateLimited` }, retryAfterMs)
  if (status < 500) return problemFailure(host, problem, retryAfterMs)
  const message = `The certificate authority ${host} has trouble of its own (${status}): ${problem.detail}`
  return new AcmeFailure('unavailable', message, { retryAfterMs })
}

function readProblem(text: string): Problem {
  try {
    const { type, detail } = JSON.parse(text) as Partial<Record<keyof Problem, unknown>>
    return {
      type: typeof type === 'string' ? type : 'unknown',
      detail: printable(typeof detail === 'string' ? detail : text),
    }
  } catch {
    // A proxy's page, perhaps.
    return { type: 'unknown', detail: printable(text) }
  }
}

/** Foreign text, cut and without control characters, for a line of the log. */
export function printable(text: string): string {
  return text.replace(/[^\P{C}]+/gu, ' ').slice(0, 300)
}

/** Seconds or a date (RFC 9110, section 10.2.3), as milliseconds from `nowMs`; 0 when there is none in the future. */
export function readRetryAfter(value: string | null, nowMs: number): number {
  if (value === null) return 0
  const ms = /^\d+$/.test(value.trim()) ? Number(value) * 1_000 : Date.parse(value) - nowMs
  return Number.isFinite(ms) ? Math.max(0, ms) : 0
}

interface AskOptions {
  readonly tls?: { readonly ca: string }
  readonly signal: AbortSignal
}

async function ask(url: string, method: string, body: string | undefined, options: AskOptions) {
  const limit = AbortSignal.any([options.signal, AbortSignal.timeout(ANSWER_WITHIN_MS)])
  const response = await fetch(url, {
    method: method.toUpperCase(),
    // RFC 8555, sections 6.1 and 6.2.
    headers: {
      'User-Agent': USER_AGENT,
      ...(body === undefined ? {} : { 'Content-Type': 'application/jose+json' }),
    },
    ...(body === undefined ? {} : { body }),
    redirect: 'manual',
    ...(options.tls === undefined ? {} : { tls: options.tls }),
    signal: limit,
  })
  return { status: response.status, headers: response.headers, text: await readBounded(response) }
}

async function readBounded(response: Response): Promise<string> {
  const pieces: Uint8Array[] = []
  let bytes = 0
  for await (const piece of response.body ?? []) {
    bytes += piece.byteLength
    if (bytes > ANSWER_BYTES_MAX) throw new Error(`the answer is longer than ${ANSWER_BYTES_MAX} bytes`)
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString('utf8')
}
