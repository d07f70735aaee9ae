import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { DurationHistogram } from './histogram.ts'
import { durationsOf, judge, type RunRecord, type SecondSample } from './report.ts'
import { addTallies, COUNT_NAMES, newTally, type Tally } from './tally.ts'

const nothing = durationsOf(new DurationHistogram())

function second(atS: number, hearing: number, flaw: Partial<SecondSample> = {}): SecondSample {
  return {
    atS,
    wanting: hearing,
    hearing,
    arriving: 0,
    waiting: 0,
    deaf: 0,
    bitsPerSecond: hearing * 60_000,
    parts: hearing * 5,
    gaps: 0,
    late: 0,
    reconnects: 0,
    lagMsP50: null,
    lagMsP99: null,
    loopLateMsP99: null,
    generatorCpu: 0.1,
    ...flaw,
  }
}

function run(changes: Partial<RunRecord> = {}, counts: Partial<Tally> = {}): RunRecord {
  return {
    url: 'https://radio.example.org/s/demo',
    addresses: ['192.0.2.1'],
    tls: true,
    startedAtMs: 1_790_000_000_000,
    ranForMs: 10_000,
    isInterrupted: false,
    offered: {
      listeners: 100,
      join: 'storm',
      joinOverMs: 0,
      forMs: 10_000,
      churnPercentPerMinute: 0,
      slowPercent: 0,
      vanishPercentPerMinute: 0,
      hlsPercent: 0,
    },
    tally: { ...newTally(), parts: 5_000, bytes: 6_700_000, arrivals: 100, served: 100, ...counts },
    presenceAtEnd: { wanting: 100, hearing: 100, arriving: 0, waiting: 0, deaf: 0 },
    partsSeen: 50,
    missed: [],
    holes: [],
    flushMs: 200,
    connectedMs: nothing,
    firstAudioMs: nothing,
    answeredMs: nothing,
    waitedMs: nothing,
    outageMs: nothing,
    outagesTooLong: 0,
    lagMs: nothing,
    firstAudioCurve: [],
    lagCurve: [],
    probes: [],
    serverCost: { kind: 'unknown', why: 'nobody asked' },
    generator: {
      processes: 1,
      cores: 2,
      cpuMax: 0.2,
      memoryBytesPerListener: 4_000,
      loopLateMs: nothing,
      startSlipMs: nothing,
      died: 0,
    },
    attack: null,
    series: [second(1, 100), second(2, 100)],
    ...changes,
  }
}

test('a run without a flaw has passed', () => {
  expect(judge(run()).verdict).toEqual({ passed: true, failures: [] })
})

const probe = {
  firstAudioMs: 200,
  latencyMsP50: 700,
  latencyMsP99: 800,
  stalls: 0,
  gaps: 0,
  skips: 0,
  reconnects: 0,
}

test.each<[string, RunRecord]>([
  ['nobody was given anything', run({}, { parts: 0 })],
  ['a listener missed what others got', run({ missed: [{ from: 5, to: 6, listeners: 1 }] }, { gaps: 1 })],
  ['the program had a hole', run({ holes: [{ from: 5, to: 6, listeners: 100 }] }, { gaps: 100 })],
  ['a gap is counted that no list names', run({}, { gaps: 1 })],
  ['a quick reader was skipped', run({}, { skips: 3, slowSkips: 2 })],
  ['a part had other bytes', run({}, { different: 1 })],
  ['a stream was something else', run({}, { broken: 1 })],
  ['an arrival waited too long', run({}, { late: 1 })],
  ['a loss lasted too long', run({ outagesTooLong: 1 })],
  [
    'somebody hears nothing',
    run({ presenceAtEnd: { wanting: 9, hearing: 8, arriving: 0, waiting: 0, deaf: 1 } }),
  ],
  ['a request was an error', run({}, { refused: 1 })],
  ['a probe heard nothing', run({ probes: [{ ...probe, firstAudioMs: null }] })],
  ['a probe heard a gap', run({ probes: [{ ...probe, gaps: 1 }] })],
  ['the swarm itself died', run({ generator: { ...run().generator, died: 1 } })],
])('a run fails with one sentence when %s', (_, record) => {
  const { verdict } = judge(record)
  expect(verdict.passed).toBe(false)
  expect(verdict.failures).toHaveLength(1)
})

test('slow readers who are skipped, and reconnects within the time, are no failure', () => {
  const counts = { skips: 3, slowSkips: 3, reconnects: 50, lost: 50, stalls: 20, turnedAway: 4 }
  expect(judge(run({ probes: [probe] }, counts)).verdict.passed).toBe(true)
})

test('proven is what was carried before the first flaw', () => {
  const series = [second(1, 100), second(2, 200), second(3, 250, { gaps: 1 }), second(4, 400)]
  const { carried } = judge(run({ series }))
  expect(carried.listenersProven).toBe(200)
  expect(carried.listenersMax).toBe(400)
  expect(carried.bitsPerSecondMax).toBe(400 * 60_000)
  expect(carried.bitsPerSecondFull).toBe(400 * 60_000)
  expect(carried.bytesPerPart).toBe(1_340)
})

test('cost per listener follows from parts and processor time', () => {
  const edges = [
    { edge: 'edge-0', cpuSeconds: 0.03, partsDelivered: 3_000 },
    { edge: 'edge-1', cpuSeconds: 0.01, partsDelivered: 1_000 },
  ]
  expect(judge(run({ serverCost: { kind: 'measured', edges } })).cost).toEqual({
    cpuMicrosPerPart: 10,
    listenersPerCore: 20_000,
  })
  expect(judge(run()).cost).toBeNull()
})

test('a generator at its limit says so', () => {
  const late = new DurationHistogram()
  late.record(2_000)
  const generator = {
    ...run().generator,
    cpuMax: 0.99,
    loopLateMs: durationsOf(late),
    startSlipMs: durationsOf(late),
    processes: 8,
  }
  expect(judge(run({ generator })).generatorLimits).toHaveLength(4)
  expect(judge(run()).generatorLimits).toEqual([])
})

test('tallies add up, count by count', () => {
  const tally = fc.record(
    Object.fromEntries(COUNT_NAMES.map((name) => [name, fc.nat()])),
  ) as fc.Arbitrary<Tally>
  fc.assert(
    fc.property(fc.array(tally, { maxLength: 5 }), (tallies) => {
      const sum = addTallies(tallies)
      for (const name of COUNT_NAMES)
        expect(sum[name]).toBe(tallies.reduce((total, one) => total + one[name], 0))
    }),
  )
})
