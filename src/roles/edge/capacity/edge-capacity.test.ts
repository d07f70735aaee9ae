import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { EdgeFixture } from '../../../../test/harness/edge-fixture.ts'
import { watchLateness } from '../../../../test/harness/lateness.ts'
import { PacedEar } from '../../../../test/harness/paced-ear.ts'
import { until } from '../../../../test/harness/until.ts'
import { PART_MS } from '../../../base/units.ts'
import type { SpaceFacts } from '../../../core/space/facts.ts'
import type { EdgeRole } from '../edge-role.ts'

let fixture: EdgeFixture
beforeAll(async () => {
  fixture = await EdgeFixture.start()
})
afterAll(() => fixture.stop())

async function metric(edge: EdgeRole, name: string): Promise<number> {
  const text = await (await fetch(fixture.url('/metrics', edge))).text()
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${name} `))
  if (line === undefined) throw new Error(`no metric ${name}`)
  return Number(line.slice(name.length + 1))
}

/** A stage of silence: a part each 200 ms, until it is stopped. */
function speak(facts: SpaceFacts): { stop(): Promise<void> } {
  let stopped = false
  const speaking = (async () => {
    const startedAt = performance.now()
    for (let n = 0; !stopped; n++) {
      await fixture.append(facts, 20 + n, 21 + n)
      await Bun.sleep(Math.max(0, startedAt + (n + 1) * PART_MS - performance.now()))
    }
  })()
  return {
    stop: () => {
      stopped = true
      return speaking
    },
  }
}

describe.concurrent('under load', () => {
  test('the flush interval grows, and the player follows without a stall or a reconnect', async () => {
    // So small a part of a core that a few listeners are a crowd.
    const edge = await fixture.startEdge({ edgeId: 'edge-busy', node: 'busy', cpuTarget: 1.5e-4 })
    const facts = await fixture.liveSpace('elastic')
    await fixture.append(facts, 0, 20)
    const stage = speak(facts)
    const url = fixture.url('/live/elastic/opus.mp4', edge)
    const machine = watchLateness()
    const early = Array.from({ length: 4 }, () => new PacedEar(url))
    await until('everyone is told of a longer interval', () => early.every((ear) => ear.flushMs > 400))
    const late = new PacedEar(url)
    await until('a newcomer hears', () => late.parts > 10)
    const used = 'mimbar_edge_flush_interval_seconds{kind="used"}'
    await until('it is used', async () => (await metric(edge, used)) >= 0.4, 20_000)
    await until('a few flushes more', () => early.every((ear) => (ear.intervalsMs().at(-1) ?? 0) > 300))

    // Edge, stage and ears share this process: what it slept is nobody's stall.
    const sleptMs = machine.stop()
    for (const ear of [...early, late]) {
      ear.stop()
      const played = ear.play()
      expect(played).toEqual({ ...played, missing: 0, reconnects: 0 })
      expect(played.silenceMs).toBeLessThanOrEqual(sleptMs)
      expect(played.targetMs).toBeGreaterThanOrEqual(ear.flushMs + 400)
    }
    for (const ear of early) expect(ear.notes.map(({ kind }) => kind).slice(0, 2)).toEqual(['hello', 'flush'])
    // From its first flush on, the newcomer is written to as seldom as it was told.
    expect(late.notes[0]).toMatchObject({ kind: 'hello' })
    const [hello] = late.notes
    const toldMs = hello?.kind === 'hello' ? hello.flushMs : 0
    expect(toldMs).toBeGreaterThan(400)
    const intervals = late.intervalsMs().slice(1)
    expect(intervals.length).toBeGreaterThan(2)
    expect(intervals.toSorted((a, b) => a - b)[intervals.length >> 1]).toBeGreaterThan(toldMs * 0.5)
    await stage.stop()
    await edge.stop()
  }, 60_000)

  test('an edge whose neighbour comes back empty asks some to move, who miss nothing', async () => {
    const shared = { node: 'restarted', reusePort: true, moveRestMs: 1_000 }
    const one = await fixture.startEdge({ ...shared, edgeId: 'edge-one' })
    const facts = await fixture.liveSpace('moving')
    await fixture.append(facts, 0, 20)
    const stage = speak(facts)
    const listen = () => new PacedEar(fixture.url('/live/moving/opus.mp4', one))
    const ears = Array.from({ length: 60 }, listen)
    await until('everyone hears', () => ears.every((ear) => ear.parts > 0), 20_000)
    const two = await fixture.startEdge({ ...shared, edgeId: 'edge-two', port: one.port })
    const moved = () => ears.filter((ear) => ear.notes.some(({ kind }) => kind === 'move'))
    const settled = () => moved().every((ear) => ear.notes.filter(({ kind }) => kind === 'hello').length > 1)
    await until('some have moved', () => moved().length >= 8 && settled(), 30_000)
    // Make before break: the new stream's first part closes the old one.
    for (const ear of ears) {
      ear.stop()
      const { missing, reconnects } = ear.play()
      expect({ missing, reconnects }).toEqual({ missing: 0, reconnects: 0 })
    }
    await stage.stop()
    await one.stop()
    await two.stop()
  }, 60_000)
})

test('an edge says what it measured and what it may carry', async () => {
  const edge = await fixture.startEdge({ edgeId: 'edge-small', node: 'small', egressBpsMax: 1_000_000 })
  const share = () => metric(edge, 'mimbar_edge_share_streams')
  // 85 % of a megabit, at 64 kbit/s while there is nobody to measure.
  await until('its share follows from its egress', async () => (await share()) === 13)
  expect(await metric(edge, 'mimbar_edge_share_prefers_low')).toBe(0)
  expect(await metric(edge, 'mimbar_edge_share_joins_per_second')).toBeGreaterThanOrEqual(1)
  await edge.stop()
})
