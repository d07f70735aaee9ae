import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { encodeUtf8 } from '../../base/bytes.ts'
import { hasCode } from '../../base/errors.ts'
import { wallMillis } from '../../base/units.ts'
import { NETWORKS } from './page-report.ts'
import { ProblemBook } from './problem-book.ts'
import {
  boundProblem,
  countProblems,
  NETWORK_SPEEDS,
  PROBLEM_BYTES_MAX,
  PROBLEM_KINDS,
  PROBLEM_SPACES_MAX,
  PROBLEM_STATES,
  PROBLEM_TRACKS,
  PROBLEMS_KEPT_MAX,
  PROBLEMS_REPEAT_MS,
  type ProblemReport,
  parseProblemReport,
  problemKindOf,
} from './problems.ts'

const report = fc.record(
  {
    state: fc.constantFrom(...PROBLEM_STATES),
    track: fc.constantFrom(...PROBLEM_TRACKS),
    firstAudioMs: fc.nat(),
    gaps: fc.nat(),
    reconnects: fc.nat(),
    bufferMs: fc.double({ noNaN: true, min: -1, max: 1e12 }),
    behindMs: fc.nat(),
    latencyMs: fc.integer(),
    network: fc.constantFrom(...NETWORKS),
    speed: fc.constantFrom(...NETWORK_SPEEDS),
    page: fc.stringMatching(/^[0-9a-f]{8}$/),
  },
  { requiredKeys: ['state', 'track'] },
)

const isRefused = (text: string): boolean => {
  try {
    parseProblemReport(text)
    return false
  } catch (error) {
    return hasCode(error, 'bad-request')
  }
}

test('property: whatever a page measures, bounded, is a report that is read as it was', () => {
  fc.assert(
    fc.property(report, (measured) => {
      const text = JSON.stringify(boundProblem(measured))
      expect(encodeUtf8(text).length).toBeLessThanOrEqual(PROBLEM_BYTES_MAX)
      expect(parseProblemReport(text)).toEqual(JSON.parse(text))
    }),
  )
})

test('anything else is refused: words of one’s own, other fields, numbers out of bounds', () => {
  const fields = '"state":"live","track":"opus.mp4"'
  const wrong = [
    ...['', '[]', 'null', '7', '{}', '{"state":"live"}', `{${fields},"email":"a@example.org"}`],
    ...[`{${fields},"page":"deadbee"}`, `{${fields},"page":"<script>"}`, `{${fields},"page":12345678}`],
    ...[`{${fields},"gaps":-1}`, `{${fields},"bufferMs":0.5}`, `{${fields},"speed":"fast"}`],
    ...['{"state":"angry","track":"none"}', '{"state":"live","track":"opus.mp4","__proto__":{"gaps":1}}'],
  ]
  expect(isRefused(`{${fields}}`)).toBe(false)
  expect(wrong.filter((text) => !isRefused(text))).toEqual([])
})

test('the kind is read off the numbers', () => {
  const of = (more: Partial<ProblemReport>) => problemKindOf({ state: 'live', track: 'opus.mp4', ...more })
  expect(of({ state: 'connecting' })).toBe('no-sound')
  expect(of({ firstAudioMs: 400, gaps: 1 })).toBe('interrupted')
  expect(of({ firstAudioMs: 400, state: 'lost' })).toBe('interrupted')
  expect(of({ firstAudioMs: 400, behindMs: 60_000 })).toBe('late')
  expect(of({ firstAudioMs: 400, gaps: 0, behindMs: 900 })).toBe('heard')
})

test('property: a book stays within its limits whatever comes, and its totals add up', () => {
  const press = fc.record({ space: fc.nat(2 * PROBLEM_SPACES_MAX), network: fc.nat(40), report })
  fc.assert(
    fc.property(fc.array(press, { maxLength: 300 }), (presses) => {
      const book = new ProblemBook('edge-0', 1)
      for (const [n, { space, network, report }] of presses.entries()) {
        book.add(`s${space}`, boundProblem(report), `n${network}`, wallMillis(n))
      }
      const told = book.due(wallMillis(1_000))
      if (presses.length === 0) return expect(told).toBeUndefined()
      expect(Object.keys(told?.spaces ?? {}).length).toBeLessThanOrEqual(PROBLEM_SPACES_MAX)
      expect(told?.latest.length).toBeLessThanOrEqual(PROBLEMS_KEPT_MAX)
      const [last] = presses.slice(-1)
      expect(told?.latest[0]?.space).toBe(`s${last?.space}`)
      for (const [space, counts] of Object.entries(told?.spaces ?? {})) {
        const came = presses.filter((press) => `s${press.space}` === space).length
        expect(countProblems(counts)).toBeLessThanOrEqual(came)
        expect(Object.keys(counts).every((kind) => (PROBLEM_KINDS as readonly string[]).includes(kind))).toBe(
          true,
        )
      }
      expect(encodeUtf8(JSON.stringify(told)).length).toBeLessThan(32_768)
    }),
    { numRuns: 50 },
  )
})

test('one network has one place among the newest of a space, however often somebody presses', () => {
  const book = new ProblemBook('edge-0', 1)
  const live: ProblemReport = { state: 'live', track: 'opus.mp4', firstAudioMs: 300 }
  book.add('talk', live, 'honest', wallMillis(1))
  for (let n = 0; n < 100; n++) book.add('talk', { ...live, gaps: n }, 'loud', wallMillis(2 + n))
  const told = book.due(wallMillis(200))
  expect(told?.latest.map(({ atMs }) => Number(atMs))).toEqual([101, 1])
  expect(countProblems(told?.spaces.talk ?? {})).toBe(101)
  expect(JSON.stringify(told)).not.toContain('honest')
})

test('news is told once, then repeated now and then; a space that is gone is forgotten', () => {
  const book = new ProblemBook('edge-0', 7)
  expect(book.due(wallMillis(0))).toBeUndefined()
  book.add('talk', { state: 'lost', track: 'none' }, 'n', wallMillis(5))
  expect(book.due(wallMillis(10))).toMatchObject({ life: 7, spaces: { talk: { 'no-sound': 1 } } })
  expect(book.due(wallMillis(11))).toBeUndefined()
  expect(book.due(wallMillis(10 + PROBLEMS_REPEAT_MS))?.latest).toHaveLength(1)
  book.forget('talk')
  expect(book.due(wallMillis(12 + PROBLEMS_REPEAT_MS))).toMatchObject({ spaces: {}, latest: [] })
})
