import { describe, expect, test } from 'bun:test'
import { dbov } from '../../base/units.ts'
import { SILENCE_DBOV } from '../../media/pcm/level.ts'
import { Speaking } from './speaking.ts'

const feed = (speaking: Speaking, levels: readonly number[]) =>
  levels.map((level) => speaking.update(dbov(level)))
const times = (count: number, level: number) => new Array<number>(count).fill(level)

describe('who is speaking', () => {
  test('is known within 100 ms of speech and not before 60', () => {
    const answers = feed(new Speaking(), times(10, -30))
    const first = answers.indexOf(true) + 1
    expect(first * 20).toBeGreaterThanOrEqual(60)
    expect(first * 20).toBeLessThanOrEqual(100)
  })

  test('a click does not light anybody up', () => {
    expect(feed(new Speaking(), [...times(2, -10), ...times(20, -70)])).not.toContain(true)
  })

  test('a breath between words switches nobody off, half a second of quiet does', () => {
    const speaking = new Speaking()
    feed(speaking, times(10, -30))
    expect(feed(speaking, times(15, -80))).not.toContain(false)
    expect(feed(speaking, [...times(3, -30), ...times(25, -80)]).at(-1)).toBe(false)
  })

  test('a level between the thresholds changes nothing', () => {
    const speaking = new Speaking()
    expect(feed(speaking, times(50, -48))).not.toContain(true)
    feed(speaking, times(10, -30))
    expect(feed(speaking, times(50, -48))).not.toContain(false)
  })

  test('the shown level rises at once and falls gently; a reset ends both', () => {
    const speaking = new Speaking()
    feed(speaking, times(10, -30))
    speaking.update(SILENCE_DBOV)
    expect(speaking.level).toBe(dbov(-32))
    speaking.reset()
    expect([speaking.isSpeaking, speaking.level]).toEqual([false, SILENCE_DBOV])
  })
})
