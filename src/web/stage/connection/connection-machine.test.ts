import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { epoch, type Millis, millis } from '../../../base/units.ts'
import {
  ANSWER_WITHIN_MS,
  type ConnectionEffect,
  type ConnectionEvent,
  ConnectionMachine,
  DISCONNECTED_FOR_MS,
  EPOCH_WAIT_MS,
  FIRST_SOUND_ONLINE_WITHIN_MS,
  FIRST_SOUND_WITHIN_MS,
  PROVEN_ONLINE_WITHIN_MS,
  QUIET_BEFORE_ONLINE_MS,
  SILENT_DOOR_WAIT_MS,
  SILENT_FOR_MS,
  STAGE_BACKOFF,
} from './connection-machine.ts'

/** A machine, its clock, and the attempts that are open. */
class Bench {
  readonly machine = new ConnectionMachine()
  readonly open = new Set<number>()
  readonly opened: { attempt: number; at: number }[] = []
  now = 0

  send(event: ConnectionEvent, random = 0): readonly ConnectionEffect[] {
    const effects = this.machine.handle(event, millis(this.now), random)
    for (const effect of effects) {
      if (effect.kind === 'close') this.open.delete(effect.attempt)
      else {
        this.open.add(effect.attempt)
        this.opened.push({ attempt: effect.attempt, at: this.now })
      }
    }
    return effects
  }

  /** Lets time pass, waking the machine at its deadlines. */
  pass(duration: number, random = 0): void {
    const end = this.now + duration
    for (;;) {
      const deadline = this.machine.deadline as Millis | undefined
      if (deadline === undefined || deadline > end) break
      this.now = Math.max(this.now, deadline)
      this.send({ kind: 'woke' }, random)
    }
    this.now = end
  }

  get attempt(): number {
    return this.opened.at(-1)?.attempt ?? 0
  }

  connect(): void {
    this.send({ kind: 'answered', attempt: this.attempt })
    this.send({ kind: 'counted', attempt: this.attempt, packets: 1 })
  }
}

function connected(): Bench {
  const bench = new Bench()
  bench.send({ kind: 'epoch-seen', epoch: epoch(3) })
  bench.send({ kind: 'entered' })
  bench.connect()
  expect(bench.machine.words).toBe('connected')
  return bench
}

