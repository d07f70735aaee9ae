import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { hasCode } from '../../base/errors.ts'
import { NETWORKS, parsePageReport, REPORT_KINDS } from './page-report.ts'
import { REFUSED_KEPT_MS, REFUSED_MAX, RefusalBook } from './refusals.ts'

const isRefused = (text: string): boolean => {
  try {
    parsePageReport(text)
    return false
  } catch (error) {
    return hasCode(error, 'bad-request')
  }
}

test('property: every report that a page can make is read as it was', () => {
  const report = fc.record(
    {
      kind: fc.constantFrom(...REPORT_KINDS),
      firstAudioMs: fc.nat(600_000),
      gaps: fc.nat(10_000),
      bufferMs: fc.nat(600_000),
      network: fc.constantFrom(...NETWORKS),
    },
    { requiredKeys: ['kind'] },
  )
  fc.assert(
    fc.property(report, (value) => expect(parsePageReport(JSON.stringify(value))).toEqual({ ...value })),
  )
})

test('anything else is refused: other words, other fields, numbers out of bounds', () => {
  const wrong = [
    ...['', '[]', 'null', '7', '"played"', '{}', '{"kind":"listening"}'],
    ...['{"kind":"played","name":"Ana"}', '{"kind":"played","network":"the neighbour’s"}'],
    ...['{"kind":"played","gaps":-1}', '{"kind":"played","gaps":1.5}', '{"kind":"played","gaps":"2"}'],
    ...[
      '{"kind":"played","firstAudioMs":600001}',
      '{"kind":"played","__proto__":{"gaps":1}}',
      '{"kind":"played","toString":1}',
    ],
  ]
  expect(wrong.filter((text) => !isRefused(text))).toEqual([])
})

test('property: whatever text comes, it is a report or a clear refusal', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      if (!isRefused(text)) expect(REPORT_KINDS).toContain(parsePageReport(text).kind)
    }),
  )
})

test('who is refused, tries again and gets in was not turned away; who stays away was', () => {
  const book = new RefusalBook()
  book.refused('a', 0)
  book.refused('b', 0)
  book.refused('a', 20_000)
  expect(book.turnedAway(REFUSED_KEPT_MS + 1)).toBe(1)
  book.admitted('a')
  expect(book.turnedAway(10 * REFUSED_KEPT_MS)).toBe(1)
})

test('a flood of the refused is counted, not remembered', () => {
  const book = new RefusalBook()
  for (let n = 0; n < REFUSED_MAX + 50; n++) book.refused(`${n}`, 0)
  expect(book.turnedAway(0)).toBe(50)
  expect(book.turnedAway(REFUSED_KEPT_MS + 1)).toBe(REFUSED_MAX + 50)
})
