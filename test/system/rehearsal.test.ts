// A rehearsal against a real Mimbar: the swarm enters by the front door like everyone, is never counted as an
// audience, and comes only where it was invited.

import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { REHEARSAL_HEADER } from '../../src/core/rehearsal/proof.ts'
import type { AttackFindings, RehearsalReport } from '../../src/core/rehearsal/report.ts'
import { ATTACKS, type AttackProfile } from '../../src/rehearsal/swarm/messages.ts'
import { type RunningMimbar, startMimbar } from '../harness/running-mimbar.ts'
import { until } from '../harness/until.ts'

const MAIN = resolve(import.meta.dir, '../../src/main.ts')
const KEY = 'the key of this rehearsal'
const LISTENERS = 200

let mimbar: RunningMimbar
let folder: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mimbar-rehearsal-'))
  mimbar = await startMimbar({ flags: ['--demo', '--rehearsal-key', KEY] })
  // Not by asking for a stream or a playlist: whoever does is a listener, and is counted.
  await until(
    'the demo is on air',
    async () => {
      return (await mimbar.publicSpace('demo')).phase === 'live' && mimbar.output().includes('talks')
    },
    30_000,
  )
}, 60_000)

afterAll(async () => {
  await mimbar?.stop()
  rmSync(folder, { recursive: true, force: true })
}, 30_000)

interface Ended {
  readonly code: number
  readonly report: RehearsalReport
  readonly errors: string
}

/** Starts `mimbar rehearse`, as a person would. */
function rehearse(flags: readonly string[], key = KEY) {
  const child = Bun.spawn(
    [process.execPath, MAIN, 'rehearse', `${mimbar.publicUrl}/s/demo`, '--key', key, ...flags],
    { stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' },
  )
  const ended = async (): Promise<Ended> => {
    const [out, errors, code] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
      child.exited,
    ])
    return { code, errors, report: (out === '' ? undefined : JSON.parse(out)) as RehearsalReport }
  }
  return { ended: ended(), child }
}

/** Of all edges that a few questions meet: what `/metrics` says of `name`, added up over edges. */
async function metricOverEdges(name: string): Promise<number> {
  const byEdge = new Map<string, number>()
  for (let i = 0; i < 12; i++) {
    const text = await (
      await fetch(`${mimbar.publicUrl}/metrics`, { headers: { connection: 'close' } })
    ).text()
    const edge = /mimbar_edge_cpu_seconds_total\{edge="([^"]+)"\}/.exec(text)?.[1] ?? ''
    const samples = [...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? ([0-9.]+)$`, 'gm'))]
    byEdge.set(
      edge,
      samples.reduce((sum, match) => sum + Number(match[1]), 0),
    )
  }
  return [...byEdge.values()].reduce((a, b) => a + b, 0)
}

test('two hundred listeners at once hear every part, and none of them is counted', async () => {
  const page = join(folder, 'report.html')
  const run = rehearse(['--listeners', `${LISTENERS}`, '--for', '10s', '--json', '--report', page])
  const counted: number[] = []
  let [rehearsed, people, isOver] = [0, 0, false]
  void run.ended.then(() => {
    isOver = true
  })
  while (!isOver) {
    counted.push((await mimbar.publicSpace('demo')).listeners)
    rehearsed = Math.max(rehearsed, await metricOverEdges('mimbar_edge_rehearsed'))
    people = Math.max(people, await metricOverEdges('mimbar_edge_listeners'))
    await Bun.sleep(200)
  }
  const { code, report } = await run.ended
  expect(report.verdict).toEqual({ passed: true, failures: [] })
  expect(code).toBe(0)

  // The audience's number stays true, while the edges did serve the swarm.
  expect(counted.length).toBeGreaterThan(5)
  expect(Math.max(...counted)).toBe(0)
  expect(people).toBe(0)
  expect(rehearsed).toBeGreaterThan(LISTENERS / 2)
  expect(rehearsed).toBeLessThanOrEqual(LISTENERS + report.probes.length)

  // The report adds up.
  const { tally, carried, series } = report
  expect(tally.arrivals).toBe(LISTENERS)
  expect(tally.served).toBe(LISTENERS)
  expect(report.firstAudioMs.count).toBe(LISTENERS)
  expect(tally.connects).toBe(LISTENERS + tally.reconnects + tally.moves)
  expect(carried.listenersProven).toBe(LISTENERS)
  expect(report.presenceAtEnd).toEqual({
    wanting: LISTENERS,
    hearing: LISTENERS,
    arriving: 0,
    waiting: 0,
    deaf: 0,
  })
  expect(tally.parts).toBeGreaterThanOrEqual(LISTENERS * 45)
  expect(tally.parts).toBeLessThanOrEqual(LISTENERS * report.partsSeen)
  expect(tally.bytes).toBeGreaterThan(tally.parts * 500)
  expect(series.reduce((sum, { parts }) => sum + parts, 0)).toBeLessThanOrEqual(tally.parts)
  expect(report.probes.every(({ firstAudioMs, gaps }) => firstAudioMs !== null && gaps === 0)).toBe(true)
  expect(report.serverCost.kind).toBe('measured')

  const html = readFileSync(page, 'utf8')
  expect(html).toContain('PASSED')
  expect(html).not.toMatch(/<script|(src|href)=|NaN|undefined/)
}, 60_000)

test('an edge killed in the middle costs its listeners a reconnect, and nobody a part', async () => {
  const run = rehearse(['--listeners', `${LISTENERS}`, '--for', '10s', '--churn', '100', '--json'])
  await until(
    'the swarm hears',
    async () => {
      return (await metricOverEdges('mimbar_edge_rehearsed')) >= LISTENERS / 2
    },
    20_000,
  )
  const edge = mimbar.rolePids().get('edge-0')
  if (edge === undefined) throw new Error('edge-0 does not run')
  process.kill(edge, 'SIGKILL')
  const { report } = await run.ended
  expect(report.tally.reconnects).toBeGreaterThan(LISTENERS / 10)
  expect(report.tally.lost).toBeGreaterThan(LISTENERS / 10)
  expect(report.outageMs.count).toBeGreaterThan(LISTENERS / 10)
  expect(report.tally.left).toBeGreaterThan(0)
  expect(report.tally.arrivals).toBeGreaterThan(LISTENERS)
  expect(report.tally.gaps).toBe(0)
  expect(report.tally.different).toBe(0)
  expect([...report.missed, ...report.holes]).toEqual([])
}, 60_000)

test('another key is refused by both sides before anybody was sent', async () => {
  const { ended } = rehearse(['--for', '5s'], 'a key from somewhere else')
  const { code, errors } = await ended
  expect(code).toBe(2)
  expect(errors).toContain('another key')
  expect(await metricOverEdges('mimbar_edge_rehearsed')).toBe(0)
}, 30_000)

test('who pretends to be of a rehearsal is refused, and not taken for a listener', async () => {
  for (const token of ['', 'x', `${Date.now() + 60_000}.${'a'.repeat(22)}.${'b'.repeat(43)}`]) {
    const answer = await fetch(`${mimbar.publicUrl}/live/demo/opus.mp4`, {
      headers: { [REHEARSAL_HEADER]: token },
    })
    expect(answer.status).toBe(403)
    await answer.body?.cancel()
  }
  expect((await mimbar.publicSpace('demo')).listeners).toBe(0)
})

test('a server that has invited nobody, or is something else, is left alone', async () => {
  const asked: string[] = []
  const other = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch: (request) => {
      asked.push(new URL(request.url).pathname)
      return Response.json({ challenge: 'yes', atMs: Date.now(), proof: 'certainly' })
    },
  })
  const uninvited = await startMimbar()
  try {
    for (const url of [`http://127.0.0.1:${other.port}/s/demo`, `${uninvited.publicUrl}/s/demo`]) {
      const child = Bun.spawn([process.execPath, MAIN, 'rehearse', url, '--key', KEY, '--for', '5s'], {
        stdin: 'ignore',
        stdout: 'pipe',
        stderr: 'pipe',
      })
      const errors = await new Response(child.stderr).text()
      expect(await child.exited).toBe(2)
      expect(errors).toMatch(/has not invited a rehearsal|another key/)
    }
    expect(asked).toEqual(['/.well-known/mimbar-rehearsal'])
  } finally {
    await other.stop(true)
    await uninvited.stop()
  }
}, 60_000)

