import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import net from 'node:net'
import fc from 'fast-check'
import { EdgeFixture } from '../../../../test/harness/edge-fixture.ts'
import { until } from '../../../../test/harness/until.ts'
import { sequence } from '../../../base/units.ts'
import { silenceLimitMs } from '../../../core/stream/notes.ts'

let fixture: EdgeFixture
beforeAll(async () => {
  fixture = await EdgeFixture.start()
})
afterAll(() => fixture.stop())

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)

describe.concurrent('a pushed CMAF stream', () => {
  test('greets, gives the header, the parts from the latest snapshot on, and then every part as it comes', async () => {
    const facts = await fixture.liveSpace('burst')
    await fixture.append(facts, 0, 32)
    const stream = await fixture.listen('/live/burst/opus.mp4')
    await until('the burst', () => stream.sequences.length === 12)
    await fixture.append(facts, 32, 35)
    await until('three parts more', () => stream.sequences.length === 15)
    expect(stream.log.filter((item) => item !== 'free')).toEqual(['hello', 'init', 'init', ...range(20, 35)])
    expect(stream.notes[0]).toEqual({
      kind: 'hello',
      flushMs: 200,
      epoch: 1 as never,
      next: sequence(20),
      newest: sequence(31),
      gridStartMs: facts.gridStartMs,
      ticket: expect.any(String) as never,
    })
    const { headers } = stream.response
    expect(headers.get('content-type')).toBe('audio/mp4; codecs="opus"')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('access-control-allow-origin')).toBe('*')
    expect(headers.get('set-cookie')).toBeNull()
  })

  test('carries byte for byte what is in the log', async () => {
    const facts = await fixture.liveSpace('exact')
    await fixture.append(facts, 0, 4)
    const stream = await fixture.listen('/live/exact/opus.mp4')
    await until('the burst', () => stream.sequences.length === 4)
    await fixture.append(facts, 4, 8)
    await until('all parts', () => stream.sequences.length === 8)
    await until('their last box', () => Buffer.concat(stream.media).subarray(-8).length === 8)
    const header = (await fixture.engine.log.head(facts.id)).tracks.find(({ id }) => id === 'opus.mp4')
    const expected = Buffer.concat([header?.header as Uint8Array, fixture.mp4(facts, 0, 8)])
    await until('every byte', () => Buffer.concat(stream.media).length === expected.length)
    expect(Buffer.concat(stream.media).equals(expected)).toBe(true)
  })

  test('resumes at any point that is held, without a hole or a repeat', async () => {
    const facts = await fixture.liveSpace('resume')
    await fixture.append(facts, 0, 60)
    await fixture.append(facts, 65, 120, { by: 2, gap: 'takeover' })
    const all = [...range(0, 60), ...range(65, 120)]
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 120 }), async (from) => {
        const stream = await fixture.listen(`/live/resume/opus.mp4?from=1.${from}`)
        const expected = all.filter((n) => n >= from)
        await until('the stream is there', () => stream.notes.length > 0)
        await until(`all from ${from}`, () => stream.sequences.length >= expected.length)
        expect(stream.sequences).toEqual(expected)
        expect(stream.kinds()).toEqual(['hello'])
        stream.close()
      }),
      { numRuns: 25 },
    )
  })

  test('a resume from before what is held begins at the live edge, and says so', async () => {
    const facts = await fixture.liveSpace('old')
    await fixture.append(facts, 0, 300)
    const stream = await fixture.listen('/live/old/opus.mp4?from=1.3')
    await until('the burst', () => stream.sequences.length === 4)
    expect(stream.sequences).toEqual(range(296, 300))
    expect(stream.notes[1]).toEqual({ kind: 'skipped', parts: 293 })
  })

  test('a space that is not on air yet keeps the stream alive, and begins by itself', async () => {
    const { programStart: _, ...scheduled } = await fixture.space('soon', { phase: 'scheduled' })
    const stream = await fixture.listen('/live/soon/opus.mp4')
    await until('two heartbeats', () => stream.heartbeats >= 2)
    expect(stream.log[0]).toBe('hello')
    await fixture.openLog(scheduled)
    await fixture.append(scheduled, 30, 33)
    await until('the first parts', () => stream.sequences.length === 3)
    expect(stream.sequences).toEqual([30, 31, 32])
    expect(stream.kinds()).toEqual(['hello', 'hello'])
  })

  test('a listener is never without a byte for the time after which a player reconnects', async () => {
    const facts = await fixture.liveSpace('silent')
    await fixture.append(facts, 0, 4)
    const stream = await fixture.listen('/live/silent/opus.mp4')
    await until('three heartbeats in a silence of the source', () => stream.heartbeats >= 3)
    expect(stream.longestSilenceMs).toBeLessThan(silenceLimitMs(200))
    expect(stream.isEnded).toBe(false)
  })

  test('the program’s end is told, and nothing after it is heard', async () => {
    const facts = await fixture.liveSpace('ending')
    await fixture.append(facts, 0, 10)
    const stream = await fixture.listen('/live/ending/opus.mp4?from=1.5')
    await until('the first parts', () => stream.sequences.length === 5)
    await fixture.space('ending', { phase: 'ended', programEnd: sequence(13) })
    await fixture.append(facts, 10, 16)
    await until('the end', () => stream.isEnded)
    expect(stream.sequences).toEqual(range(5, 13))
    expect(stream.kinds()).toEqual(['hello', 'ended'])
  })

  test('who drops in the last seconds still gets the rest, and then the end', async () => {
    const now = Math.floor(80_000 / 200)
    const facts = await fixture.liveSpace('last-words')
    await fixture.append(facts, now - 20, now)
    await fixture.space('last-words', { phase: 'ended', programEnd: sequence(now) })
    const stream = await fixture.listen(`/live/last-words/opus.mp4?from=1.${now - 3}`)
    await until('the end', () => stream.isEnded)
    expect(stream.sequences).toEqual(range(now - 3, now))
    expect(stream.kinds()).toEqual(['hello', 'ended'])
  })

  test('the log’s restart costs listeners nothing: no hole, no repeat, no reconnect', async () => {
    const facts = await fixture.liveSpace('restart')
    await fixture.append(facts, 0, 10)
    const stream = await fixture.listen('/live/restart/opus.mp4')
    await until('the burst', () => stream.sequences.length === 10)
    await fixture.interruptEngine(300)
    await fixture.append(facts, 10, 20)
    await until('the parts after it', () => stream.sequences.length === 20)
    expect(stream.sequences).toEqual(range(0, 20))
    expect(stream.kinds()).toEqual(['hello'])
    expect(stream.isEnded).toBe(false)
  })
})

