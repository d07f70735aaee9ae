// Programs that begin by themselves, as control keeps them.

import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { until } from '../../../test/harness/until.ts'
import type { SeatId, StageId } from '../../base/ids.ts'
import { epoch, wallMillis, wallTimeOf } from '../../base/units.ts'
import type { Problem, PublicSpace } from '../../core/api/api.ts'
import { type ObservedSpace, type SpaceFacts, spaceKey } from '../../core/space/facts.ts'
import { PLAN_FIRM_MS } from '../../core/space/planned-start.ts'
import { startTestbed, type Testbed } from './testbed.test.ts'

let bed: Testbed
beforeAll(async () => {
  bed = await startTestbed()
})
afterAll(() => bed.stop())

const inAnHour = () => Math.ceil(Date.now() / 1_000) * 1_000 + 3_600_000
const factsOf = async ({ id }: PublicSpace) =>
  (await bed.engine.roster.get(spaceKey(id)))?.value as SpaceFacts

describe('a space that starts by itself', () => {
  test('says so, and tells the roster at which part', async () => {
    const scheduledAtMs = inAnHour()
    const { space } = await bed.createSpace({ scheduledAtMs, start: 'automatic' })
    expect(space).toMatchObject({ start: 'automatic', scheduledAtMs, phase: 'scheduled' })
    const { plannedStart, gridStartMs } = await factsOf(space)
    expect(wallTimeOf(plannedStart!, gridStartMs)).toBe(wallMillis(scheduledAtMs))
  })

  test.each([
    [{ start: 'automatic' }, 400, 'scheduled time'],
    [{ start: 'automatic', scheduledAtMs: Date.now() - 60_000 }, 409, 'seconds ahead'],
    [{ start: 'automatic', scheduledAtMs: Date.now() + PLAN_FIRM_MS / 2 }, 409, 'seconds ahead'],
    [{ start: 'sometimes', scheduledAtMs: Date.now() + 3_600_000 }, 400, 'start'],
  ])('is not made from %p', async (fields, status, words) => {
    const json = { title: 'Night radio', recorded: true, ...fields }
    const answer = await bed.call('POST', '/api/v1/spaces', { json, bearer: bed.operatorSecret })
    expect(answer.status).toBe(status)
    expect(((await answer.json()) as Problem).detail).toContain(words)
  })

  test('is switched by the host and by the operator, and by nobody else', async () => {
    const { space, host, speaker } = await bed.createSpace({ scheduledAtMs: inAnHour() })
    const path = `/api/v1/spaces/${space.id}`
    const { cookie } = await bed.sit(space.id, host)
    const json = { start: 'automatic' }
    expect((await bed.get<PublicSpace>('PATCH', path, { json, cookie })).start).toBe('automatic')
    expect((await factsOf(space)).plannedStart).toBeDefined()
    const guest = await bed.sit(space.id, speaker, 'Budi')
    expect((await bed.call('PATCH', path, { json, cookie: guest.cookie })).status).toBe(403)
    expect((await bed.call('PATCH', path, { json })).status).toBe(401)
    const byOperator = { json: { start: 'manual' }, bearer: bed.operatorSecret }
    expect((await bed.get<PublicSpace>('PATCH', path, byOperator)).start).toBe('manual')
    expect((await factsOf(space)).plannedStart).toBeUndefined()
    expect((await bed.get<PublicSpace>('PATCH', path, { json: {}, cookie })).start).toBe('manual')
  })

  test('is moved, taken away and made again, with its title', async () => {
    const { space, host } = await bed.createSpace({ scheduledAtMs: inAnHour(), start: 'automatic' })
    const path = `/api/v1/spaces/${space.id}`
    const { cookie } = await bed.sit(space.id, host)
    const later = inAnHour() + 3_600_000
    const change = (json: unknown) => bed.get<PublicSpace>('PATCH', path, { json, cookie })
    const moved = await change({ scheduledAtMs: later, title: ' Night radio, later ' })
    expect(moved).toMatchObject({ title: 'Night radio, later', scheduledAtMs: later, start: 'automatic' })
    const { plannedStart, gridStartMs } = await factsOf(space)
    expect(wallTimeOf(plannedStart!, gridStartMs)).toBe(wallMillis(later))
    const refused = async (json: unknown) => (await bed.call('PATCH', path, { json, cookie })).status
    expect(await refused({ scheduledAtMs: null })).toBe(400)
    expect(await refused({ scheduledAtMs: Date.now() - 7_200_000 })).toBe(400)
    expect(await refused({ title: ' ' })).toBe(400)
    const undated = await change({ scheduledAtMs: null, start: 'manual' })
    expect(undated).not.toHaveProperty('scheduledAtMs')
    expect(await change({ scheduledAtMs: later, start: 'automatic' })).toMatchObject({ start: 'automatic' })
    await bed.get<PublicSpace>('POST', `${path}/start`, { cookie })
    expect(await refused({ scheduledAtMs: later + 1_000 })).toBe(409)
    // A form that sends what it was given changes nothing.
    expect(await refused({ scheduledAtMs: later, title: 'Night radio, at last' })).toBe(200)
  })

  test('has begun at its second, with nobody there to press', async () => {
    const scheduledAtMs = Math.ceil(Date.now() / 1_000) * 1_000 + PLAN_FIRM_MS + 1_000
    const { space } = await bed.createSpace({ scheduledAtMs, start: 'automatic' })
    const path = `/api/v1/spaces/${space.id}`
    const phase = async () => (await bed.get<PublicSpace>('GET', path)).phase
    await until('the lobby is open', async () => (await phase()) === 'lobby')
    await until('it is live', async () => (await phase()) === 'live')
    expect(Date.now()).toBeGreaterThanOrEqual(scheduledAtMs)
    expect((await bed.get<PublicSpace>('GET', path)).startedAtMs).toBe(scheduledAtMs)
    const late = { json: { start: 'manual' }, bearer: bed.operatorSecret }
    expect((await bed.call('PATCH', path, late)).status).toBe(409)
  }, 20_000)

  test('keeps for good how late its stage was', async () => {
    const scheduledAtMs = Math.ceil(Date.now() / 1_000) * 1_000 + 60_000
    const { space, host } = await bed.createSpace({ scheduledAtMs })
    const path = `/api/v1/spaces/${space.id}`
    const { cookie } = await bed.sit(space.id, host)
    const report = (lateMs: number): ObservedSpace => ({
      space: space.id,
      stage: 'stage-0' as StageId,
      epoch: epoch(1),
      atMs: wallMillis(Date.now()),
      slate: true,
      listeners: 0,
      seats: [] as { id: SeatId }[] as [],
      programOnAirAtMs: wallMillis(scheduledAtMs + lateMs),
    })
    const lateness = async () => (await bed.get<PublicSpace>('GET', path)).startLatenessMs
    // Reported before control has written down that it began: kept until it has.
    bed.engine.feed.publish(`observed/${space.id}`, report(7))
    expect(await lateness()).toBeUndefined()
    await bed.get('POST', `${path}/start`, { cookie })
    await until('the lateness is known', async () => {
      bed.engine.feed.publish(`observed/${space.id}`, report(7))
      return (await lateness()) === 7
    })
    bed.engine.feed.publish(`observed/${space.id}`, report(900))
    expect(await lateness()).toBe(7)
    expect((await factsOf(space)).startLatenessMs).toBe(7)
  })
})
