// RFC 9725 (WHIP) as a checklist, against a whole Mimbar: what an encoder such as OBS may rely on. The table that says
// which line of it is which requirement is in docs/whip.md.

import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { CreatedSpace, Problem } from '../../src/core/api/api.ts'
import { OFFER } from '../harness/chromium-offer.ts'
import { secretOf } from '../harness/on-air.ts'
import { type RunningMimbar, startMimbar } from '../harness/running-mimbar.ts'
import { until } from '../harness/until.ts'

let mimbar: RunningMimbar
let links: CreatedSpace['links']
let endpoint: string

const SEND_ONLY = OFFER.replace('a=sendrecv', 'a=sendonly')

beforeAll(async () => {
  // Nobody answers there: that a client can find it is what is asked.
  const relay = ['--turn-url', 'turns:relay.example:443?transport=tcp', '--turn-secret', 'north wind']
  mimbar = await startMimbar({ flags: relay })
  links = (await mimbar.createSpace({ id: 'whip', title: 'An encoder', recorded: false })).links
  endpoint = `${mimbar.studioUrl}/api/v1/spaces/whip/stage`
}, 60_000)
afterAll(async () => {
  await mimbar?.stop()
}, 30_000)

interface Request {
  readonly method?: string
  readonly url?: string
  readonly bearer?: string | null
  readonly type?: string
  readonly body?: string
}

/** As an encoder asks: a Bearer token, no cookie, no Origin. */
function ask({ method = 'POST', url = endpoint, bearer, type, body }: Request = {}): Promise<Response> {
  const token = bearer === undefined ? secretOf(links.speaker) : bearer
  return fetch(url, {
    method,
    headers: {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(type === undefined ? {} : { 'content-type': type }),
    },
    ...(body === undefined ? {} : { body }),
    redirect: 'manual',
  })
}

const offer = (body = SEND_ONLY, more: Request = {}) => ask({ type: 'application/sdp', body, ...more })

/** A stage may be too busy for a moment on a machine that is; then it says so, and an encoder asks again. */
const answered = (body = SEND_ONLY) =>
  until(
    'the offer is answered',
    async () => {
      const response = await offer(body)
      return response.status !== 503 && response
    },
    60_000,
  )

async function problemOf(response: Response): Promise<Problem> {
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  const problem = (await response.json()) as Problem
  expect(problem.status).toBe(response.status)
  expect(problem.detail.length).toBeGreaterThan(10)
  return problem
}