describe('the flush interval', () => {
  test('is announced before it is used, and no silence calls for a reconnect', async () => {
    const facts = await fixture.liveSpace('flush')
    const edge = await fixture.startEdge({ edgeId: 'edge-1', lengtheningMax: 1 })
    await fixture.append(facts, 0, 5)
    const stream = await fixture.listen('/live/flush/opus.mp4', edge)
    await until('the burst', () => stream.sequences.length === 5)
    edge.setFlushInterval(1_000)
    await until('the announcement', () => stream.notes.length === 2)
    expect(stream.notes[1]).toEqual({ kind: 'flush', flushMs: 1_000 })
    let next = 5
    const deadline = performance.now() + 2_000
    while (performance.now() < deadline) {
      await fixture.append(facts, next, ++next)
      await Bun.sleep(100)
    }
    // The source stalls; heartbeats go on.
    const heartbeats = stream.heartbeats
    await until('a heartbeat', () => stream.heartbeats >= heartbeats + 2)
    edge.setFlushInterval(200)
    await fixture.append(facts, next, next + 1)
    await until('everything', () => stream.sequences.at(-1) === next)
    expect(stream.sequences).toEqual(range(0, next + 1))
    expect(stream.longestSilenceMs).toBeLessThan(silenceLimitMs(1_000))
    expect(stream.kinds()).toEqual(['hello', 'flush', 'flush'])
    await edge.stop()
  })
})

describe('a reader that does not read', () => {
  test('holds up nobody, skips to the live edge when it reads again, and is told', async () => {
    const facts = await fixture.liveSpace('slow')
    await fixture.append(facts, 0, 4)
    const slow = await SlowClient.open(fixture.edge.port, '/live/slow/opus.mp4')
    const quick = await fixture.listen('/live/slow/opus.mp4')
    await until('both began', () => quick.sequences.length === 4 && slow.bytes > 0)
    slow.pause()
    // Large parts fill the kernel's buffers (megabytes, on loopback) in no time.
    await fixture.append(facts, 4, 204, { padding: 60_000 })
    await until('the quick one has all', () => quick.sequences.length === 204, 20_000)
    expect(quick.sequences).toEqual(range(0, 204))
    slow.resume()
    await until('the slow one was told', () => slow.text().includes('"kind":"skipped"'), 20_000)
    const metrics = await (await fixture.fetch('/metrics')).text()
    const skipped = Number(/parts_skipped_total\{track="opus.mp4"\} (\d+)/.exec(metrics)?.[1])
    expect(skipped).toBeGreaterThan(25)
    slow.close()
  }, 30_000)
})

