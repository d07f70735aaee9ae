import { expect, test } from 'bun:test'
import type { MimbarError } from '../../base/errors.ts'
import { isHeardAgain, requireShown, whereHeardAgain, withholdRecording } from './withholding.ts'

const recorded = { id: 'a', phase: 'ended', recorded: true } as const
const codeOf = (work: () => unknown): string => {
  try {
    work()
  } catch (error) {
    return (error as MimbarError).code
  }
  return 'nothing thrown'
}

test('a recording is withheld and shown again, and what is so already stays the same object', () => {
  const withheld = withholdRecording(recorded, true)
  expect(withheld).toEqual({ ...recorded, withheld: true } as typeof recorded)
  expect(withholdRecording(withheld, true)).toBe(withheld)
  expect([isHeardAgain(recorded), isHeardAgain(withheld)]).toEqual([true, false])
  expect(codeOf(() => requireShown(withheld))).toBe('withheld')
  const shown = withholdRecording(withheld, false)
  expect(shown).toEqual(recorded)
  expect('withheld' in shown).toBe(false)
  expect(withholdRecording(shown, false)).toBe(shown)
})

test('what is not recorded has nothing to withhold, and nothing to show', () => {
  const unrecorded = { ...recorded, recorded: false }
  expect(codeOf(() => withholdRecording(unrecorded, true))).toBe('conflict')
  expect(withholdRecording(unrecorded, false)).toBe(unrecorded)
  expect(isHeardAgain(unrecorded)).toBe(false)
})

test('who comes too late is told where to hear it, or why nowhere', () => {
  expect(whereHeardAgain(recorded)).toContain('/replay/a/index.m3u8')
  expect(whereHeardAgain(withholdRecording(recorded, true))).toContain('withheld')
  expect(whereHeardAgain({ ...recorded, recorded: false })).toBe('This space has ended.')
})
