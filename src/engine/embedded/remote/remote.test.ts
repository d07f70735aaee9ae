// The border between the engine and other processes: what survives a reconnect, and what is refused.

import { afterEach, beforeEach, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import fc from 'fast-check'
import type { Running } from '../../../base/lifetime.ts'
import { sequence } from '../../../base/units.ts'
import { RECORD_BYTES_MAX } from '../../../core/part/part.ts'
import { partOf, SPACE, specOf, until } from '../../contract/program.ts'
import type { Engine, TailItem } from '../../ports.ts'
import { openEmbeddedEngine } from '../engine.ts'
import { connectEngine } from './client.ts'
import { encodeFrame, type Frame, FrameDecoder } from './frames.ts'
import { BODY_BYTES_MAX } from './routes.ts'
import { serveEngine } from './server.ts'

let folder = ''
let socketPath = ''
let engine: Engine & Running
let client: Engine & Running
let server: Running

beforeEach(async () => {
  folder = mkdtempSync(`${tmpdir()}/mimbar-remote-`)
  socketPath = `${folder}/engine.sock`
  engine = await openEmbeddedEngine({ dataFolder: folder })
  server = await serveEngine(engine, { socketPath })
  client = connectEngine({ socketPath })
})

afterEach(async () => {
  await client.stop()
  await server.stop()
  await engine.stop()
  rmSync(folder, { recursive: true })
})

async function serveAnew(meanwhile: () => Promise<unknown>): Promise<void> {
  await server.stop()
  rmSync(socketPath, { force: true })
  await meanwhile()
  server = await serveEngine(engine, { socketPath })
}

test('a watch that is cut off learns what was deleted and changed meanwhile', async () => {
  const abort = new AbortController()
  const seen = new Map<string, unknown>()
  const watching = (async () => {
    for await (const fact of client.roster.watch('k/', abort.signal)) seen.set(fact.key, fact.value)
  })()
  const gone = await client.roster.put('k/gone', 1, 0)
  const changed = await client.roster.put('k/changed', 1, 0)
  await until(() => seen.size === 2)
  await serveAnew(async () => {
    await engine.roster.delete('k/gone', gone)
    await engine.roster.put('k/changed', 2, changed)
  })
  await until(() => seen.get('k/changed') === 2 && seen.get('k/gone') === undefined)
  abort.abort()
  await watching
})

test('a watch is told that the last document is gone, too', async () => {
  const abort = new AbortController()
  const seen = new Map<string, unknown>()
  const watching = (async () => {
    for await (const fact of client.roster.watch('k/', abort.signal)) seen.set(fact.key, fact.value)
  })()
  const revision = await client.roster.put('k/only', 1, 0)
  await until(() => seen.get('k/only') === 1)
  await serveAnew(() => engine.roster.delete('k/only', revision))
  await until(() => seen.has('k/only') && seen.get('k/only') === undefined)
  abort.abort()
  await watching
})

test('a subscription comes back by itself; what is published while nobody serves is dropped', async () => {
  const abort = new AbortController()
  const seen: unknown[] = []
  const reading = (async () => {
    for await (const { value } of client.feed.subscribe('t', abort.signal)) seen.push(value)
  })()
  client.feed.publish('t', 1)
  await until(() => seen.includes(1))
  await serveAnew(async () => {
    client.feed.publish('t', 2)
    // The outbox has tried by the time that another call has failed.
    await expect(client.roster.list('')).rejects.toMatchObject({ code: 'unavailable' })
  })
  client.feed.publish('t', 3)
  await until(() => seen.includes(3))
  abort.abort()
  await reading
})

test('a tail that is cut off says unavailable, and so does a stopped client', async () => {
  await client.log.open(SPACE, specOf(900))
  await client.log.append(SPACE, partOf(0, 1, 'first'))
  const items: TailItem[] = []
  const tailing = (async () => {
    const tail = client.log.tail(SPACE, { kind: 'live', burstParts: 1 }, new AbortController().signal)
    for await (const item of tail) items.push(item)
  })()
  const outcome = tailing.then(
    () => 'ended',
    (error) => error.code,
  )
  await until(() => items.length > 0)
  await serveAnew(async () => undefined)
  expect(await outcome).toBe('unavailable')
  await client.stop()
  await expect(client.log.head(SPACE)).rejects.toMatchObject({ code: 'unavailable' })
})

test('readers that leave are let go of', async () => {
  await client.log.open(SPACE, specOf(900))
  await client.log.append(SPACE, partOf(0, 1, 'first'))
  // More than may read one log at once.
  for (let i = 0; i < 1_100; i++) {
    for await (const _ of client.log.tail(
      SPACE,
      { kind: 'live', burstParts: 1 },
      new AbortController().signal,
    ))
      break
  }
  expect((await client.log.head(SPACE)).newest).toBe(sequence(0))
}, 20_000)

const call = (method: string, path: string, body?: string | Uint8Array<ArrayBuffer>): Promise<Response> =>
  fetch(`http://engine${path}`, { method, unix: socketPath, ...(body === undefined ? {} : { body }) })

test('what makes no sense is answered with a problem, and nothing breaks', async () => {
  await engine.log.open(SPACE, specOf(900))
  const cases: readonly (readonly [
    method: string,
    path: string,
    body: string | Uint8Array<ArrayBuffer> | undefined,
    status: number,
  ])[] = [
    ['GET', '/nothing', undefined, 404],
    ['GET', '/constructor', undefined, 404],
    ['PATCH', '/log/a-space', '{}', 404],
    ['GET', '/log/..%2f..%2fetc', undefined, 400],
    ['GET', '/log/NOT-A-SPACE', undefined, 400],
    ['PUT', '/log/b', '{', 400],
    ['PUT', '/log/b', 'null', 400],
    ['PUT', '/log/b', '{"tracks":[null]}', 400],
    ['PUT', '/log/b', '{"tracks":[],"gridStartMs":"x","ringParts":9}', 400],
    ['PUT', '/log/b', '{"tracks":[],"gridStartMs":5,"ringParts":1e9}', 400],
    ['POST', '/log/a-space/parts', 'no record', 400],
    ['POST', '/log/a-space/parts', new Uint8Array(100), 400],
    ['POST', '/log/a-space/parts', new Uint8Array(RECORD_BYTES_MAX + 100), 413],
    ['GET', '/log/a-space/parts?from=0', undefined, 400],
    ['GET', '/log/a-space/parts?from=-1&to=5', undefined, 400],
    ['GET', '/log/a-space/tail?from=1e3', undefined, 400],
    ['GET', '/log/a-space/tail?from=9999999999999999', undefined, 400],
    ['GET', '/log/unknown/tail?from=0', undefined, 404],
    ['POST', '/log/a-space/keep', '{"from":"x","writer":1}', 400],
    ['POST', '/log/a-space/keep', '[]', 400],
    ['POST', '/log/a-space/end', '{}', 400],
    ['POST', '/feed', '{}', 400],
    ['POST', '/feed', '[null]', 400],
    ['GET', '/feed?prefix=%00', undefined, 400],
    ['POST', '/lease/a-space/acquire', '{"holder":"a","ttlMs":"soon"}', 400],
    ['POST', '/lease/a-space/acquire', '{"holder":"a","ttlMs":1e9}', 400],
    ['PUT', '/roster/fact?key=k&revision=x', '1', 400],
    ['PUT', '/roster/fact?key=k&revision=0', JSON.stringify('x'.repeat(70_000)), 413],
    ['GET', '/roster/fact?key=', undefined, 400],
  ]
  for (const [method, path, body, status] of cases) {
    const response = await call(method, path, body)
    expect([path, response.status]).toEqual([path, status])
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    expect(await response.json()).toMatchObject({
      status,
      code: expect.any(String),
      detail: expect.any(String),
    })
  }
  expect((await call('POST', '/feed', new Uint8Array(BODY_BYTES_MAX + 1))).status).toBe(413)
  expect((await engine.log.head(SPACE)).newest).toBeUndefined()
})

test('frames come out as they went in, however the bytes are cut', () => {
  const frame: fc.Arbitrary<Frame> = fc.oneof(
    fc.constantFrom<Frame>({ kind: 'idle' }, { kind: 'ended' }, { kind: 'complete' }),
    fc.nat(1_000).map((at): Frame => ({ kind: 'part', part: partOf(at, 1, 'stalled') })),
    fc.string().map(
      (detail): Frame => ({
        kind: 'problem',
        problem: { type: 'about:blank', title: 't', status: 500, code: 'gone', detail },
      }),
    ),
  )
  fc.assert(
    fc.property(
      fc.array(frame),
      fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1 }),
      (frames, cuts) => {
        const bytes = Buffer.concat(frames.map(encodeFrame))
        const decoder = new FrameDecoder()
        const out: Frame[] = []
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const end = at + (cuts[i % cuts.length] as number)
          out.push(...decoder.push(bytes.subarray(at, end)))
          at = end
        }
        expect(out).toEqual(frames)
      },
    ),
  )
})
