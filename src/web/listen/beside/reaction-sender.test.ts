import { expect, test } from 'bun:test'
import fc from 'fast-check'
import {
  countReactions,
  REACTION_KINDS,
  REACTIONS_PER_REQUEST_MAX,
  type ReactionCounts,
} from '../../../core/reaction/reactions.ts'
import { ReactionSender, type ReactionsSent } from './reaction-sender.ts'

function sender(answers: ReactionsSent[] = []) {
  let nowMs = 0
  let due: { readonly atMs: number; readonly work: () => void }[] = []
  const sent: { readonly atMs: number; readonly counts: ReactionCounts }[] = []
  const machine = new ReactionSender({
    send: async (counts) => {
      sent.push({ atMs: nowMs, counts })
      return answers.shift() ?? { kind: 'taken' }
    },
    now: () => nowMs,
    random: () => 0.5,
    later: (work, ms) => void due.push({ atMs: nowMs + ms, work }),
  })
  const pass = async (ms: number) => {
    const end = nowMs + ms
    for (;;) {
      const next = due.find(({ atMs }) => atMs <= end)
      if (next === undefined) break
      due = due.filter((one) => one !== next)
      nowMs = next.atMs
      next.work()
      await Promise.resolve()
      await Promise.resolve()
    }
    nowMs = end
  }
  return { machine, sent, pass }
}

test('property: however fast one presses, a page sends once a second at most, and never more than a request may have', async () => {
  const press = fc.tuple(fc.constantFrom(...REACTION_KINDS), fc.nat(700))
  await fc.assert(
    fc.asyncProperty(fc.array(press, { minLength: 1, maxLength: 60 }), async (presses) => {
      const { machine, sent, pass } = sender()
      let taken = 0
      for (const [kind, ms] of presses) {
        if (machine.press(kind)) taken += 1
        await pass(ms)
      }
      await pass(5_000)
      const gaps = sent.slice(1).map(({ atMs }, n) => atMs - (sent[n]?.atMs ?? 0))
      expect(gaps.every((gap) => gap >= 1_000)).toBe(true)
      expect(sent.every(({ counts }) => countReactions(counts) <= REACTIONS_PER_REQUEST_MAX)).toBe(true)
      expect(sent.reduce((sum, { counts }) => sum + countReactions(counts), 0)).toBe(taken)
    }),
    { numRuns: 50 },
  )
})

test('an edge that wants no more has its quiet, and what was pressed meanwhile is let go', async () => {
  const { machine, sent, pass } = sender([{ kind: 'refused', retryAfterMs: 20_000 }])
  expect(machine.press('clap')).toBe(true)
  await pass(2_000)
  expect([machine.isResting, machine.press('clap')]).toEqual([true, false])
  await pass(19_000)
  expect(machine.isResting).toBe(false)
  expect(machine.press('heart')).toBe(true)
  await pass(2_000)
  expect(sent.map(({ counts }) => counts)).toEqual([{ clap: 1 }, { heart: 1 }])
})
