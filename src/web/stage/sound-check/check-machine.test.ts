import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { dbov, millis } from '../../../base/units.ts'
import type { OwnMeasures } from '../../../core/sound-check/findings.ts'
import type { SoundMeasures } from '../../../core/sound-check/sound-check.ts'
import {
  ANSWER_WITHIN_MS,
  type CheckEvent,
  CheckMachine,
  CONNECT_WITHIN_MS,
  WHOLE_WITHIN_MS,
} from './check-machine.ts'

const own: OwnMeasures = { lossBack: 0, overheard: [], deviceSilenced: false }
const measured: SoundMeasures = {
  sentenceMs: 2_000,
  speechLevel: dbov(-20),
  peakDb: -5,
  clipped: 0,
  loss: 0,
  jitterBufferMs: 40,
}

/** A machine that has seen `events` at time 0. */
function after(...events: readonly CheckEvent[]): CheckMachine {
  const machine = new CheckMachine()
  for (const event of events) machine.handle(event, millis(0))
  return machine
}
const started: CheckEvent = { kind: 'started' }
const answered: CheckEvent = { kind: 'answered' }
const connected: CheckEvent = { kind: 'connected' }
const woke: CheckEvent = { kind: 'woke' }
const phase = (name: 'waiting' | 'recording'): CheckEvent => ({
  kind: 'reported',
  report: { phase: name },
  own,
})

describe('a sound check', () => {
  test('goes from asking over speaking to a verdict', () => {
    const machine = after(started)
    const seen = [machine.standing.kind]
    for (const event of [
      answered,
      connected,
      phase('waiting'),
      phase('recording'),
      { kind: 'reported', report: { phase: 'playing', measured }, own },
      { kind: 'reported', report: { phase: 'done', measured }, own },
    ] satisfies CheckEvent[]) {
      seen.push(machine.handle(event, millis(100)).kind)
    }
    expect(seen).toEqual(['asking', 'connecting', 'speak', 'speak', 'recording', 'playing', 'judged'])
    expect(machine.standing).toEqual({ kind: 'judged', found: [] })
    expect(machine.deadline).toBeUndefined()
  })

  test('whose answer came over HTTP and whose media never does says that UDP is blocked', () => {
    const machine = after(started, answered)
    expect(machine.deadline).toBe(millis(CONNECT_WITHIN_MS))
    expect(machine.handle(woke, millis(CONNECT_WITHIN_MS - 1)).kind).toBe('connecting')
    const blocked = { kind: 'judged', found: ['udp-blocked'] } as const
    expect(machine.handle(woke, millis(CONNECT_WITHIN_MS))).toEqual(blocked)
    expect(after(started, answered, { kind: 'broken' }).standing).toEqual(blocked)
  })

  test('is not called blocked where the server itself does not answer', () => {
    const machine = after(started)
    expect(machine.handle(woke, millis(ANSWER_WITHIN_MS))).toEqual({ kind: 'failed', why: 'unreachable' })
    expect(after(started, { kind: 'refused' }).standing).toEqual({ kind: 'failed', why: 'unreachable' })
  })

  test('that is refused says so in the server’s words, and may be tried again', () => {
    const machine = after(started, { kind: 'refused', detail: 'The stage is busy.' })
    expect(machine.standing).toEqual({ kind: 'failed', why: 'refused', detail: 'The stage is busy.' })
    expect(machine.handle(started, millis(1)).kind).toBe('asking')
  })

  test('that breaks on the way was lost', () => {
    const lost = { kind: 'failed', why: 'lost' } as const
    for (const event of [{ kind: 'broken' }, { kind: 'forgotten' }] satisfies CheckEvent[])
      expect(after(started, answered, connected, event).standing).toEqual(lost)
    expect(after(started, answered, connected).handle(woke, millis(WHOLE_WITHIN_MS))).toEqual(lost)
    const nothing: CheckEvent = { kind: 'reported', report: { phase: 'done' }, own }
    expect(after(started, answered, connected, nothing).standing).toEqual(lost)
  })

  test('remembers what the one before found, until it is forgotten', () => {
    const machine = new CheckMachine(['quiet'])
    expect(machine.standing).toEqual({ kind: 'judged', found: ['quiet'] })
    expect(machine.handle({ kind: 'stopped' }, millis(0))).toEqual({ kind: 'idle' })
  })
})

test('whatever happens, a check that goes on has a deadline, and reaching deadlines ends it', () => {
  const event = fc.constantFrom<CheckEvent>(
    started,
    answered,
    connected,
    phase('waiting'),
    phase('recording'),
    { kind: 'broken' },
    { kind: 'forgotten' },
    { kind: 'stopped' },
    woke,
  )
  fc.assert(
    fc.property(fc.array(fc.tuple(event, fc.integer({ min: 0, max: 3_000 }))), (events) => {
      const machine = new CheckMachine()
      let now = 0
      for (const [what, passed] of events) {
        now += passed
        machine.handle(what, millis(now))
        expect(machine.isGoing).toBe(machine.deadline !== undefined)
      }
      for (let i = 0; i < 3 && machine.deadline !== undefined; i++) machine.handle(woke, machine.deadline)
      expect(machine.isGoing).toBe(false)
    }),
  )
})
