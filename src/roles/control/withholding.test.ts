import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '../../../test/harness/until.ts'
import { parseSpaceId } from '../../base/ids.ts'
import type { Problem, PublicSpace, SpaceList } from '../../core/api/api.ts'
import { spaceKey } from '../../core/space/facts.ts'
import { openEmbeddedEngine } from '../../engine/embedded/engine.ts'
import { startTestbed, type Testbed } from './testbed.test.ts'

let bed: Testbed
beforeAll(async () => {
  bed = await startTestbed()
})
afterAll(() => bed.stop())

const pathOf = (id: string) => `/api/v1/spaces/${id}`
const factsOf = async (id: string, from = bed) =>
  (await from.engine.roster.get(spaceKey(parseSpaceId(id))))?.value as Record<string, unknown> | undefined

/** As the operator. */
function withhold(id: string, withheld: boolean, at = bed): Promise<PublicSpace> {
  return at.get<PublicSpace>('PATCH', pathOf(id), { json: { withheld }, bearer: bed.operatorSecret })
}

async function endedSpace(id: string, more: Record<string, unknown> = {}) {
  const made = await bed.createSpace({ id, ...more })
  for (const act of ['start', 'end']) {
    await bed.get('POST', `${pathOf(id)}/${act}`, { bearer: bed.operatorSecret })
  }
  return made
}

test('the operator withholds a recording and shows it again; everyone is told, the Roster first', async () => {
  await endedSpace('asked-down')
  expect(await withhold('asked-down', true)).toMatchObject({ replay: false, withheld: true, recorded: true })
  expect(await factsOf('asked-down')).toMatchObject({ withheld: true })
  const { recent } = await bed.get<SpaceList>('GET', '/api/v1/spaces')
  expect(recent.find(({ id }) => id === 'asked-down')).toMatchObject({ replay: false, withheld: true })
  expect(await withhold('asked-down', true)).toMatchObject({ withheld: true })
  const shown = await withhold('asked-down', false)
  expect([shown.replay, 'withheld' in shown]).toEqual([true, false])
  expect('withheld' in ((await factsOf('asked-down')) ?? {})).toBe(false)
})

test('what is withheld before its end has no replay then', async () => {
  await bed.createSpace({ id: 'reviewed' })
  expect(await withhold('reviewed', true)).toMatchObject({ phase: 'scheduled', withheld: true })
  for (const act of ['start', 'end']) {
    await bed.get('POST', `${pathOf('reviewed')}/${act}`, { bearer: bed.operatorSecret })
  }
  const path = pathOf('reviewed')
  expect(await bed.get<PublicSpace>('GET', path)).toMatchObject({ phase: 'ended', replay: false })
  expect((await withhold('reviewed', false)).replay).toBe(true)
})

test('whoever runs the room, and everybody else, is refused, and nothing else of their call is done', async () => {
  const { host, space } = await bed.createSpace({ id: 'not-theirs' })
  const { cookie } = await bed.sit(space.id, host)
  const json = { withheld: true, locked: true }
  const refused = await bed.call('PATCH', pathOf(space.id), { json, cookie })
  expect(refused.status).toBe(403)
  expect((await refused.json()) as Problem).toMatchObject({ code: 'forbidden' })
  expect((await bed.call('PATCH', pathOf(space.id), { json })).status).toBe(401)
  expect((await bed.call('PATCH', pathOf(space.id), { json, bearer: host })).status).toBe(401)
  const facts = await factsOf(space.id)
  expect([facts?.withheld, facts?.locked]).toEqual([undefined, undefined])
})

test('nonsense and what is not recorded are refused with a clear problem', async () => {
  await endedSpace('unrecorded', { recorded: false })
  for (const [json, status] of [
    [{ withheld: 'yes' }, 400],
    [{ withheld: null }, 400],
    [{ withheld: true }, 409],
    [{ withheld: false }, 200],
  ] as const) {
    const answer = await bed.call('PATCH', pathOf('unrecorded'), { json, bearer: bed.operatorSecret })
    expect([json, answer.status]).toEqual([json, status])
    if (status !== 200) expect(((await answer.json()) as Problem).detail.length).toBeGreaterThan(10)
  }
  const nowhere = await bed.call('PATCH', pathOf('nowhere'), {
    json: { withheld: true },
    bearer: bed.operatorSecret,
  })
  expect(nowhere.status).toBe(404)
})

test('it stays withheld through a restart, and a Roster that says otherwise is put right', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mimbar-withheld-'))
  const engine = await openEmbeddedEngine({ dataFolder: join(folder, 'engine') })
  const first = await startTestbed({ folder, engine })
  await first.createSpace({ id: 'kept' })
  const json = { withheld: true }
  await first.get('PATCH', pathOf('kept'), { json, bearer: first.operatorSecret })
  await first.stop()
  const key = spaceKey(parseSpaceId('kept'))
  const told = await engine.roster.get(key)
  const leaking = { ...(told?.value as object), withheld: undefined }
  await engine.roster.put(key, leaking, told?.revision ?? 0)
  expect((await factsOf('kept', { ...first, engine }))?.withheld).toBeUndefined()
  const second = await startTestbed({ folder, engine })
  expect(await second.get<PublicSpace>('GET', pathOf('kept'))).toMatchObject({ withheld: true })
  const isTold = async () => (await factsOf('kept', second))?.withheld === true
  await until('the Roster is put right', isTold, 20_000)
  await second.stop()
  await engine.stop()
  rmSync(folder, { recursive: true })
})
