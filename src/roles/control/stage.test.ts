import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { createHmac } from 'node:crypto'
import { join } from 'node:path'
import { until } from '../../../test/harness/until.ts'
import type { SpaceId, StageId } from '../../base/ids.ts'
import { epoch, millis } from '../../base/units.ts'
import type { IceServers, PublicSpace } from '../../core/api/api.ts'
import { startTestbed, type Testbed } from './testbed.test.ts'

const SDP = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n'

/** A door as a stage has it, which answers what a test wants: control is under test here, not WebRTC. */
class Door {
  readonly id: StageId
  readonly asked: string[] = []
  answer: () => Response | Promise<Response> = () =>
    Response.json({ session: `of-${this.id}`, sdp: `${SDP}a=answer\r\n`, epoch: 1 }, { status: 201 })
  readonly #bed: Testbed
  readonly #server: Bun.Server<undefined>
  readonly #socketPath: string

  constructor(bed: Testbed, id: string) {
    this.#bed = bed
    this.id = id as StageId
    this.#socketPath = join(bed.folder, `${id}.sock`)
    this.#server = Bun.serve({
      unix: this.#socketPath,
      fetch: (request) => {
        const { pathname, search } = new URL(request.url)
        this.asked.push(`${request.method} ${pathname}${search}`)
        return request.method === 'DELETE' ? new Response(null, { status: 204 }) : this.answer()
      },
    })
    this.beat()
  }

  beat(accepts = true, spaces = 0): void {
    this.#bed.engine.feed.publish(`stage/${this.id}`, {
      stage: this.id,
      atMs: Date.now(),
      socketPath: this.#socketPath,
      spaces,
      tickLatenessMsP99: 1,
      accepts,
    })
  }

  async hold(space: SpaceId): Promise<void> {
    await this.#bed.engine.lease.acquire({ space, holder: this.id, ttl: millis(60_000) })
  }

  async close(): Promise<void> {
    await this.#server.stop(true)
  }
}

const RELAY = { urls: ['turn:relay.example?transport=tcp', 'turns:relay.example'], secret: 'north wind' }
let bed: Testbed
let first: Door
let second: Door
beforeAll(async () => {
  bed = await startTestbed({ relay: RELAY })
  first = new Door(bed, 'stage-0')
  second = new Door(bed, 'stage-1')
})
afterAll(async () => {
  await Promise.all([first.close(), second.close()])
  await bed.stop()
})
beforeEach(() => {
  for (const door of [first, second]) {
    door.asked.length = 0
    door.beat()
  }
})

const offer = (space: string, more: Parameters<Testbed['call']>[2] = {}, query = '') =>
  bed.call('POST', `/api/v1/spaces/${space}/stage${query}`, {
    body: SDP,
    ...more,
    headers: { 'content-type': 'application/sdp', ...more.headers },
  })

