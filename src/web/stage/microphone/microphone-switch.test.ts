import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { millis } from '../../../base/units.ts'
import { MicrophoneSwitch, SETTLE_MS, type SwitchEffect, type SwitchEvent } from './microphone-switch.ts'

class Bench {
  readonly machine = new MicrophoneSwitch()
  now = 0
  track = false
  readonly told: boolean[] = []
  underWay = 0

  send(event: SwitchEvent): readonly SwitchEffect[] {
    if (event.kind === 'told' && this.underWay > 0) this.underWay -= 1
    const effects = this.machine.handle(event, millis(this.now), 0)
    for (const effect of effects) {
      if (effect.kind === 'set-track') this.track = effect.open
      if (effect.kind === 'tell') {
        this.told.push(effect.muted)
        this.underWay += 1
      }
    }
    return effects
  }
}

describe('my microphone', () => {
  test('closing takes effect before the server knows', () => {
    const bench = new Bench()
    bench.send({ kind: 'seated', muted: false })
    bench.send({ kind: 'pressed', open: false })
    expect(bench.track).toBe(false)
    expect(bench.told).toEqual([true])
  })

  test('closing is reported until the server has heard it', () => {
    const bench = new Bench()
    bench.send({ kind: 'seated', muted: false })
    bench.send({ kind: 'pressed', open: false })
    for (let failure = 0; failure < 5; failure++) {
      bench.send({ kind: 'told', ok: false })
      bench.now = bench.machine.deadline as number
      bench.send({ kind: 'woke' })
    }
    bench.send({ kind: 'told', ok: true })
    expect(bench.told).toEqual([true, true, true, true, true, true])
    expect(bench.machine.deadline).toBeUndefined()
  })

  test('opening that the server did not agree to closes again', () => {
    const bench = new Bench()
    bench.send({ kind: 'seated', muted: true })
    bench.send({ kind: 'pressed', open: true })
    expect(bench.track).toBe(true)
    expect(bench.send({ kind: 'told', ok: false })).toContainEqual({ kind: 'opening-failed' })
    expect(bench.track).toBe(false)
  })

  test('opening that was pressed while a closing could not be told is not told later by itself', () => {
    const bench = new Bench()
    bench.send({ kind: 'seated', muted: false })
    bench.send({ kind: 'pressed', open: false })
    bench.send({ kind: 'pressed', open: true })
    expect(bench.send({ kind: 'told', ok: false })).toContainEqual({ kind: 'opening-failed' })
    bench.now = bench.machine.deadline as number
    bench.send({ kind: 'woke' })
    expect(bench.track).toBe(false)
    expect(bench.told).toEqual([true, true])
  })

  test('what was pressed while a change was under way follows its answer', () => {
    const bench = new Bench()
    bench.send({ kind: 'seated', muted: true })
    bench.send({ kind: 'pressed', open: true })
    bench.send({ kind: 'pressed', open: false })
    expect(bench.told).toEqual([false])
    bench.send({ kind: 'told', ok: true })
    expect(bench.told).toEqual([false, true])
  })

  test('a host who mutes me closes it, and a view of the time before my press does not', () => {
    const bench = new Bench()
    bench.send({ kind: 'seated', muted: true })
    bench.send({ kind: 'pressed', open: true })
    bench.send({ kind: 'viewed', muted: true })
    bench.send({ kind: 'told', ok: true })
    bench.send({ kind: 'viewed', muted: true })
    expect(bench.track).toBe(true)
    bench.now = SETTLE_MS
    expect(bench.send({ kind: 'viewed', muted: true })).toContainEqual({ kind: 'closed-by-host' })
    expect(bench.track).toBe(false)
  })

  test('a server that believes it open is told that it is closed', () => {
    const bench = new Bench()
    bench.send({ kind: 'seated', muted: true })
    bench.send({ kind: 'viewed', muted: false })
    expect(bench.track).toBe(false)
    expect(bench.told).toEqual([true])
  })
})

const anyEvent: fc.Arbitrary<SwitchEvent | { readonly kind: 'pass'; readonly ms: number }> = fc.oneof(
  fc.record({ kind: fc.constant('pass' as const), ms: fc.nat(3_000) }),
  fc.record({ kind: fc.constant('pressed' as const), open: fc.boolean() }),
  fc.record({ kind: fc.constant('told' as const), ok: fc.boolean() }),
  fc.record({ kind: fc.constant('viewed' as const), muted: fc.boolean() }),
  fc.constant({ kind: 'woke' as const }),
)

test('in any interleaving the microphone opens only by a press, and one change is under way at most', () => {
  fc.assert(
    fc.property(fc.boolean(), fc.array(anyEvent, { maxLength: 60 }), (muted, events) => {
      const bench = new Bench()
      bench.send({ kind: 'seated', muted })
      for (const event of events) {
        const before = bench.track
        if (event.kind === 'pass') bench.now += event.ms
        else if (event.kind !== 'told' || bench.underWay > 0) bench.send(event)
        if (!before && bench.track) expect(event).toEqual({ kind: 'pressed', open: true })
        expect(bench.underWay).toBeLessThanOrEqual(1)
        expect(bench.machine.isOpen).toBe(bench.track)
      }
    }),
    { numRuns: 400 },
  )
})

test('once people stop pressing and the server answers, it knows what the microphone is', () => {
  fc.assert(
    fc.property(fc.boolean(), fc.array(anyEvent, { maxLength: 40 }), (muted, events) => {
      const bench = new Bench()
      let server = muted
      bench.send({ kind: 'seated', muted })
      const agree = () => {
        while (bench.underWay > 0) {
          server = bench.told.at(-1) as boolean
          bench.send({ kind: 'told', ok: true })
        }
      }
      for (const event of events) {
        if (event.kind === 'pass') bench.now += event.ms
        else if (event.kind !== 'told' || bench.underWay > 0) {
          if (event.kind === 'told' && event.ok) server = bench.told.at(-1) as boolean
          bench.send(event)
        }
      }
      for (let round = 0; round < 4; round++) {
        agree()
        bench.now = Math.max(bench.now + SETTLE_MS, (bench.machine.deadline as number | undefined) ?? 0)
        bench.send({ kind: 'woke' })
        agree()
        bench.now += SETTLE_MS
        bench.send({ kind: 'viewed', muted: server })
      }
      expect(server).toBe(!bench.track)
    }),
    { numRuns: 400 },
  )
})