describe('an Ogg stream', () => {
  test('carries the header pages and then the log’s pages, and nothing else', async () => {
    const facts = await fixture.liveSpace('ogg')
    await fixture.append(facts, 0, 6)
    const head = await fixture.engine.log.head(facts.id)
    const header = head.tracks.find(({ id }) => id === 'opus.ogg')?.header as Uint8Array
    const expected = [header]
    for (let n = 2; n < 9; n++) {
      if (n < 6) expected.push(fixture.appended.get(facts.id)?.get(n)?.tracks.get('opus.ogg') as Uint8Array)
    }
    const abort = new AbortController()
    const response = await fetch(fixture.url('/live/ogg/opus.ogg'), { signal: abort.signal })
    expect(response.headers.get('content-type')).toBe('audio/ogg; codecs=opus')
    const got: Uint8Array[] = []
    const reading = (async () => {
      for await (const bytes of response.body as unknown as AsyncIterable<Uint8Array>) got.push(bytes.slice())
    })().catch(() => undefined) // aborted below
    await until('the burst', () => Buffer.concat(got).length >= Buffer.concat(expected).length)
    await fixture.append(facts, 6, 7)
    expected.push(fixture.appended.get(facts.id)?.get(6)?.tracks.get('opus.ogg') as Uint8Array)
    await until('one more', () => Buffer.concat(got).length >= Buffer.concat(expected).length)
    expect(Buffer.concat(got).equals(Buffer.concat(expected))).toBe(true)
    abort.abort()
    await reading
  })
})

test('a draining edge asks its listeners to move, and then ends their streams', async () => {
  const facts = await fixture.liveSpace('drain')
  const edge = await fixture.startEdge({ edgeId: 'edge-2', drainMs: 400 })
  await fixture.append(facts, 0, 5)
  const stream = await fixture.listen('/live/drain/opus.mp4', edge)
  await until('the burst', () => stream.sequences.length === 5)
  const stopping = edge.stop()
  await until('the note', () => stream.kinds().includes('move'))
  await fixture.append(facts, 5, 6)
  await until('a part while draining', () => stream.sequences.includes(5))
  await stopping
  await until('the end', () => stream.isEnded)
  expect(stream.kinds()).toEqual(['hello', 'move'])
})

test('an edge that is full says so, and lets in the next one after somebody left', async () => {
  const facts = await fixture.liveSpace('full')
  await fixture.append(facts, 0, 5)
  const edge = await fixture.startEdge({ edgeId: 'edge-3', streamsMax: 1 })
  const first = await fixture.listen('/live/full/opus.mp4', edge)
  await until('the first one hears', () => first.sequences.length === 5)
  const refused = await fetch(fixture.url('/live/full/opus.mp4', edge))
  expect(refused.status).toBe(503)
  expect(refused.headers.get('retry-after')).toMatch(/^[1-3]$/)
  await refused.text()
  first.close()
  await until('there is room', async () => {
    const abort = new AbortController()
    const answer = await fetch(fixture.url('/live/full/opus.mp4', edge), { signal: abort.signal })
    abort.abort()
    return answer.status === 200
  })
  await edge.stop()
})

/** A client on a bare socket, whose reading can be stopped. */
class SlowClient {
  readonly #socket: net.Socket
  readonly #chunks: Buffer[] = []

  static async open(port: number, path: string): Promise<SlowClient> {
    const socket = net.connect(port, '127.0.0.1')
    await new Promise<void>((resolve) => socket.once('connect', () => resolve()))
    socket.write(`GET ${path} HTTP/1.1\r\nHost: test\r\n\r\n`)
    return new SlowClient(socket)
  }

  private constructor(socket: net.Socket) {
    this.#socket = socket
    socket.on('data', (chunk) => this.#chunks.push(Buffer.from(chunk)))
    socket.on('error', () => undefined) // reset by the edge: the test looks at what came before
  }

  get bytes(): number {
    return this.#chunks.reduce((sum, chunk) => sum + chunk.length, 0)
  }
  text(): string {
    return Buffer.concat(this.#chunks).toString('latin1')
  }
  pause(): void {
    this.#socket.pause()
  }
  resume(): void {
    this.#socket.resume()
  }
  close(): void {
    this.#socket.destroy()
  }
}
