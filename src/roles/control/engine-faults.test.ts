// What the database and the Roster say while the engine comes and goes.

import { afterEach, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '../../../test/harness/until.ts'
import { MimbarError } from '../../base/errors.ts'
import { parseSpaceId } from '../../base/ids.ts'
import type { PublicSpace } from '../../core/api/api.ts'
import { type SpaceFacts, spaceKey } from '../../core/space/facts.ts'
import { openEmbeddedEngine } from '../../engine/embedded/engine.ts'
import { connectEngine } from '../../engine/embedded/remote/client.ts'
import { serveEngine } from '../../engine/embedded/remote/server.ts'
import type { Engine } from '../../engine/ports.ts'
import { startTestbed } from './testbed.test.ts'

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'mimbar-faults-'))
  undo.push(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

async function openEngine(folder: string): Promise<Engine> {
  const engine = await openEmbeddedEngine({ dataFolder: join(folder, 'engine') })
  undo.push(() => engine.stop())
  return engine
}

const docOf = async (engine: Engine, id: string) => {
  const fact = await engine.roster.get(spaceKey(parseSpaceId(id)))
  return fact?.value as SpaceFacts | undefined
}

test('without an engine people can read; changes are refused whole, and pass when it is back', async () => {
  const folder = newFolder()
  const engine = await openEngine(folder)
  const socketPath = join(folder, 'engine.sock')
  let served = await serveEngine(engine, { socketPath })
  const remote = connectEngine({ socketPath })
  undo.push(() => remote.stop())
  const bed = await startTestbed({ folder, engine: remote })
  undo.push(() => bed.stop())
  const { space, speaker } = await bed.createSpace({ id: 'steady' })
  await served.stop()

  const operator = { bearer: bed.operatorSecret }
  const json = { title: 'x', recorded: true, id: 'unborn' }
  const [made, started, seated] = await Promise.all([
    bed.call('POST', '/api/v1/spaces', { ...operator, json }),
    bed.call('POST', `/api/v1/spaces/${space.id}/start`, operator),
    bed.call('POST', `/api/v1/spaces/${space.id}/seats`, { json: { secret: speaker, name: 'Ana' } }),
  ])
  for (const response of [made, started, seated]) {
    expect(response.status).toBe(503)
    expect(response.headers.get('retry-after')).toBe('1')
    expect(response.headers.get('set-cookie')).toBeNull()
  }
  expect((await bed.call('GET', '/readyz')).status).toBe(503)
  expect((await bed.call('GET', '/healthz')).status).toBe(200)
  expect((await bed.call('GET', '/api/v1/spaces/unborn')).status).toBe(404)
  expect((await bed.get<PublicSpace>('GET', `/api/v1/spaces/${space.id}`)).phase).toBe('scheduled')

  served = await serveEngine(engine, { socketPath })
  undo.push(() => served.stop())
  await bed.sit(space.id, speaker)
  expect((await docOf(engine, space.id))?.seats).toHaveLength(1)
  await bed.createSpace({ id: 'unborn' })
})

test('a control that died between database and Roster tells the Roster at its next start', async () => {
  const folder = newFolder()
  const engine = await openEngine(folder)
  const first = await startTestbed({ folder, engine })
  await first.createSpace({ id: 'changed' })
  const old = await engine.roster.get('space/changed')
  await first.get('POST', '/api/v1/spaces/changed/start', { bearer: first.operatorSecret })
  await first.createSpace({ id: 'missing' })
  await first.createSpace({ id: 'deleted' })
  const told = { changed: await docOf(engine, 'changed'), missing: await docOf(engine, 'missing') }
  const orphan = await docOf(engine, 'deleted')
  await first.get('DELETE', '/api/v1/spaces/deleted', { bearer: first.operatorSecret })
  await first.stop()

  // What the Roster would say, had the process died before it wrote the last change of each.
  const changed = await engine.roster.get('space/changed')
  const missing = await engine.roster.get('space/missing')
  await engine.roster.put('space/changed', old?.value, changed?.revision ?? 0)
  await engine.roster.delete('space/missing', missing?.revision ?? 0)
  await engine.roster.put('space/deleted', orphan, 0)
  const spec = { gridStartMs: orphan?.gridStartMs ?? (0 as never), tracks: [], ringParts: 10 }
  await engine.log.open(parseSpaceId('deleted'), spec)

  const second = await startTestbed({ folder, engine })
  undo.push(() => second.stop())
  await second.control.reconciled
  expect(await docOf(engine, 'changed')).toEqual(told.changed)
  expect(await docOf(engine, 'missing')).toEqual(told.missing)
  expect(await docOf(engine, 'deleted')).toBeUndefined()
  const head = await engine.log.head(parseSpaceId('deleted')).catch((error) => error)
  expect((head as MimbarError).code).toBe('not-found')
})

/** The engine, cut off after each write while `losing`: of answers alone, or of everything that follows too. */
function cutOff(engine: Engine): Engine & { losing: 'nothing' | 'answers' | 'everything' } {
  const lost = () => new MimbarError('unavailable', 'The answer was lost.')
  let isCut = false
  const cut = {
    ...engine,
    losing: 'nothing' as 'nothing' | 'answers' | 'everything',
    roster: {
      list: (prefix: string) => engine.roster.list(prefix),
      watch: (prefix: string, signal: AbortSignal) => engine.roster.watch(prefix, signal),
      delete: (key: string, revision: number) => engine.roster.delete(key, revision),
      get: async (key: string) => {
        if (isCut && cut.losing === 'everything') throw lost()
        return engine.roster.get(key)
      },
      put: async (key: string, value: unknown, revision: number) => {
        if (isCut && cut.losing === 'everything') throw lost()
        const written = await engine.roster.put(key, value, revision)
        isCut = cut.losing !== 'nothing'
        if (isCut) throw lost()
        return written
      },
    },
  }
  return cut
}

test('a write whose answer was lost is found to be there, and counts', async () => {
  const folder = newFolder()
  const engine = cutOff(await openEngine(folder))
  const bed = await startTestbed({ folder, engine })
  undo.push(() => bed.stop())
  const { space, speaker } = await bed.createSpace()
  engine.losing = 'answers'
  const { seat } = await bed.sit(space.id, speaker)
  expect((await docOf(engine, space.id))?.seats).toMatchObject([{ id: seat.id }])
})

test('a write that was followed by silence is taken back on both sides, as the caller was told', async () => {
  const folder = newFolder()
  const engine = cutOff(await openEngine(folder))
  const bed = await startTestbed({ folder, engine })
  undo.push(() => bed.stop())
  const { space, speaker } = await bed.createSpace()
  engine.losing = 'everything'
  const json = { secret: speaker, name: 'Ana' }
  const refused = await bed.call('POST', `/api/v1/spaces/${space.id}/seats`, { json })
  expect(refused.status).toBe(503)
  engine.losing = 'nothing'
  expect((await docOf(engine, space.id))?.seats).toHaveLength(1)
  await until('the Roster has no seat again', async () => {
    return (await docOf(engine, space.id))?.seats.length === 0
  })
  await bed.sit(space.id, speaker)
})

test('control starts before its engine, and tells it everything once it is there', async () => {
  const folder = newFolder()
  const engine = await openEngine(folder)
  const first = await startTestbed({ folder, engine })
  await first.createSpace({ id: 'early' })
  await first.stop()
  await engine.roster.delete('space/early', (await engine.roster.get('space/early'))?.revision ?? 0)

  const socketPath = join(folder, 'engine.sock')
  const remote = connectEngine({ socketPath })
  undo.push(() => remote.stop())
  const bed = await startTestbed({ folder, engine: remote })
  undo.push(() => bed.stop())
  expect((await bed.get<PublicSpace>('GET', '/api/v1/spaces/early')).title).toBe('Night radio')
  const served = await serveEngine(engine, { socketPath })
  undo.push(() => served.stop())
  await bed.control.reconciled
  expect((await docOf(engine, 'early'))?.title).toBe('Night radio')
})
