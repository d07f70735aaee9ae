import { describe, expect, test } from 'bun:test'
import { hasEcho, likeness, OVERHEAR_EVERY_MS, type Overheard } from './echo.ts'

/** Speech as levels: syllables of 80 to 300 ms between −15 and −30 dB, and gaps. `seed` decides which. */
function speech(seed: number, moments: number): number[] {
  let state = (seed * 2_654_435_761) >>> 0
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
  const levels: number[] = []
  while (levels.length < moments) {
    const length = 4 + Math.floor(random() * 11)
    const level = random() < 0.3 ? -75 : -15 - random() * 15
    for (let i = 0; i < length; i++) levels.push(level + random() * 3)
  }
  return levels.slice(0, moments)
}

interface Room {
  readonly lagMs: number
  readonly lossDb: number
  readonly noiseDb: number
}

/** What a microphone picks up of `played` in a room that rings for a while (60 dB in half a second). */
function inRoom(played: readonly number[], { lagMs, lossDb, noiseDb }: Room): Overheard[] {
  const lag = Math.round(lagMs / OVERHEAR_EVERY_MS)
  let ringing = -120
  return played.map((playedDb, i) => {
    ringing = Math.max((played[i - lag] ?? -120) - lossDb, ringing - (60 * OVERHEAR_EVERY_MS) / 500)
    const power = 10 ** (ringing / 10) + 10 ** (noiseDb / 10)
    return { playedDb, pickedDb: 10 * Math.log10(power) }
  })
}

describe('an echo', () => {
  test('is found in nearly every room, at whatever delay up to a third of a second', () => {
    let rooms = 0
    let missed = 0
    for (let seed = 1; seed <= 15; seed++) {
      for (const lagMs of [0, 60, 160, 340]) {
        for (const lossDb of [0, 10, 20]) {
          for (const noiseDb of [-90, -70, -60]) {
            rooms += 1
            if (!hasEcho(inRoom(speech(seed, 200), { lagMs, lossDb, noiseDb }))) missed += 1
          }
        }
      }
    }
    expect(missed / rooms).toBeLessThan(0.02)
  })

  test('comes with how late it is', () => {
    const { r, lagMs } = likeness(inRoom(speech(7, 200), { lagMs: 160, lossDb: 15, noiseDb: -75 }))
    expect(r).toBeGreaterThan(0.8)
    expect(Math.abs(lagMs - 160)).toBeLessThanOrEqual(60)
  })
})

describe('no echo', () => {
  test('is what headphones, a quiet room and a muted device leave', () => {
    for (const pickedDb of [-120, -70, -62]) {
      expect(hasEcho(speech(3, 250).map((playedDb) => ({ playedDb, pickedDb })))).toBe(false)
    }
  })

  test('is what other people’s talk in the room is taken for, nearly always', () => {
    let alarms = 0
    for (let seed = 1; seed <= 300; seed++) {
      const talk = speech(seed + 500_000, 200)
      const moments = speech(seed, 200).map((playedDb, i) => ({ playedDb, pickedDb: talk[i] ?? -120 }))
      if (hasEcho(moments)) alarms += 1
    }
    expect(alarms).toBeLessThanOrEqual(3)
  })

  test('is judged of a hum, or of less than a second', () => {
    expect(hasEcho(Array.from({ length: 200 }, () => ({ playedDb: -20, pickedDb: -20 })))).toBe(false)
    expect(hasEcho(inRoom(speech(5, 40), { lagMs: 0, lossDb: 0, noiseDb: -90 }))).toBe(false)
    expect(hasEcho([])).toBe(false)
  })
})