describe('an offer', () => {
  test('opens the lobby and goes to a stage that accepts, whose answer comes back', async () => {
    const { space, speaker } = await bed.createSpace()
    const { seat, cookie } = await bed.sit(space.id, speaker)
    first.beat(false)
    const response = await until('an answer', async () => {
      const answered = await offer(space.id, { cookie }, `?seat=${seat.id}`)
      return second.asked.length > 0 && answered
    })
    expect(response.status).toBe(201)
    expect(response.headers.get('content-type')).toBe('application/sdp')
    expect(response.headers.get('location')).toBe(
      `/api/v1/spaces/${space.id}/stage/of-stage-1?seat=${seat.id}`,
    )
    expect(response.headers.get('etag')).toBeNull()
    expect(await response.text()).toContain('a=answer')
    expect(second.asked[0]).toBe(`POST /offer?space=${space.id}&seat=${seat.id}`)
    expect((await bed.get<PublicSpace>('GET', `/api/v1/spaces/${space.id}`)).phase).toBe('lobby')
  })

  test('goes to the stage that holds the space, and hanging up goes there too', async () => {
    const { space, host } = await bed.createSpace()
    const { cookie } = await bed.sit(space.id, host)
    await second.hold(space.id)
    const response = await offer(space.id, { cookie })
    const location = response.headers.get('location') ?? ''
    expect(location).toContain('/of-stage-1?')
    expect(first.asked).toEqual([])
    expect((await bed.call('DELETE', location, { cookie })).status).toBe(200)
    expect(second.asked[1]).toStartWith('DELETE /session/of-stage-1?')
    expect((await bed.call('DELETE', location)).status).toBe(401)
  })

  test('waits for the standby when the holder does not answer', async () => {
    const { space, host } = await bed.createSpace()
    const { cookie } = await bed.sit(space.id, host)
    const gone = new Door(bed, 'stage-9')
    await gone.hold(space.id)
    await gone.close()
    const held = await bed.engine.lease.holder(space.id)
    const answer = offer(space.id, { cookie })
    await Bun.sleep(200)
    await bed.engine.lease.acquire({
      space: space.id,
      holder: first.id,
      ttl: millis(60_000),
      over: held?.epoch ?? epoch(0),
    })
    expect((await answer).headers.get('location')).toContain('/of-stage-0?')
  })

  test('leaves a stage that hangs when another one has the space', async () => {
    const { space, host } = await bed.createSpace()
    const { cookie } = await bed.sit(space.id, host)
    await second.hold(space.id)
    const good = second.answer
    second.answer = () => Bun.sleep(10_000).then(good)
    const answer = offer(space.id, { cookie })
    await until('the hanging stage was asked', () => second.asked.length > 0)
    const held = await bed.engine.lease.holder(space.id)
    await bed.engine.lease.acquire({
      space: space.id,
      holder: first.id,
      ttl: millis(60_000),
      over: held?.epoch ?? epoch(0),
    })
    expect((await answer).headers.get('location')).toContain('/of-stage-0?')
    second.answer = good
  })

  test('that a stage cannot read is refused at once, in its words', async () => {
    const { space, host } = await bed.createSpace()
    const { cookie } = await bed.sit(space.id, host)
    await first.hold(space.id)
    const good = first.answer
    first.answer = () => Response.json({ code: 'bad-request', detail: 'No audio line.' }, { status: 400 })
    const response = await offer(space.id, { cookie })
    first.answer = good
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ code: 'bad-request', detail: 'No audio line.' })
  })

  test('that no stage takes ends in a problem, after a bounded while', async () => {
    const { space, host } = await bed.createSpace()
    const { cookie } = await bed.sit(space.id, host)
    await first.hold(space.id)
    const good = first.answer
    first.answer = () => Response.json({ code: 'conflict', detail: 'Not mine.' }, { status: 409 })
    const response = await offer(space.id, { cookie })
    first.answer = good
    expect(response.status).toBe(503)
    expect(response.headers.get('retry-after')).toBe('1')
    expect(first.asked.length).toBeGreaterThan(3)
  })

  test('needs a seat, SDP, and a space that has not ended', async () => {
    const { space, host } = await bed.createSpace()
    const { cookie } = await bed.sit(space.id, host)
    expect((await offer(space.id)).status).toBe(401)
    expect((await offer(space.id, { cookie }, '?seat=nosuchseat')).status).toBe(401)
    expect((await offer(space.id, { cookie, body: 'hello' })).status).toBe(400)
    expect((await offer(space.id, { cookie, headers: { 'content-type': 'text/plain' } })).status).toBe(415)
    expect((await offer(space.id, { cookie, body: SDP + 'x'.repeat(70_000) })).status).toBe(413)
    expect((await offer(space.id, { cookie, origin: 'http://evil.example' })).status).toBe(403)
    await bed.get('POST', `/api/v1/spaces/${space.id}/start`, { cookie })
    await bed.get('POST', `/api/v1/spaces/${space.id}/end`, { cookie })
    expect((await offer(space.id, { cookie })).status).toBe(410)
    expect(first.asked.concat(second.asked)).toEqual([])
  })

  test('of an encoder brings the invitation as Bearer, and always takes the same seat', async () => {
    const { space, speaker, host } = await bed.createSpace()
    const one = await offer(space.id, { bearer: speaker, origin: null })
    const again = await offer(space.id, { bearer: speaker, origin: null })
    expect([one.status, again.status]).toEqual([201, 201])
    expect(again.headers.get('location')).toBe(one.headers.get('location'))
    const byHost = await offer(space.id, { bearer: host, origin: null })
    expect(byHost.headers.get('location')).not.toBe(one.headers.get('location'))
    const location = one.headers.get('location') ?? ''
    expect((await bed.call('DELETE', location, { bearer: speaker, origin: null })).status).toBe(200)
    expect((await offer(space.id, { bearer: 'guessed', origin: null })).status).toBe(401)
  })

  test('tells a WHIP client of the relays, and a page before it makes one; nobody without a seat', async () => {
    const { space, speaker } = await bed.createSpace()
    const path = `/api/v1/spaces/${space.id}/stage/relays`
    const { cookie } = await bed.sit(space.id, speaker)
    const relays = await bed.get<IceServers>('GET', path, { cookie })
    const [server] = relays.iceServers
    expect(server?.urls).toEqual(RELAY.urls)
    const [expires, seat] = server?.username.split(':') ?? []
    expect(Number(expires) * 1_000).toBeGreaterThan(Date.now() + 11 * 3_600_000)
    expect(seat).toMatch(/^[a-z0-9]+$/)
    const signed = createHmac('sha1', RELAY.secret)
      .update(server?.username ?? '')
      .digest('base64')
    expect(server?.credential).toBe(signed)
    const links = (await offer(space.id, { cookie })).headers.get('link') ?? ''
    expect(links.match(/rel="ice-server"/g)?.length).toBe(RELAY.urls.length)
    expect(links).toContain(`<${RELAY.urls[0]}>; rel="ice-server"; username="`)
    expect(JSON.stringify(relays) + links).not.toContain(RELAY.secret)
    expect((await bed.call('GET', path)).status).toBe(401)
  })

  test('tells relays to who holds a link and has no seat yet, and to encoders by OPTIONS', async () => {
    const { space, speaker } = await bed.createSpace()
    const path = `/api/v1/spaces/${space.id}/stage`
    const { iceServers } = await bed.get<IceServers>('GET', `${path}/relays`, { bearer: speaker })
    expect(iceServers[0]?.username).toMatch(/^\d+:guest$/)
    const known = await bed.call('OPTIONS', path, { bearer: speaker })
    expect([known.status, known.headers.get('link')?.match(/rel="ice-server"/g)?.length]).toEqual([204, 2])
    const unknown = await bed.call('OPTIONS', path, { bearer: 'wrong' })
    expect([unknown.status, unknown.headers.get('link')]).toEqual([401, null])
    const anybody = await bed.call('OPTIONS', path)
    expect([anybody.status, anybody.headers.get('link')]).toEqual([204, null])
  })

  test('is announced by OPTIONS, and PATCH says that nothing trickles', async () => {
    const options = await bed.call('OPTIONS', '/api/v1/spaces/any/stage')
    expect([options.status, options.headers.get('accept-post')]).toEqual([204, 'application/sdp'])
    const patch = await bed.call('PATCH', '/api/v1/spaces/any/stage/some', { body: '' })
    expect([patch.status, patch.headers.get('allow')]).toEqual([405, 'DELETE, OPTIONS'])
  })
})