describe('the way to the stage', () => {
  test('the first try waits for the epoch, but not for long', () => {
    const patient = new Bench()
    patient.send({ kind: 'entered' })
    expect(patient.opened).toEqual([])
    patient.send({ kind: 'epoch-seen', epoch: epoch(1) })
    expect(patient.opened).toEqual([{ attempt: 1, at: 0 }])

    const alone = new Bench()
    alone.send({ kind: 'entered' })
    alone.pass(EPOCH_WAIT_MS)
    expect(alone.opened).toEqual([{ attempt: 1, at: EPOCH_WAIT_MS }])
    alone.send({ kind: 'epoch-seen', epoch: epoch(1) })
    expect(alone.opened.length).toBe(1)
  })

  test('a new epoch means a new connection at once, an old view means nothing', () => {
    const bench = connected()
    bench.now = 100
    expect(bench.send({ kind: 'epoch-seen', epoch: epoch(4) })).toEqual([
      { kind: 'close', attempt: 1 },
      { kind: 'open', attempt: 2 },
    ])
    expect(bench.machine.words).toBe('reconnecting')
    expect(bench.send({ kind: 'epoch-seen', epoch: epoch(3) })).toEqual([])
    expect(bench.send({ kind: 'epoch-seen', epoch: epoch(4) })).toEqual([])
  })

  test('a connection that receives nothing is given up after 2.5 s', () => {
    const bench = connected()
    bench.pass(SILENT_FOR_MS - 1)
    bench.send({ kind: 'counted', attempt: 1, packets: 1 })
    expect(bench.open.has(1)).toBe(true)
    bench.pass(1)
    expect(bench.open.size).toBe(0)
    bench.pass(STAGE_BACKOFF.firstMs)
    expect([...bench.open]).toEqual([2])
  })

  test('packets keep a connection for as long as they come', () => {
    const bench = connected()
    for (let packets = 2; packets < 100; packets++) {
      bench.pass(500)
      bench.send({ kind: 'counted', attempt: 1, packets })
    }
    expect(bench.opened.length).toBe(1)
  })

  test('a disconnection that heals in time is not a loss, a longer one is', () => {
    const bench = connected()
    bench.send({ kind: 'peer-changed', attempt: 1, to: 'disconnected' })
    bench.pass(DISCONNECTED_FOR_MS - 1)
    bench.send({ kind: 'peer-changed', attempt: 1, to: 'connected' })
    bench.send({ kind: 'counted', attempt: 1, packets: 2 })
    bench.pass(SILENT_FOR_MS - 1)
    expect([...bench.open]).toEqual([1])
    bench.send({ kind: 'counted', attempt: 1, packets: 3 })
    bench.send({ kind: 'peer-changed', attempt: 1, to: 'disconnected' })
    bench.pass(DISCONNECTED_FOR_MS)
    expect(bench.open.size).toBe(0)
  })

  test('a network that comes back is tried at once', () => {
    const bench = connected()
    for (let failure = 0; failure < 8; failure++) {
      bench.send({ kind: 'refused', attempt: bench.attempt })
      bench.pass(STAGE_BACKOFF.maxMs, 0.9)
    }
    bench.send({ kind: 'refused', attempt: bench.attempt }, 0.9)
    const before = bench.opened.length
    bench.send({ kind: 'came-online' })
    expect(bench.opened.length).toBe(before + 1)
  })

  test('an offer that went into the void is made anew when the network is back', () => {
    const bench = connected()
    bench.pass(SILENT_FOR_MS + STAGE_BACKOFF.firstMs)
    const lost = bench.attempt
    bench.pass(ANSWER_WITHIN_MS / 2)
    expect(bench.send({ kind: 'came-online' })).toEqual([
      { kind: 'close', attempt: lost },
      { kind: 'open', attempt: lost + 1 },
    ])
  })

  test('while nobody answers at the door offers are kept, until somebody does or for half a minute', () => {
    const bench = connected()
    bench.pass(SILENT_FOR_MS + STAGE_BACKOFF.firstMs / 2)
    bench.send({ kind: 'door-silent' })
    bench.pass(ANSWER_WITHIN_MS)
    expect(bench.open.size).toBe(0)
    bench.pass(SILENT_DOOR_WAIT_MS - 1)
    bench.send({ kind: 'door-silent' })
    expect([...bench.open]).toEqual([])
    bench.pass(1)
    expect([...bench.open]).toEqual([3])
    bench.pass(ANSWER_WITHIN_MS)
    bench.send({ kind: 'came-online' })
    expect([...bench.open]).toEqual([4])
    // And what is refused from now on is tried again as soon as ever.
    bench.send({ kind: 'refused', attempt: 4 })
    bench.pass(STAGE_BACKOFF.firstMs)
    expect([...bench.open]).toEqual([5])
  })

  test('a door that falls silent keeps back the offer that was to be made next', () => {
    const bench = connected()
    bench.send({ kind: 'refused', attempt: 1 })
    bench.send({ kind: 'door-silent' })
    bench.pass(SILENT_DOOR_WAIT_MS - 1)
    expect(bench.opened.length).toBe(1)
    bench.send({ kind: 'came-online' })
    bench.connect()
    expect(bench.machine.words).toBe('connected')
  })

  test('who fell silent before the network came back connects anew at once', () => {
    const bench = connected()
    bench.pass(QUIET_BEFORE_ONLINE_MS)
    expect(bench.send({ kind: 'came-online' })).toEqual([
      { kind: 'close', attempt: 1 },
      { kind: 'open', attempt: 2 },
    ])
  })

  test('another network under a connection gives it a second to prove itself, and no more', () => {
    const bench = connected()
    bench.send({ kind: 'came-online' })
    bench.pass(PROVEN_ONLINE_WITHIN_MS - 1)
    bench.send({ kind: 'counted', attempt: 1, packets: 2 })
    bench.pass(PROVEN_ONLINE_WITHIN_MS)
    expect([...bench.open]).toEqual([1])
    bench.send({ kind: 'counted', attempt: 1, packets: 3 })
    bench.send({ kind: 'came-online' })
    bench.pass(PROVEN_ONLINE_WITHIN_MS)
    expect(bench.open.size).toBe(0)
    bench.pass(STAGE_BACKOFF.firstMs)
    bench.send({ kind: 'answered', attempt: 2 })
    bench.send({ kind: 'came-online' })
    bench.pass(FIRST_SOUND_ONLINE_WITHIN_MS)
    expect(bench.open.has(2)).toBe(false)
    expect(PROVEN_ONLINE_WITHIN_MS).toBeLessThan(SILENT_FOR_MS)
    expect(FIRST_SOUND_ONLINE_WITHIN_MS).toBeLessThan(FIRST_SOUND_WITHIN_MS)
  })

  test('an offer without an answer is given up', () => {
    const bench = new Bench()
    bench.send({ kind: 'epoch-seen', epoch: epoch(1) })
    bench.send({ kind: 'entered' })
    bench.pass(ANSWER_WITHIN_MS)
    expect(bench.open.size).toBe(0)
  })

  test('who left stays away until entering again', () => {
    const bench = connected()
    bench.send({ kind: 'left' })
    expect(bench.open.size).toBe(0)
    bench.send({ kind: 'epoch-seen', epoch: epoch(9) })
    bench.send({ kind: 'came-online' })
    bench.pass(60_000)
    expect(bench.opened.length).toBe(1)
    bench.send({ kind: 'entered' })
    expect(bench.opened.length).toBe(2)
  })
})

