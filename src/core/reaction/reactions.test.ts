import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { encodeUtf8 } from '../../base/bytes.ts'
import { hasCode } from '../../base/errors.ts'
import { wallMillis } from '../../base/units.ts'
import { ReactionSum } from './reaction-sum.ts'
import { ReactionTally } from './reaction-tally.ts'
import {
  addReactions,
  capReactions,
  countReactions,
  parseReactions,
  REACTION_KINDS,
  REACTIONS_BYTES_MAX,
  REACTIONS_PER_PART_MAX,
  REACTIONS_PER_REQUEST_MAX,
  type ReactionCounts,
} from './reactions.ts'

const counts = fc.dictionary(
  fc.constantFrom(...REACTION_KINDS),
  fc.integer({ min: 1, max: 2 }),
) as fc.Arbitrary<ReactionCounts>

const isRefused = (text: string): boolean => {
  try {
    parseReactions(text)
    return false
  } catch (error) {
    return hasCode(error, 'bad-request')
  }
}

test('a page may send a few reactions of the kinds that there are, and nothing else', () => {
  expect(parseReactions('{"heart":2,"clap":3}')).toEqual({ heart: 2, clap: 3 })
  expect(`{${REACTION_KINDS.map((kind) => `"${kind}":1`)}}`.length).toBeLessThanOrEqual(REACTIONS_BYTES_MAX)
  const wrong = [
    ...['', '7', '[]', '{}', '{"heart":0}', '{"heart":-1}', '{"heart":0.5}', '{"heart":"1"}'],
    ...[`{"heart":${REACTIONS_PER_REQUEST_MAX + 1}}`, '{"heart":3,"clap":3}', '{"rage":1}', '{"toString":1}'],
  ]
  expect(wrong.filter((text) => !isRefused(text))).toEqual([])
})

test('property: whatever is pressed at several edges reaches the program once, whichever messages are lost', () => {
  const press = fc.record({ edge: fc.nat(2), counts, isTold: fc.boolean(), isLost: fc.boolean() })
  fc.assert(
    fc.property(fc.array(press, { maxLength: 40 }), (presses) => {
      const tallies = [0, 1, 2].map((n) => new ReactionTally(`edge-${n}`, 1))
      const sum = new ReactionSum()
      let pressed: ReactionCounts = {}
      let shown: ReactionCounts = {}
      const hasBeenHeard = [false, false, false]
      const tell = (edge: number, isLost: boolean) => {
        for (const message of tallies[edge]?.due(wallMillis(1_000)) ?? []) {
          if (isLost && hasBeenHeard[edge]) continue
          hasBeenHeard[edge] = true
          sum.heard(message, wallMillis(1_000))
          shown = addReactions(shown, sum.take(wallMillis(1_000)))
        }
      }
      for (const { edge, counts, isTold, isLost } of presses) {
        tallies[edge]?.add('talk', counts)
        pressed = addReactions(pressed, counts)
        if (isTold) tell(edge, isLost)
      }
      // A last press at each edge, whose message arrives, tells what was lost as well.
      for (const [edge, tally] of tallies.entries()) {
        tally.add('talk', { heart: 1 })
        pressed = addReactions(pressed, { heart: 1 })
        tell(edge, false)
      }
      expect(shown).toEqual(capReactions(pressed, Number.POSITIVE_INFINITY))
    }),
  )
})

test('an edge that starts anew counts from zero, and a stage that starts late shows only what is new', () => {
  const at = wallMillis(10_000)
  const message = (life: number, totals: ReactionCounts, added: ReactionCounts, atMs = at) =>
    ({ space: 'talk', edge: 'edge-0', atMs, life, totals, added }) as const
  const sum = new ReactionSum()
  sum.heard(message(1, { clap: 90 }, { clap: 2 }), at)
  expect(sum.take(at)).toEqual({ clap: 2 })
  sum.heard(message(2, { clap: 3 }, { clap: 3 }), at)
  expect(sum.take(at)).toEqual({ clap: 3 })
  // The Feed hands out the last word of an edge that fell silent long ago.
  const late = new ReactionSum()
  late.heard(message(2, { clap: 3 }, { clap: 3 }, wallMillis(1_000)), at)
  expect(late.take(at)).toEqual({})
  late.heard(message(2, { clap: 4, heart: 1 }, { clap: 1, heart: 1 }), at)
  expect(late.take(at)).toEqual({ clap: 1, heart: 1 })
})

test('a flood fills a part to its cap and not beyond, and does not pile up while nobody takes it', () => {
  const at = wallMillis(1_000)
  const sum = new ReactionSum()
  for (let n = 1; n <= 50; n++) {
    const totals = { heart: n * 10_000 }
    sum.heard({ space: 'talk', edge: 'edge-0', atMs: at, life: 1, totals, added: totals }, at)
  }
  expect(sum.take(at)).toEqual({ heart: REACTIONS_PER_PART_MAX })
  expect(countReactions(sum.take(at))).toBe(0)
  // A standby takes nothing: what it has when it takes over is what came last.
  const standby = new ReactionSum()
  for (let n = 1; n <= 9; n++) {
    const [totals, added] = [{ clap: n }, { clap: 1 }]
    const atMs = wallMillis(500 * n)
    standby.heard({ space: 'talk', edge: 'edge-0', atMs, life: 1, totals, added }, atMs)
  }
  expect(standby.take(wallMillis(4_600))).toEqual({ clap: 1 })
  const full = Object.fromEntries(REACTION_KINDS.map((kind) => [kind, REACTIONS_PER_PART_MAX]))
  expect(encodeUtf8(JSON.stringify({ kind: 'reactions', counts: full })).length).toBeLessThanOrEqual(92)
})
