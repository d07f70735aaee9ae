import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { parseSpaceId } from '../../base/ids.ts'
import type { Link, Problem, PublicSpace, SpaceList } from '../../core/api/api.ts'
import { type SpaceFacts, spaceKey } from '../../core/space/facts.ts'
import { secretOf, startTestbed, type Testbed } from './testbed.test.ts'

let bed: Testbed
beforeAll(async () => {
  bed = await startTestbed()
})
afterAll(() => bed.stop())

const factsOf = async (id: string, from = bed): Promise<SpaceFacts | undefined> =>
  (await from.engine.roster.get(spaceKey(parseSpaceId(id))))?.value as SpaceFacts | undefined

describe('a space', () => {
  test('is made with three links and is in the Roster when that is answered', async () => {
    const scheduledAtMs = Date.now() + 3_600_000
    const made = await bed.createSpace({ title: '  Night radio ', scheduledAtMs, id: 'night' })
    expect(made.space).toEqual({
      id: parseSpaceId('night'),
      title: 'Night radio',
      phase: 'scheduled',
      recorded: true,
      scheduledAtMs,
      start: 'manual',
      replay: false,
      listeners: 0,
    })
    expect(made.links.host).toStartWith(`${bed.url}/s/night/stage#host=`)
    expect(made.links.speaker).toStartWith(`${bed.url}/s/night/stage#invite=`)
    expect(made.links.listen).toBe('http://listen.example/s/night')
    const facts = await factsOf('night')
    expect(facts?.title).toBe('Night radio')
    expect((facts?.gridStartMs ?? 1) % 2_000).toBe(0)
    expect(Date.now() - (facts?.gridStartMs ?? 0)).toBeLessThan(60_000)
  })

  test.each([
    ['no title', { recorded: true }],
    ['an empty title', { title: ' ', recorded: true }],
    ['a long title', { title: 'x'.repeat(121), recorded: true }],
    ['a title on two lines', { title: 'a\nb', recorded: true }],
    ['no word about recording', { title: 'x' }],
    ['recording as text', { title: 'x', recorded: 'yes' }],
    ['an id with capitals', { title: 'x', recorded: true, id: 'Night' }],
    ['an id that climbs', { title: 'x', recorded: true, id: '../etc' }],
    ['a time long gone', { title: 'x', recorded: true, scheduledAtMs: 1 }],
    ['a time too far ahead', { title: 'x', recorded: true, scheduledAtMs: Date.now() + 400 * 86_400_000 }],
    ['a list', []],
    ['a number', 7],
  ])('is refused with %s', async (_, json) => {
    const response = await bed.call('POST', '/api/v1/spaces', { json, bearer: bed.operatorSecret })
    expect(response.status).toBe(400)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    const problem = (await response.json()) as Problem
    expect(problem.code).toBe('bad-request')
    expect(problem.detail.length).toBeGreaterThan(10)
  })

  test('keeps its name to itself', async () => {
    await bed.createSpace({ id: 'taken' })
    const json = { title: 'x', recorded: true, id: 'taken' }
    const second = await bed.call('POST', '/api/v1/spaces', { json, bearer: bed.operatorSecret })
    expect(second.status).toBe(409)
  })

  test('is made by the operator alone', async () => {
    const json = { title: 'x', recorded: true }
    expect((await bed.call('POST', '/api/v1/spaces', { json })).status).toBe(401)
    const { host } = await bed.createSpace()
    expect((await bed.call('POST', '/api/v1/spaces', { json, bearer: host })).status).toBe(401)
  })

  test('goes live and ends on boundaries of the grid, however often the buttons are pressed', async () => {
    const { space } = await bed.createSpace()
    const path = `/api/v1/spaces/${space.id}`
    const operator = { bearer: bed.operatorSecret }
    expect((await bed.call('POST', `${path}/end`, operator)).status).toBe(409)
    const before = Date.now()
    const live = await bed.get<PublicSpace>('POST', `${path}/start`, operator)
    const facts = await factsOf(space.id)
    expect(live.phase).toBe('live')
    expect(live.startedAtMs).toBe((facts?.gridStartMs ?? 0) + (facts?.programStart ?? -1) * 200)
    expect((live.startedAtMs ?? 0) - before).toBeGreaterThanOrEqual(250)
    expect((await bed.get<PublicSpace>('POST', `${path}/start`, operator)).startedAtMs).toBe(live.startedAtMs)
    expect((await bed.call('DELETE', path, operator)).status).toBe(409)

    const ended = await bed.get<PublicSpace>('POST', `${path}/end`, operator)
    expect(ended).toMatchObject({ phase: 'ended', replay: true, startedAtMs: live.startedAtMs })
    expect(ended.endedAtMs).toBeGreaterThan(live.startedAtMs ?? Number.POSITIVE_INFINITY)
    expect(await bed.get<PublicSpace>('POST', `${path}/end`, operator)).toEqual(ended)
    expect((await bed.call('POST', `${path}/start`, operator)).status).toBe(410)
    expect((await factsOf(space.id))?.programEnd).toBeDefined()
  })

  test('is started by its host, not by a speaker, nor by the host of another', async () => {
    const { space, host, speaker } = await bed.createSpace()
    const other = await bed.createSpace()
    const path = `/api/v1/spaces/${space.id}/start`
    const guest = await bed.sit(space.id, speaker)
    const stranger = await bed.sit(other.space.id, other.host)
    expect((await bed.call('POST', path, { cookie: guest.cookie })).status).toBe(403)
    expect((await bed.call('POST', path, { cookie: stranger.cookie })).status).toBe(401)
    const own = await bed.sit(space.id, host)
    expect((await bed.call('POST', path, { cookie: own.cookie })).status).toBe(200)
  })

  test('that is deleted is gone for everyone, and its name is free again', async () => {
    const { space, host } = await bed.createSpace({ id: 'gone' })
    const path = `/api/v1/spaces/${space.id}`
    expect((await bed.call('DELETE', path, { bearer: host })).status).toBe(401)
    expect((await bed.call('DELETE', path, { bearer: bed.operatorSecret })).status).toBe(204)
    expect((await bed.call('GET', path)).status).toBe(404)
    expect(await factsOf('gone')).toBeUndefined()
    await bed.createSpace({ id: 'gone' })
    const old = await bed.call('POST', `${path}/seats`, { json: { secret: host, name: 'Old' } })
    expect(old.status).toBe(401)
  })
})

