import { afterEach, beforeEach, expect, test } from 'bun:test'
import { selfSigned } from '../../../host/self-signed.ts'
import { AcmeFailure, acmeAdapter, readRetryAfter } from './acme-http.ts'

const sealed = selfSigned(['localhost'], Date.now())
let authority: Bun.Server<undefined>
let answer: () => Response | Promise<Response>
let waits: number[]

beforeEach(() => {
  waits = []
  authority = Bun.serve({ hostname: '127.0.0.1', port: 0, tls: sealed, fetch: () => answer() })
})
afterEach(() => authority.stop(true))

const ask = (signal = new AbortController().signal) => {
  const adapter = acmeAdapter(sealed.cert, signal, (ms) => waits.push(ms))
  const config = { url: `https://localhost:${authority.port}/order`, method: 'post', data: '{}' }
  return adapter(config as unknown as Parameters<typeof adapter>[0])
}
const failure = async (signal?: AbortSignal): Promise<AcmeFailure> => {
  const error = await ask(signal).catch((thrown: unknown) => thrown)
  if (error instanceof AcmeFailure) return error
  throw new Error(`no failure: ${JSON.stringify(error)}`)
}
const problem = (status: number, type: string, headers: Record<string, string> = {}) =>
  Response.json({ type: `urn:ietf:params:acme:error:${type}`, detail: `about ${type}` }, { status, headers })

test('an answer is passed on with its headers, and how long to wait is told', async () => {
  answer = () =>
    new Response('{"status":"pending"}', { headers: { 'Retry-After': '7', 'Replay-Nonce': 'n' } })
  const { data, status, headers } = await ask()
  expect([data, status, headers['replay-nonce']]).toEqual(['{"status":"pending"}', 200, 'n'])
  expect(waits).toEqual([7_000])
})

test('a bad nonce is left to the library, which repeats it with another', async () => {
  answer = () => problem(400, 'badNonce', { 'Replay-Nonce': 'n' })
  expect((await ask()).status).toBe(400)
})

test('limits, refusals and trouble are told apart, with the authority’s own words', async () => {
  answer = () => problem(429, 'rateLimited', { 'Retry-After': '60' })
  expect(await failure()).toMatchObject({ code: 'too-many', retryAfterMs: 60_000 })
  answer = () => problem(403, 'unauthorized')
  const refused = await failure()
  expect([refused.code, refused.problem]).toEqual(['forbidden', 'unauthorized'])
  expect(refused.message).toContain('about unauthorized')
  answer = () => new Response('<h1>Bad\u0007gateway</h1>', { status: 502 })
  const troubled = await failure()
  expect(troubled.code).toBe('unavailable')
  expect(troubled.message).toContain('(502): <h1>Bad gateway</h1>')
  answer = () => Response.redirect('https://elsewhere.example/', 302)
  expect((await failure()).code).toBe('forbidden')
})

test('an answer without end and an authority without an answer are given up', async () => {
  answer = () => new Response('x'.repeat(300_000))
  expect((await failure()).message).toContain('longer than')
  const ending = new AbortController()
  answer = () => {
    ending.abort()
    return new Promise<Response>(() => {})
  }
  expect((await failure(ending.signal)).message).toContain('cannot be reached')
})

test('Retry-After is seconds or a date, and nonsense is no wait', () => {
  const now = Date.UTC(2030, 0, 1)
  expect(readRetryAfter('120', now)).toBe(120_000)
  expect(readRetryAfter('Tue, 01 Jan 2030 00:01:00 GMT', now)).toBe(60_000)
  for (const value of [null, '', 'soon', '-5', 'Mon, 31 Dec 2029 00:00:00 GMT']) {
    expect(readRetryAfter(value, now)).toBe(0)
  }
})