describe('a page of another site', () => {
  const origin = 'http://elsewhere.example'
  const foreign = (method: string, path: string, more: Parameters<Testbed['call']>[2] = {}) =>
    bed.call(method, path, { origin, ...more })
  const corsOf = ({ headers }: Response) =>
    [...headers.keys()].filter((name) => name.startsWith('access-control-')).toSorted()

  test('may publish by Bearer, hang up, and read why it may not', async () => {
    const { space, speaker } = await bed.createSpace()
    const path = `/api/v1/spaces/${space.id}/stage`
    const preflight = await foreign('OPTIONS', path, {
      headers: { 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' },
    })
    expect(preflight.status).toBe(204)
    expect(preflight.headers.get('access-control-allow-methods')).toBe('POST')
    expect(preflight.headers.get('access-control-allow-headers')).toContain('Authorization')
    const answered = await offer(space.id, { bearer: speaker, origin })
    expect(answered.status).toBe(201)
    expect(answered.headers.get('access-control-expose-headers')).toContain('Location')
    const session = answered.headers.get('location') ?? ''
    const ofSession = await foreign('OPTIONS', session)
    expect(ofSession.headers.get('access-control-allow-methods')).toBe('PATCH, DELETE')
    const patched = await foreign('PATCH', session, { bearer: speaker, body: 'a=ice-ufrag:EsAw' })
    const refused = await offer(space.id, { bearer: 'guessed', origin })
    const ended = await foreign('DELETE', session, { bearer: speaker })
    expect([patched.status, refused.status, ended.status]).toEqual([405, 401, 200])
    for (const response of [preflight, answered, ofSession, patched, refused, ended]) {
      expect(response.headers.get('access-control-allow-origin')).toBe('*')
      expect(response.headers.get('access-control-allow-credentials')).toBeNull()
    }
  })

  test('cannot use a cookie, and nothing else of the stage is open to it', async () => {
    const { space, host } = await bed.createSpace()
    const { cookie } = await bed.sit(space.id, host)
    expect((await offer(space.id, { cookie, origin })).status).toBe(403)
    const path = `/api/v1/spaces/${space.id}`
    for (const [method, closed] of [
      ['OPTIONS', '/stage/check'],
      ['POST', '/stage/check'],
      ['OPTIONS', '/stage/events'],
      ['GET', '/stage/events'],
      ['OPTIONS', '/stage/check/some'],
      ['GET', ''],
      ['POST', '/start'],
      ['POST', '/seats'],
    ] as const) {
      const response = await foreign(method, path + closed, method === 'POST' ? { body: '' } : {})
      expect([method, closed, corsOf(response)]).toEqual([method, closed, []])
    }
  })
})
