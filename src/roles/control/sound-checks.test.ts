import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { until } from '../../../test/harness/until.ts'
import type { StageId } from '../../base/ids.ts'
import { millis } from '../../base/units.ts'
import { parsePrefix } from '../../core/address/ip.ts'
import type { PublicSpace, Seat } from '../../core/api/api.ts'
import { ADDRESS_CHECKS_MAX, type SoundCheckReport } from '../../core/sound-check/sound-check.ts'
import { type Call, startTestbed, type Testbed } from './testbed.test.ts'

const SDP = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n'

/** The check's doors of a stage: control is under test here, not WebRTC (`test/stage/sound-check.test.ts` is for that). */
class CheckDoor {
  readonly id: StageId
  readonly asked: string[] = []
  /** The problem that it answers offers with. */
  refusal: object | undefined
  readonly #bed: Testbed
  readonly #server: Bun.Server<undefined>
  readonly #socketPath: string
  #sessions = 0

  constructor(bed: Testbed, id: string) {
    this.#bed = bed
    this.id = id as StageId
    this.#socketPath = join(bed.folder, `${id}.sock`)
    this.#server = Bun.serve({ unix: this.#socketPath, fetch: (request) => this.#answer(request) })
  }

  beat(accepts: boolean): void {
    this.#bed.engine.feed.publish(`stage/${this.id}`, {
      stage: this.id,
      atMs: Date.now(),
      socketPath: this.#socketPath,
      spaces: 0,
      tickLatenessMsP99: 1,
      accepts,
    })
  }

  async close(): Promise<void> {
    await this.#server.stop(true)
  }

  #answer(request: Request): Response {
    this.asked.push(`${request.method} ${new URL(request.url).pathname}`)
    if (request.method === 'DELETE') return new Response(null, { status: 204 })
    if (request.method === 'GET') return Response.json({ phase: 'recording' } satisfies SoundCheckReport)
    const session = `${this.id}-${this.#sessions++}`
    if (this.refusal !== undefined) return Response.json(this.refusal, { status: 503 })
    return Response.json({ session, sdp: `${SDP}a=answer\r\n` }, { status: 201 })
  }
}

let bed: Testbed
let first: CheckDoor
let second: CheckDoor
beforeAll(async () => {
  bed = await startTestbed({ trustedProxies: [parsePrefix('127.0.0.0/8')] })
  first = new CheckDoor(bed, 'stage-0')
  second = new CheckDoor(bed, 'stage-1')
})
afterAll(async () => {
  await Promise.all([first.close(), second.close()])
  await bed.stop()
})

/** Each test comes from an address of its own: what an address may do is counted. */
let address = 0
beforeEach(async () => {
  address += 1
  for (const door of [first, second]) {
    door.asked.length = 0
    door.refusal = undefined
    door.beat(true)
  }
})

const check = (space: string, more: Call = {}, from = address) =>
  bed.call('POST', `/api/v1/spaces/${space}/stage/check`, {
    body: SDP,
    ...more,
    headers: {
      'content-type': 'application/sdp',
      'x-forwarded-for': `198.51.100.${from}`,
      ...more.headers,
    },
  })
const untilOpened = (space: string, bearer: string) =>
  until('a check is opened', async () => {
    const response = await check(space, { bearer })
    return response.status === 201 && response
  })