describe('a link that is made anew', () => {
  test('works, and the old one says that it was replaced', async () => {
    const { space, host } = await bed.createSpace()
    const path = `/api/v1/spaces/${space.id}`
    const seated = await bed.sit(space.id, host)
    expect((await bed.call('POST', `${path}/links/host`, { cookie: seated.cookie })).status).toBe(401)
    const { url } = await bed.get<Link>('POST', `${path}/links/host`, { bearer: bed.operatorSecret })
    const old = await bed.call('POST', `${path}/seats`, { json: { secret: host, name: 'Ana' } })
    expect(old.status).toBe(410)
    expect((await bed.call('GET', `${path}/seats/${seated.seat.id}`, { cookie: seated.cookie })).status).toBe(
      200,
    )
    const again = await bed.sit(space.id, secretOf(url))
    expect(again.seat.id).toBe(seated.seat.id)
    expect((await bed.call('POST', `${path}/links/listen`, { bearer: bed.operatorSecret })).status).toBe(400)
  })
})

describe('what anyone may read', () => {
  test('is listed by phase, without a cookie, and says nothing of seats or secrets', async () => {
    const { space } = await bed.createSpace({ id: 'public' })
    const list = await bed.call('GET', '/api/v1/spaces', { origin: null })
    expect(list.headers.get('set-cookie')).toBeNull()
    const spaces = (await list.json()) as SpaceList
    expect(spaces.upcoming.map((one) => one.id)).toContain(space.id)
    const one = await bed.call('GET', `/api/v1/spaces/${space.id}`, { origin: null })
    expect(one.headers.get('set-cookie')).toBeNull()
    expect(one.headers.get('cache-control')).toBe('public, max-age=1')
    expect(Object.keys((await one.json()) as object).sort()).toEqual(
      ['id', 'listeners', 'phase', 'recorded', 'replay', 'start', 'title'].sort(),
    )
  })

  test('counts the listeners of every edge that lives', async () => {
    const { space } = await bed.createSpace()
    const report = (edge: string, atMs: number, listeners: number) =>
      bed.engine.feed.publish(`edge/${edge}`, { edge, atMs, listeners: { [space.id]: listeners } })
    report('edge-0', Date.now(), 3)
    report('edge-1', Date.now(), 4)
    report('edge-2', Date.now() - 60_000, 100)
    const path = `/api/v1/spaces/${space.id}`
    let listeners = 0
    for (let n = 0; n < 200 && listeners !== 7; n++) {
      listeners = (await bed.get<PublicSpace>('GET', path)).listeners
      await Bun.sleep(5)
    }
    expect(listeners).toBe(7)
  })

  test('is not found where nothing is, and refused where the name cannot be one', async () => {
    expect((await bed.call('GET', '/api/v1/spaces/nothing-here')).status).toBe(404)
    expect((await bed.call('GET', '/api/v1/spaces/Not_An_Id')).status).toBe(400)
    expect((await bed.call('GET', '/api/v1/elsewhere')).status).toBe(404)
  })
})
