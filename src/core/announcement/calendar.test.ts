import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { hasCode } from '../../base/errors.ts'
import { parseSpaceId } from '../../base/ids.ts'
import { wallMillis } from '../../base/units.ts'
import type { SpaceFacts } from '../space/facts.ts'
import { calendarOf, escapeText, foldLine, LINE_OCTETS_MAX } from './calendar.ts'

const FACTS: SpaceFacts = {
  id: parseSpaceId('river'),
  title: 'What the river says',
  phase: 'scheduled',
  recorded: true,
  createdAtMs: wallMillis(Date.UTC(2026, 10, 1)),
  gridStartMs: wallMillis(Date.UTC(2026, 10, 1)),
  scheduledAtMs: wallMillis(Date.UTC(2026, 10, 23, 11)),
  seats: [],
}
/** Characters of one to four octets, and all that means something in a calendar. */
const TYPED = fc.string({ unit: fc.constantFrom(...'aé語🎙;,:\\"\r\n n'), maxLength: 400 })
const WHERE = {
  listenUrl: 'https://radio.example/s/river',
  host: 'radio.example',
  madeAtMs: wallMillis(Date.UTC(2026, 10, 2, 3, 4, 5, 678)),
}

/** Reads content lines as RFC 5545 section 3.1 has them: unfolded, then name and value. */
function read(calendar: string): readonly (readonly [name: string, value: string])[] {
  expect(calendar.endsWith('\r\n')).toBe(true)
  const unfolded = calendar.slice(0, -2).replaceAll(/\r\n[ \t]/g, '')
  return unfolded.split('\r\n').map((line) => {
    const at = line.indexOf(':')
    return [line.slice(0, at), line.slice(at + 1)] as const
  })
}

/** A TEXT value of section 3.3.11, read from left to right. */
const readText = (value: string) =>
  value.replace(/\\([\\;,nN])/g, (_, character: string) => (/n/i.test(character) ? '\n' : character))

const valueIn = (calendar: string, name: string) => read(calendar).find(([found]) => found === name)?.[1]

test('an event says what, when, where and for how long it is shown, in the order of its parts', () => {
  const calendar = calendarOf({ ...FACTS, description: 'Tea; and, \\ talk\n\nBring a cup' }, WHERE)
  expect(read(calendar)).toEqual([
    ['BEGIN', 'VCALENDAR'],
    ['VERSION', '2.0'],
    ['PRODID', '-//Mimbar//Mimbar//EN'],
    ['METHOD', 'PUBLISH'],
    ['BEGIN', 'VEVENT'],
    ['UID', `river-${FACTS.createdAtMs.toString(36)}@radio.example`],
    ['DTSTAMP', '20261102T030405Z'],
    ['DTSTART', '20261123T110000Z'],
    ['DURATION', 'PT1H'],
    ['SUMMARY', 'What the river says'],
    ['DESCRIPTION', 'Tea\\; and\\, \\\\ talk\\n\\nBring a cup\\n\\nhttps://radio.example/s/river'],
    ['LOCATION', 'https://radio.example/s/river'],
    ['URL', 'https://radio.example/s/river'],
    ['END', 'VEVENT'],
    ['END', 'VCALENDAR'],
  ])
})

test('the same space is the same event whatever is changed of it, and another of its name is another one', () => {
  const uid = (facts: SpaceFacts) => valueIn(calendarOf(facts, WHERE), 'UID')
  expect(uid({ ...FACTS, title: 'Another', phase: 'live' })).toBe(uid(FACTS))
  expect(uid({ ...FACTS, createdAtMs: wallMillis(FACTS.createdAtMs + 1) })).not.toBe(uid(FACTS))
})

test('a space without a planned time has no event', () => {
  const { scheduledAtMs: _, ...unplanned } = FACTS
  let thrown: unknown
  try {
    calendarOf(unplanned, WHERE)
  } catch (error) {
    thrown = error
  }
  expect(hasCode(thrown, 'not-found')).toBe(true)
})

test('whatever a title or a description says is read back as it was, and adds no line of its own', () => {
  fc.assert(
    fc.property(TYPED, TYPED, (title, more) => {
      const description = `${more}\r\nEND:VEVENT\n;,:\\`
      const calendar = calendarOf({ ...FACTS, title, description }, WHERE)
      expect(read(calendar)).toHaveLength(15)
      expect(readText(valueIn(calendar, 'SUMMARY') ?? '')).toBe(title.replaceAll(/\r\n|\r/g, '\n'))
      const about = `${description}\n\n${WHERE.listenUrl}`.replaceAll(/\r\n|\r/g, '\n')
      expect(readText(valueIn(calendar, 'DESCRIPTION') ?? '')).toBe(about)
    }),
  )
})

test('a line has at most 75 octets, and folding parts no character', () => {
  fc.assert(
    fc.property(TYPED, (text) => {
      const line = `SUMMARY:${escapeText(text)}`
      const folded = foldLine(line)
      const bytes = new TextEncoder().encode(folded)
      const decoder = new TextDecoder('utf-8', { fatal: true })
      let start = 0
      for (let at = 0; at <= bytes.length; at++) {
        if (at < bytes.length && !(bytes[at] === 13 && bytes[at + 1] === 10)) continue
        const octets = bytes.subarray(start, at)
        expect(octets.length).toBeLessThanOrEqual(LINE_OCTETS_MAX)
        decoder.decode(octets)
        start = at + 2
        at += 1
      }
      expect(folded.replaceAll('\r\n ', '')).toBe(line)
    }),
  )
  expect(foldLine('é'.repeat(38))).toBe(`${'é'.repeat(37)}\r\n é`)
})
