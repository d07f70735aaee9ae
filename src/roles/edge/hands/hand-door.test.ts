import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { EdgeFixture } from '../../../../test/harness/edge-fixture.ts'
import { until } from '../../../../test/harness/until.ts'
import { CLIENT_ADDRESS_HEADER } from '../../../core/api/api.ts'
import { HAND_BODY_BYTES_MAX, RAISES_PER_ADDRESS } from './hand-door.ts'

let fixture: EdgeFixture
let edges = 0
beforeAll(async () => {
  fixture = await EdgeFixture.start()
  await fixture.space('open', { phase: 'live', handsOpen: true })
  await fixture.space('closed', { phase: 'live' })
  await fixture.space('early', { phase: 'scheduled', handsOpen: true })
  await fixture.space('over', { phase: 'ended', handsOpen: true })
})
afterAll(() => fixture.stop())

interface Asked {
  readonly method: string
  readonly path: string
  readonly headers: Headers
  readonly body: string
}

/** A control that writes down what reaches it, and an edge whose rates are fresh. */
async function behindFreshEdge<T>(
  work: (
    send: (path: string, init?: RequestInit) => Promise<Response>,
    asked: readonly Asked[],
  ) => Promise<T>,
): Promise<T> {
  const asked: Asked[] = []
  const control = Bun.serve({
    unix: fixture.controlSocket,
    fetch: async (request) => {
      const path = new URL(request.url).pathname
      const { method, headers } = request
      asked.push({ method, path, headers, body: await request.text() })
      const cookie = { 'Set-Cookie': 'a=b' }
      if (method === 'DELETE') return new Response(null, { status: 204, headers: cookie })
      return Response.json({ from: 'control' }, { status: method === 'POST' ? 201 : 200, headers: cookie })
    },
  })
  edges += 1
  const edge = await fixture.startEdge({ edgeId: `edge-${edges}` })
  try {
    await until('the edge knows the spaces', async () => (await fetch(fixture.url('/s/over', edge))).ok)
    return await work((path, init) => fetch(fixture.url(path, edge), init), asked)
  } finally {
    await edge.stop()
    await control.stop(true)
  }
}

const raising = (body: string, headers: Record<string, string> = {}): RequestInit => ({
  method: 'POST',
  body,
  headers: { 'Content-Type': 'application/json', ...headers },
})
const hands = (space: string) => `/api/v1/spaces/${space}/hands`

describe('an edge', () => {
  test('refuses by itself what control need not hear', async () => {
    const rani = raising('{"name":"Rani"}')
    await behindFreshEdge(async (send, asked) => {
      const cases: readonly [status: number, space: string, init: RequestInit][] = [
        [409, 'closed', rani],
        [409, 'early', rani],
        [410, 'over', rani],
        [404, 'nowhere', rani],
        [403, 'open', raising('{"name":"Rani"}', { 'Sec-Fetch-Site': 'cross-site' })],
        [403, 'open', raising('{"name":"Rani"}', { 'Sec-Fetch-Site': 'same-site' })],
        [405, 'open', { method: 'GET' }],
        [405, 'open', { method: 'DELETE' }],
        [405, 'open', { method: 'OPTIONS' }],
      ]
      for (const [status, space, init] of cases) {
        const answer = await send(hands(space), init)
        expect([space, answer.status]).toEqual([space, status])
        expect(answer.headers.get('access-control-allow-origin')).toBeNull()
      }
      expect(asked).toEqual([])
    })
    await behindFreshEdge(async (send, asked) => {
      const bodies: readonly [status: number, init: RequestInit][] = [
        [415, raising('{"name":"Rani"}', { 'Content-Type': 'text/plain' })],
        [400, raising('{"name":" "}')],
        [400, raising('{}')],
        [400, raising('[')],
        [413, raising(JSON.stringify({ name: 'x'.repeat(HAND_BODY_BYTES_MAX) }))],
      ]
      for (const [status, init] of bodies) expect((await send(hands('open'), init)).status).toBe(status)
      const one = `${hands('open')}/abcdef2345`
      for (const headers of [{}, { Authorization: 'Basic x' }, { Authorization: 'Bearer a b' }]) {
        expect((await send(one, { headers })).status).toBe(401)
      }
      expect((await send(`${one}/accept`, { method: 'POST' })).status).toBe(405)
      expect((await send(one, { method: 'PATCH' })).status).toBe(405)
      expect((await send(`${hands('open')}/UPPER`)).status).toBe(400)
      expect(asked).toEqual([])
    })
  })

  test('passes on a name, a token and the address, and nothing else', async () => {
    await behindFreshEdge(async (send, asked) => {
      const extra = {
        Cookie: 'mimbar_operator=x',
        Authorization: 'Bearer operator',
        [CLIENT_ADDRESS_HEADER]: '9.9.9.9',
      }
      const raised = await send(hands('open'), raising('{"name":"  Rani ","role":"host"}', extra))
      expect([raised.status, await raised.json()]).toEqual([201, { from: 'control' }])
      expect(raised.headers.get('set-cookie')).toBeNull()
      expect(raised.headers.get('cache-control')).toBe('no-store')
      const bearer = { Authorization: 'Bearer token-of-a-hand' }
      expect((await send(`${hands('open')}/abcdef2345`, { headers: bearer })).status).toBe(200)
      const lowered = await send(`${hands('open')}/abcdef2345`, { method: 'DELETE', headers: bearer })
      expect(lowered.status).toBe(204)
      expect(asked.map(({ method, path, body }) => [method, path, body])).toEqual([
        ['POST', hands('open'), '{"name":"Rani"}'],
        ['GET', `${hands('open')}/abcdef2345`, ''],
        ['DELETE', `${hands('open')}/abcdef2345`, ''],
      ])
      expect(asked.map(({ headers }) => headers.get('authorization'))).toEqual([
        null,
        'Bearer token-of-a-hand',
        'Bearer token-of-a-hand',
      ])
      for (const { headers } of asked) {
        expect(headers.get('cookie')).toBeNull()
        expect(headers.get(CLIENT_ADDRESS_HEADER)).toMatch(/^(::ffff:)?127\.0\.0\.1$|^::1$/)
      }
    })
  })

  test('lets one address raise a few hands, tells it when to come back, and asks control no more often', async () => {
    await behindFreshEdge(async (send, asked) => {
      const statuses = []
      for (let n = 0; n < RAISES_PER_ADDRESS.burst + 4; n++) {
        const answer = await send(hands('open'), raising(`{"name":"Person ${n}"}`))
        statuses.push(answer.status)
        if (answer.status === 429) expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
      }
      expect(statuses.filter((status) => status === 429).length).toBeGreaterThanOrEqual(3)
      expect(asked).toHaveLength(statuses.filter((status) => status === 201).length)
    })
  })

  test('says so when control does not answer', async () => {
    const answer = await fixture.fetch(hands('open'), raising('{"name":"Rani"}'))
    expect(answer.status).toBe(503)
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
  })
})
