// The whole stage role against a real engine and real WebRTC clients: what is said is in the log.

import { afterEach, describe, expect, test } from 'bun:test'
import type { SeatId } from '../../src/base/ids.ts'
import { sequence } from '../../src/base/units.ts'
import type { SpaceFacts } from '../../src/core/space/facts.ts'
import { until } from '../harness/until.ts'
import { eventsOf, soundOf, toneAtEnd, toneByFrame } from './hearing.ts'
import { ALICE, BOB, House, SPACE } from './house.ts'
import { Speaker } from './speaker.ts'

const ALICE_HZ = 500
const BOB_HZ = 1_250
// As loud as the leveller makes everybody: it then leaves the tones as they are.
const AMPLITUDE = 0.14

let house: House
const speakers: Speaker[] = []

afterEach(async () => {
  for (const speaker of speakers.splice(0)) speaker.leave()
  await house.close()
})

async function seat(id: SeatId, toneHz: number, stage = 'stage-0', sendOnly = false): Promise<Speaker> {
  const socketPath = house.socketPath(stage)
  const speaker = await Speaker.join({
    socketPath,
    space: SPACE,
    seat: id,
    toneHz,
    amplitude: AMPLITUDE,
    sendOnly,
  })
  speakers.push(speaker)
  return speaker
}

/** Waits until the newest part of the log has the tones, and only these. */
async function programHas(hz: readonly number[], withoutHz: readonly number[]): Promise<void> {
  await until(
    `${hz} Hz in the program`,
    async () => {
      const sound = soundOf((await house.parts()).slice(-3))
      return (
        hz.every((tone) => Math.abs(toneAtEnd(sound, tone, 200) - AMPLITUDE) < 0.03) &&
        withoutHz.every((tone) => toneAtEnd(sound, tone, 200) < 0.005)
      )
    },
    6_000,
  )
}

describe('the stage', () => {
  test('a lobby has slate in its log and people hear each other; live, the program has everyone and each hears all but himself', async () => {
    house = await House.open()
    await house.startStage('stage-0')
    const alice = await seat(ALICE, ALICE_HZ)
    const bob = await seat(BOB, BOB_HZ)
    await until('alice to hear bob backstage', () => toneAtEnd(alice.heard(9_600), BOB_HZ, 200) > 0.1, 5_000)
    await programHas([], [ALICE_HZ, BOB_HZ])

    const start = await house.goLive()
    await programHas([ALICE_HZ, BOB_HZ], [])
    await until('bob to hear alice alone', () => toneAtEnd(bob.heard(9_600), ALICE_HZ, 200) > 0.1, 3_000)
    expect(toneAtEnd(bob.heard(9_600), BOB_HZ, 200)).toBeLessThan(0.005)
    expect(toneAtEnd(alice.heard(9_600), ALICE_HZ, 200)).toBeLessThan(0.005)

    const parts = await house.parts()
    expect(parts.map((part) => part.gap)).toEqual(parts.map((_, i) => (i === 0 ? 'first' : undefined)))
    expect(parts.map((part) => part.sequence)).toEqual(
      parts.map((_, i) => sequence((parts[0]?.sequence ?? 0) + i)),
    )
    const first = parts.find((part) => part.sequence === start)
    expect(first && eventsOf(first)[0]).toMatchObject({ kind: 'snapshot', phase: 'live', slate: false })
    const before = parts.filter((part) => part.sequence < start)
    expect(Math.max(...toneByFrame(soundOf(before), ALICE_HZ))).toBeLessThan(0.02)
    const snapshot = parts.map(eventsOf).findLast((events) => events[0]?.kind === 'snapshot')?.[0]
    expect(snapshot).toMatchObject({
      seats: [
        { id: ALICE, speaking: true },
        { id: BOB, speaking: true },
      ],
    })
  }, 20_000)

  test('a muted seat is silent in the program and to others within 200 ms', async () => {
    house = await House.open({ phase: 'live', programStart: sequence(0) })
    await house.startStage('stage-0')
    const alice = await seat(ALICE, ALICE_HZ)
    await seat(BOB, BOB_HZ)
    await programHas([ALICE_HZ, BOB_HZ], [])
    const commandedAt = (Date.now() - house.facts.gridStartMs) / 20
    await house.change({ seats: muted(house.facts.seats, BOB) })
    await programHas([ALICE_HZ], [BOB_HZ])
    const parts = await house.parts()
    const frames = toneByFrame(soundOf(parts), BOB_HZ)
    const lastHeard = frames.findLastIndex((amplitude) => amplitude > 0.02) + 10 * (parts[0]?.sequence ?? 0)
    expect((lastHeard - commandedAt) * 20).toBeLessThan(200)
    expect(toneAtEnd(alice.heard(9_600), BOB_HZ, 100)).toBeLessThan(0.005)
    const { seats } = await until(
      'the report',
      async () => {
        const observed = await house.observed()
        return observed.seats[1]?.muted ? observed : undefined
      },
      2_000,
    )
    expect(seats[1]).toMatchObject({ id: BOB, muted: true, speaking: false, connection: 'connected' })
  }, 20_000)
})

function muted(seats: SpaceFacts['seats'], id: SeatId): SpaceFacts['seats'] {
  return seats.map((seat) => (seat.id === id ? { ...seat, muted: true } : seat))
}
