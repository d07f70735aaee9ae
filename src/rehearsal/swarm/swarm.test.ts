// The swarm against servers that do wrong on purpose: a check that cannot fail would prove nothing.

import { afterEach, expect, test } from 'bun:test'
import { concatBytes } from '../../base/bytes.ts'
import { parseSpaceId } from '../../base/ids.ts'
import { epoch, sequence } from '../../base/units.ts'
import { packagePart, programHeaders } from '../../core/part/packager.ts'
import { DurationHistogram } from '../../core/rehearsal/histogram.ts'
import { isListenerToken, REHEARSAL_HEADER } from '../../core/rehearsal/proof.ts'
import { addTallies, type Tally } from '../../core/rehearsal/tally.ts'
import { encodeNote } from '../../core/stream/note-box.ts'
import { SILENT_PACKET } from '../../media/opus/program.ts'
import type { SwarmPlan, SwarmReport } from './messages.ts'
import { PartLedger } from './part-ledger.ts'
import { Swarm } from './swarm.ts'
import { macOf } from './token-mint.ts'

const KEY = 'a key for faulty servers'
const SPACE = parseSpaceId('demo')
const PARTS = 8
const header = programHeaders().find(({ id }) => id === 'opus.mp4')?.header as Uint8Array
const hello = encodeNote({ kind: 'hello', flushMs: 200, epoch: epoch(1), next: sequence(0) })

function part(n: number, listeners = 0): Uint8Array {
  const made = packagePart({
    sequence: sequence(n),
    epoch: epoch(1),
    packets: new Array<Uint8Array>(10).fill(SILENT_PACKET),
    events: [{ kind: 'listeners', listeners }],
  })
  return made.tracks.get('opus.mp4') as Uint8Array
}

/** What one connection is given, write by write; after the last, the stream stays open. `undefined` closes it. */
type Script = readonly (Uint8Array | undefined)[]

const opening = concatBytes([hello, header])
const faultless = (from = 0): Script => [opening, ...range(from, PARTS).map((n) => part(n))]
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)

const servers: Bun.Server<undefined>[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop(true)))
})

/** Lets three listeners hear a server of which `scriptOf` says what each connection gets, until `isEnough`. */
async function listenTo(
  scriptOf: (connection: number, from: number) => Script,
  isEnough: (tally: Readonly<Tally>) => boolean,
) {
  let connections = 0
  const tokens: string[] = []
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    idleTimeout: 0,
    fetch: (request) => {
      tokens.push(request.headers.get(REHEARSAL_HEADER) ?? '')
      const from = Number(new URL(request.url).searchParams.get('from')?.split('.')[1] ?? 0)
      return new Response(streamOf(scriptOf(connections++, from)))
    },
  })
  servers.push(server)
  return { ...(await runSwarm(server.port as number, isEnough)), tokens }
}

/** The three listeners, and what they report. */
async function runSwarm(port: number, isEnough: (tally: Readonly<Tally>) => boolean) {
  const reports: SwarmReport[] = []
  const swarm = new Swarm(planFor(port), (report) => reports.push({ ...report, tally: { ...report.tally } }))
  swarm.start()
  const deadline = performance.now() + 8_000
  while (!isEnough(reports.at(-1)?.tally ?? addTallies([])) && performance.now() < deadline)
    await Bun.sleep(20)
  swarm.stop()
  const ledger = new PartLedger()
  for (const { news } of reports) ledger.add(news)
  const { tally } = reports.at(-1) as SwarmReport
  const waited = new DurationHistogram()
  for (const { durations } of reports) waited.add(durations.waited)
  return { tally, ledger, waitedCount: waited.count }
}

function streamOf(script: Script): ReadableStream {
  return new ReadableStream({
    async start(controller) {
      for (const bytes of script) {
        if (bytes === undefined) return controller.close()
        controller.enqueue(bytes)
        await Bun.sleep(10)
      }
    },
  })
}

function planFor(port: number): SwarmPlan {
  return {
    target: {
      hostName: '127.0.0.1',
      authority: `127.0.0.1:${port}`,
      port,
      tls: false,
      addresses: ['127.0.0.1'],
      space: SPACE,
    },
    key: KEY,
    clockOffsetMs: 0,
    listeners: 3,
    join: { kind: 'storm' },
    churnPercentPerMinute: 0,
    slowPercent: 0,
    vanishPercentPerMinute: 0,
    hlsPercent: 0,
  }
}

test('a server without fault has none, and is shown a token that it can check', async () => {
  const { tally, ledger, tokens } = await listenTo(
    () => faultless(),
    ({ parts }) => parts >= 3 * PARTS,
  )
  expect(tally).toMatchObject({
    arrivals: 3,
    served: 3,
    late: 0,
    parts: 3 * PARTS,
    gaps: 0,
    different: 0,
    repeats: 0,
  })
  expect(ledger.partsSeen).toBe(PARTS)
  expect(tokens.every((token) => isListenerToken(macOf(KEY), SPACE, token, Date.now()))).toBe(true)
})