test('who polls HLS is given every part too, with the bytes of the pushed stream', async () => {
  const { code, report } = await rehearse(['--listeners', '40', '--for', '9s', '--hls', '50%', '--json'])
    .ended
  expect(report.verdict).toEqual({ passed: true, failures: [] })
  expect(code).toBe(0)
  const { tally } = report
  expect(tally.served).toBe(40)
  // Playlists are reloaded every 400 ms by those who poll; nobody else asks for one.
  expect(tally.playlists).toBeGreaterThan(20 * 10)
  expect(tally.different).toBe(0)
  // Forty listeners for some seven seconds: more than those of the pushed stream alone could have had.
  expect(tally.parts).toBeGreaterThan(20 * report.partsSeen + 20 * 15)
  await until(
    'none of them is counted',
    async () => (await mimbar.publicSpace('demo')).listeners === 0,
    20_000,
  )
}, 60_000)

/** What each attack must have done for the test to have seen it, as the report tells. */
const ATTACKED: Readonly<Record<AttackProfile, (attack: AttackFindings) => boolean>> = {
  connections: ({ opened, requests }) => opened >= 20 && requests === 0,
  requests: ({ answers }) => (answers['200'] ?? 0) + (answers['429'] ?? 0) > 20,
  'slow-headers': ({ opened }) => opened >= 20,
  'slow-readers': ({ opened, requests }) => opened >= 20 && requests >= 20,
  'join-and-leave': ({ answers }) => (answers['200'] ?? 0) + (answers['503'] ?? 0) > 20,
}

test.each(ATTACKS)(
  'under the attack "%s" nobody misses a part, and none of it is counted',
  async (profile) => {
    const flags = ['--listeners', '50', '--for', '5s', '--attack', profile, '--attackers', '20']
    const { report } = await rehearse([...flags, '--json']).ended
    const attack = report.attack as AttackFindings
    expect(attack.profile).toBe(profile)
    expect(ATTACKED[profile](attack), JSON.stringify(attack)).toBe(true)
    expect(report.tally.gaps).toBe(0)
    expect(report.tally.served).toBe(50)
    expect(report.presenceAtEnd.hearing).toBe(50)
    expect((await mimbar.publicSpace('demo')).listeners).toBeLessThanOrEqual(1)
  },
  60_000,
)

test('an attack on a server that was not named as one’s own does not begin', async () => {
  const url = 'https://radio.example.org/s/demo'
  const child = Bun.spawn([process.execPath, MAIN, 'rehearse', url, '--key', KEY, '--attack', 'requests'], {
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  })
  expect(await new Response(child.stderr).text()).toContain('--i-own-this-server radio.example.org')
  expect(await child.exited).toBe(2)
})