describe('a sound check', () => {
  test('needs no more than the secret of a link, takes no seat, and opens no lobby', async () => {
    const { space, speaker } = await bed.createSpace()
    const opened = await untilOpened(space.id, speaker)
    expect(await opened.text()).toContain('a=answer')
    const location = opened.headers.get('location') ?? ''
    expect(location).toStartWith(`/api/v1/spaces/${space.id}/stage/check/`)
    expect(await bed.get<SoundCheckReport>('GET', location, { bearer: speaker })).toEqual({
      phase: 'recording',
    })
    expect((await bed.get<PublicSpace>('GET', `/api/v1/spaces/${space.id}`)).phase).toBe('scheduled')
    expect((await bed.call('DELETE', location, { bearer: speaker })).status).toBe(204)
    expect((await bed.call('DELETE', location, { bearer: speaker })).status).toBe(204)
    expect((await bed.call('GET', location, { bearer: speaker })).status).toBe(404)
    expect([...first.asked, ...second.asked].filter((asked) => asked.startsWith('DELETE'))).toHaveLength(1)
  })

  test('is for nobody else: not without a secret, not with that of another space, not of another’s check', async () => {
    const [one, other] = [await bed.createSpace(), await bed.createSpace()]
    expect((await check(one.space.id)).status).toBe(401)
    expect((await check(one.space.id, { bearer: 'guessed' })).status).toBe(401)
    expect((await check(one.space.id, { bearer: other.speaker })).status).toBe(401)
    expect((await check(one.space.id, { bearer: one.speaker, body: '{}' })).status).toBe(400)
    expect([...first.asked, ...second.asked]).toEqual([])
    const opened = await untilOpened(one.space.id, one.speaker)
    const session = opened.headers.get('location')?.split('/').at(-1)
    const elsewhere = `/api/v1/spaces/${other.space.id}/stage/check/${session}`
    expect((await bed.call('GET', elsewhere, { bearer: other.speaker })).status).toBe(404)
  })

  test('goes to the stage that holds the space, whose words come back when it has no time', async () => {
    const { space, host } = await bed.createSpace()
    const { cookie } = await bed.sit(space.id, host)
    await bed.engine.lease.acquire({ space: space.id, holder: second.id, ttl: millis(60_000) })
    await until('stage-1 is known', async () => (await check(space.id, { cookie })).status === 201)
    expect(first.asked).toEqual([])
    const detail = 'The stage is busy with what is on air.'
    second.refusal = { code: 'unavailable', detail }
    const refused = await check(space.id, { cookie })
    expect(refused.status).toBe(503)
    expect(refused.headers.get('retry-after')).not.toBeNull()
    expect(await refused.json()).toMatchObject({ code: 'unavailable', detail })
  })

  test('is one of few from an address, and the next may come when one has ended', async () => {
    const { space, speaker } = await bed.createSpace()
    await bed.call('DELETE', (await untilOpened(space.id, speaker)).headers.get('location') ?? '', {
      bearer: speaker,
    })
    const many = await Promise.all(
      Array.from({ length: ADDRESS_CHECKS_MAX + 2 }, () => check(space.id, { bearer: speaker })),
    )
    expect(many.map(({ status }) => status).sort()).toEqual([
      ...Array<number>(ADDRESS_CHECKS_MAX).fill(201),
      429,
      429,
    ])
    const location = many.find(({ status }) => status === 201)?.headers.get('location') ?? ''
    await bed.call('DELETE', location, { bearer: speaker })
    expect((await check(space.id, { bearer: speaker })).status).toBe(201)
  })

  test('may not be begun over and over', async () => {
    const { space, speaker } = await bed.createSpace()
    const refused = await until('a refusal', async () => {
      const response = await check(space.id, { bearer: speaker })
      if (response.status === 429) return response
      await bed.call('DELETE', response.headers.get('location') ?? '', { bearer: speaker })
      return undefined
    })
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await refused.text()).toContain('wait a little')
  })
})

describe('what a check found', () => {
  test('is told by the person in the seat, and stays with it', async () => {
    const { space, host, speaker } = await bed.createSpace()
    const [runs, guest] = [await bed.sit(space.id, host), await bed.sit(space.id, speaker, 'Budi')]
    const path = `/api/v1/spaces/${space.id}/seats/${guest.seat.id}`
    expect(guest.seat.soundCheck).toBeUndefined()
    const found = { soundCheck: { found: ['loss', 'quiet', 'quiet'] } }
    const told = await bed.get<Seat>('PATCH', path, { cookie: guest.cookie, json: found })
    expect(told.soundCheck).toEqual({ found: ['quiet', 'loss'] })
    expect(await bed.get<Seat>('GET', path, { cookie: guest.cookie })).toEqual(told)
    // Another change leaves it alone, a host may not make it up, and nothing else fits in.
    await bed.get('PATCH', path, { cookie: guest.cookie, json: { muted: true } })
    expect((await bed.get<Seat>('GET', path, { cookie: guest.cookie })).soundCheck).toEqual(told.soundCheck!)
    expect((await bed.call('PATCH', path, { cookie: runs.cookie, json: found })).status).toBe(403)
    for (const wrong of [['haunted'], Array<string>(9).fill('quiet'), 'quiet'])
      expect(
        (await bed.call('PATCH', path, { cookie: guest.cookie, json: { soundCheck: { found: wrong } } }))
          .status,
      ).toBe(400)
    const fine = { soundCheck: { found: [] } }
    expect((await bed.get<Seat>('PATCH', path, { cookie: guest.cookie, json: fine })).soundCheck).toEqual(
      fine.soundCheck,
    )
  })
})