test('a part that one listener is not given is a gap, and it is known that others got it', async () => {
  const lacking = faultless().filter((_, i) => i !== 5)
  const { tally, ledger } = await listenTo(
    (n) => (n === 1 ? lacking : faultless()),
    ({ parts }) => parts >= 3 * PARTS - 1,
  )
  expect(tally).toMatchObject({ gaps: 1, gapParts: 1, skips: 0 })
  expect(ledger.judgeJumps()).toEqual({ missed: [{ from: 4, to: 5, listeners: 1 }], holes: [] })
})

test('a part that nobody is given is a hole for everyone', async () => {
  const lacking = faultless().filter((_, i) => i !== 5)
  const { tally, ledger } = await listenTo(
    () => lacking,
    ({ parts }) => parts >= 3 * (PARTS - 1),
  )
  expect(tally.gaps).toBe(3)
  expect(ledger.judgeJumps()).toEqual({ missed: [], holes: [{ from: 4, to: 5, listeners: 3 }] })
})

test('parts that were skipped and told of are a skip, and no gap', async () => {
  const told = encodeNote({ kind: 'skipped', parts: 2 })
  const skipping: Script = [
    opening,
    part(0),
    concatBytes([told, part(3)]),
    ...range(4, PARTS).map((n) => part(n)),
  ]
  const { tally } = await listenTo(
    (n) => (n === 0 ? skipping : faultless()),
    ({ parts }) => parts >= 3 * PARTS - 2,
  )
  expect(tally).toMatchObject({ gaps: 0, skips: 1, skippedParts: 2 })
})

test('a part with other bytes for one listener is noticed', async () => {
  const other = faultless().map((bytes, i) => (i === 5 ? part(4, 7) : bytes))
  const { tally } = await listenTo(
    (n) => (n === 2 ? other : faultless()),
    ({ parts }) => parts >= 3 * PARTS,
  )
  expect(tally.different).toBeGreaterThan(0)
  expect(tally.gaps).toBe(0)
})

test('a stream that breaks is resumed at the part that is lacking', async () => {
  const breaking: Script = [...faultless().slice(0, 4), undefined]
  const { tally } = await listenTo(
    (n, from) => (n === 1 ? breaking : faultless(from)),
    ({ parts }) => parts >= 3 * PARTS,
  )
  expect(tally).toMatchObject({ lost: 1, reconnects: 1, connects: 4, gaps: 0, repeats: 0, parts: 3 * PARTS })
})

test('who is given a place waits as a page does, and is served when called; it is answered, not late', async () => {
  const place = { ticket: 'the-place-of-this-one', arrivedAtMs: Date.now() }
  const asked: string[] = []
  let lines = 0
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    idleTimeout: 0,
    fetch: (request) => {
      const { pathname, searchParams } = new URL(request.url)
      if (pathname.endsWith('/line')) {
        lines += 1
        // Nobody is called before everyone has asked.
        const admittedBeforeMs = lines > 3 ? place.arrivedAtMs + 1 : place.arrivedAtMs
        const view = { nowMs: Date.now(), admittedBeforeMs, waiting: 3, admittedPerSecond: 1 }
        return Response.json({ ...view, arrivals: [], askAgainMs: 1_000, showAgainMs: 60_000 })
      }
      asked.push(searchParams.get('ticket') ?? '')
      if (lines > 3) return new Response(streamOf(faultless()))
      return Response.json({ code: 'full', place }, { status: 503, headers: { 'Retry-After': '1' } })
    },
  })
  servers.push(server)
  const { tally, waitedCount } = await runSwarm(server.port as number, ({ parts }) => parts >= 3 * PARTS)
  expect(tally).toMatchObject({
    arrivals: 3,
    placed: 3,
    served: 3,
    late: 0,
    turnedAway: 3,
    shown: 3,
    gaps: 0,
    refused: 0,
  })
  expect(tally.lineAsks).toBeGreaterThan(3)
  expect(waitedCount).toBe(3)
  expect(asked).toEqual(['', '', '', ...Array<string>(3).fill(place.ticket)])
}, 15_000)

test('what is not a stream of parts is broken, and a listener who is never served is late', async () => {
  const rubbish = new TextEncoder().encode('<!doctype html><p>A page of somebody else')
  const { tally } = await listenTo(
    () => [rubbish],
    ({ late }) => late >= 3,
  )
  expect(tally.broken).toBeGreaterThanOrEqual(3)
  expect(tally).toMatchObject({ late: 3, served: 0, parts: 0 })
}, 15_000)