describe('an offer', () => {
  test('is answered with 201, SDP and the session’s Location, and without an ETag, as nothing trickles', async () => {
    const response = await answered()
    expect(response.status).toBe(201)
    expect(response.headers.get('content-type')).toBe('application/sdp')
    expect(response.headers.get('etag')).toBeNull()
    expect(response.headers.get('accept-patch')).toBeNull()
    const location = new URL(response.headers.get('location') as string, endpoint)
    expect(location.href).toStartWith(`${endpoint}/`)
    const answer = await response.text()
    for (const line of ['a=group:BUNDLE 0', 'a=rtcp-mux', 'a=setup:passive']) expect(answer).toContain(line)
    expect(answer).toMatch(/^a=(?:recvonly)\r?$/m)
    expect(answer).toMatch(/^a=candidate:/m)
    expect(answer.match(/^m=/gm)).toHaveLength(1)
  })

  test('is told of relays with credentials of its own, and gets a way for them only if it came by one', async () => {
    const direct = await answered()
    const link =
      /^<turns:relay\.example:443\?transport=tcp>; rel="ice-server"; username="(\d+:\w+)"; credential="([^"]+)"; credential-type="password"$/
    expect(direct.headers.get('link')).toMatch(link)
    const relayed = 'a=candidate:9 1 udp 41885439 192.0.2.9 50000 typ relay raddr 0.0.0.0 rport 0\r\n'
    const portsOf = (sdp: string) =>
      new Set([...sdp.matchAll(/^a=candidate:\S+ 1 UDP \d+ \S+ (\d+) /gim)].map((found) => found[1]))
    const without = portsOf(await direct.text())
    const through = portsOf(await (await answered(SEND_ONLY + relayed)).text())
    expect([without.size, through.size]).toEqual([1, 2])
    const options = await ask({ method: 'OPTIONS' })
    expect(options.headers.get('link')).toMatch(link)
  })

  test('that only opens DTLS itself is answered with the passive role', async () => {
    const answer = await (await answered(SEND_ONLY.replace('actpass', 'active'))).text()
    expect(answer).toContain('a=setup:passive')
  })

  test('of another media type, or that is no SDP, is refused with 415 and 400', async () => {
    const typed = await ask({ type: 'application/json', body: '{}' })
    expect((await problemOf(typed)).status).toBe(415)
    expect((await problemOf(await ask({ body: SEND_ONLY, type: 'text/plain' }))).status).toBe(415)
    expect((await problemOf(await offer('not an offer'))).status).toBe(400)
    expect((await problemOf(await offer(SEND_ONLY.replace('a=sendonly', 'a=recvonly')))).status).toBe(400)
    expect((await problemOf(await offer('v=0\r\n'.padEnd(200_000, 'x')))).status).toBe(413)
  })

  test('without a token, or with a wrong one, is told which kind is needed', async () => {
    for (const bearer of [null, 'wrong']) {
      const response = await offer(SEND_ONLY, { bearer })
      // Without a token a change needs an Origin of ours: that is refused before anybody asks who it is.
      expect([401, 403]).toContain(response.status)
      if (bearer !== null) expect(response.headers.get('www-authenticate')).toStartWith('Bearer')
      await problemOf(response)
    }
  })

  test('to a space that is not there, or has ended, says so', async () => {
    const nowhere = endpoint.replace('/whip/', '/nowhere/')
    expect([401, 404]).toContain((await problemOf(await offer(SEND_ONLY, { url: nowhere }))).status)
    const ended = await mimbar.createSpace({ id: 'whip-over', title: 'Over', recorded: false })
    for (const step of ['start', 'end'])
      expect((await mimbar.post(`/spaces/whip-over/${step}`)).ok).toBe(true)
    const gone = await offer(SEND_ONLY, {
      url: endpoint.replace('/whip/', '/whip-over/'),
      bearer: secretOf(ended.links.speaker),
    })
    expect((await problemOf(gone)).status).toBe(410)
  })
})

describe('a session', () => {
  test('answers PATCH with 405 and what it allows, and ends with DELETE, which may be sent again', async () => {
    const response = await answered()
    const url = new URL(response.headers.get('location') as string, endpoint).href
    const type = 'application/trickle-ice-sdpfrag'
    const patched = await ask({ method: 'PATCH', url, type, body: 'a=ice-ufrag:EsAw' })
    expect([patched.status, patched.headers.get('allow')]).toEqual([405, 'DELETE, OPTIONS'])
    await problemOf(patched)
    expect((await ask({ method: 'DELETE', url, bearer: 'wrong' })).status).toBe(401)
    expect((await ask({ method: 'DELETE', url })).status).toBe(200)
    expect((await ask({ method: 'DELETE', url })).status).toBe(200)
  })

  test('is for the same seat each time the same encoder comes', async () => {
    const [one, again] = [await answered(), await answered()]
    const seatOf = (response: Response) =>
      new URL(response.headers.get('location') as string, endpoint).searchParams.get('seat')
    expect(seatOf(one)).toBe(seatOf(again))
  })
})

describe('both addresses', () => {
  test('say with OPTIONS what they take', async () => {
    const options = await ask({ method: 'OPTIONS', bearer: null })
    expect([options.status, options.headers.get('accept-post')]).toEqual([204, 'application/sdp'])
    expect(options.headers.get('allow')).toBe('POST, OPTIONS')
    const session = await ask({ method: 'OPTIONS', url: `${endpoint}/some`, bearer: null })
    expect([session.status, session.headers.get('allow')]).toEqual([204, 'DELETE, OPTIONS'])
  })

  test('keep other methods free for what may come', async () => {
    for (const method of ['GET', 'PUT', 'PATCH', 'DELETE']) {
      const response = await ask({ method, ...(method === 'GET' ? {} : { body: '' }) })
      expect([method, response.status, response.headers.get('allow')]).toEqual([method, 405, 'POST, OPTIONS'])
      await problemOf(response)
    }
    expect((await ask({ method: 'HEAD' })).status).toBe(405)
    for (const method of ['GET', 'PUT', 'POST'])
      expect(
        (await ask({ method, url: `${endpoint}/some`, ...(method === 'GET' ? {} : { body: '' }) })).status,
      ).toBe(405)
  })
})
