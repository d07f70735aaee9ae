import { expect, test } from 'bun:test'
import type { PageReport } from '../../core/count/page-report.ts'
import { ListeningOutcome } from './outcome.ts'

function visit() {
  const told: PageReport[] = []
  let nowMs = 0
  const outcome = new ListeningOutcome({ now: () => nowMs, tell: (report) => told.push(report) })
  return { outcome, told, at: (ms: number) => (nowMs = ms) }
}

test('a visit with sound tells how soon it came and how often it stopped, once', () => {
  const { outcome, told, at } = visit()
  outcome.see('ready', 'live', { stalls: 0 })
  at(1_000)
  outcome.pressed()
  outcome.see('connecting', 'live', { stalls: 0 })
  at(1_450)
  outcome.see('live', 'live', { stalls: 0 })
  outcome.see('stalled', 'live', { stalls: 2 })
  outcome.left()
  outcome.left()
  expect(told).toEqual([{ kind: 'played', firstAudioMs: 450, gaps: 2, network: 'unknown' }])
})

test('who waits in vain and leaves gave up; who leaves at once, or before it is on, did not', () => {
  const patient = visit()
  patient.outcome.pressed()
  patient.outcome.see('connecting', 'live', { stalls: 0 })
  patient.at(5_000)
  patient.outcome.left()
  expect(patient.told.map(({ kind }) => kind)).toEqual(['gave-up'])

  const hasty = visit()
  hasty.outcome.pressed()
  hasty.outcome.see('connecting', 'live', { stalls: 0 })
  hasty.at(500)
  hasty.outcome.left()
  expect(hasty.told).toEqual([])

  const early = visit()
  early.outcome.pressed()
  early.outcome.see('waiting', 'scheduled', { stalls: 0 })
  early.at(60_000)
  early.outcome.left()
  expect(early.told).toEqual([])
})

test('a player that finds no way says so once, and the visit is not told twice', () => {
  const { outcome, told, at } = visit()
  outcome.pressed()
  outcome.see('failed', 'live', { stalls: 0 })
  outcome.see('failed', 'live', { stalls: 0 })
  at(9_000)
  outcome.left()
  expect(told.map(({ kind }) => kind)).toEqual(['could-not-play'])
})

test('a browser that cannot play is told of while the space is on, without a press', () => {
  const { outcome, told } = visit()
  outcome.see('unsupported', 'scheduled', { stalls: 0 })
  expect(told).toEqual([])
  outcome.see('unsupported', 'live', { stalls: 0 })
  expect(told.map(({ kind }) => kind)).toEqual(['could-not-play'])
})

test('who only looked at the page tells nothing', () => {
  const { outcome, told } = visit()
  outcome.see('ready', 'live', { stalls: 0 })
  outcome.left()
  expect(told).toEqual([])
})