const anyEvent: fc.Arbitrary<ConnectionEvent | { readonly kind: 'pass'; readonly ms: number }> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.nat(4_000) }) },
  fc.constant({ kind: 'entered' as const }),
  fc.constant({ kind: 'left' as const }),
  fc.constant({ kind: 'came-online' as const }),
  fc.constant({ kind: 'door-silent' as const }),
  fc.constant({ kind: 'woke' as const }),
  fc.record({ kind: fc.constant('epoch-seen' as const), epoch: fc.integer({ min: 1, max: 6 }).map(epoch) }),
  fc.record({ kind: fc.constant('answered' as const), attempt: fc.nat(12) }),
  fc.record({ kind: fc.constant('refused' as const), attempt: fc.nat(12) }),
  fc.record({ kind: fc.constant('counted' as const), attempt: fc.nat(12), packets: fc.nat(200) }),
  fc.record({
    kind: fc.constant('peer-changed' as const),
    attempt: fc.nat(12),
    to: fc.constantFrom('connected' as const, 'disconnected' as const, 'failed' as const),
  }),
)

/** Aims most events at the attempt that is open, so that long lives are explored as well as stale news. */
const lives = fc.array(fc.tuple(anyEvent, fc.boolean(), fc.double({ min: 0, max: 0.999, noNaN: true })), {
  maxLength: 60,
})

test('in any interleaving there is at most one open connection, and none for who left', () => {
  fc.assert(
    fc.property(lives, (steps) => {
      const bench = new Bench()
      let inside = false
      for (const [event, aimed, random] of steps) {
        if (event.kind === 'pass') bench.pass(event.ms, random)
        else bench.send(aimed && 'attempt' in event ? { ...event, attempt: bench.attempt } : event, random)
        if (event.kind === 'entered') inside = true
        if (event.kind === 'left') inside = false
        expect(bench.open.size).toBeLessThanOrEqual(inside ? 1 : 0)
        // The one that is open is the newest: news of older ones can change nothing.
        if (bench.open.size === 1) expect([...bench.open]).toEqual([bench.attempt])
        // Whoever wants to be on stage always has a deadline ahead: the machine cannot get stuck.
        expect(bench.machine.deadline !== undefined).toBe(inside)
      }
    }),
    { numRuns: 400 },
  )
})

test('with a stage that never answers, tries are bounded: never more than one a 100 ms, never 2 s without one', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 20, maxLength: 40 }),
      (randoms) => {
        const bench = new Bench()
        bench.send({ kind: 'epoch-seen', epoch: epoch(1) })
        bench.send({ kind: 'entered' })
        const waits: number[] = []
        for (const random of randoms) {
          bench.send({ kind: 'refused', attempt: bench.attempt }, random)
          waits.push((bench.machine.deadline as number) - bench.now)
          bench.pass(STAGE_BACKOFF.maxMs)
        }
        expect(bench.opened.length).toBe(randoms.length + 1)
        for (const wait of waits) {
          expect(wait).toBeGreaterThanOrEqual(STAGE_BACKOFF.firstMs / 2)
          expect(wait).toBeLessThanOrEqual(STAGE_BACKOFF.maxMs)
        }
      },
    ),
    { numRuns: 50 },
  )
})
