import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { Announcer, BETWEEN_MS, LASTING_MS } from './announcer.ts'

/** An announcer on a clock of its own. */
function announcer() {
  let nowMs = 0
  let due: { readonly atMs: number; readonly work: () => void } | undefined
  const said: [number, string][] = []
  const told = new Announcer({
    say: (sentence) => said.push([nowMs, sentence]),
    now: () => nowMs,
    later: (work, ms) => {
      const mine = { atMs: nowMs + ms, work }
      due = mine
      return () => {
        if (due === mine) due = undefined
      }
    },
  })
  const pass = (ms: number) => {
    const end = nowMs + ms
    while (due !== undefined && due.atMs <= end) {
      const { atMs, work } = due
      due = undefined
      nowMs = atMs
      work()
    }
    nowMs = end
  }
  return { told, said, pass }
}

test('who speaks is told once it has lasted, and a passing word is not', () => {
  const { told, said, pass } = announcer()
  told.show('Ana is speaking.')
  pass(LASTING_MS - 1)
  told.show('Nobody is speaking.')
  pass(500)
  told.show('Ana is speaking.')
  pass(LASTING_MS)
  expect(said.map(([, sentence]) => sentence)).toEqual(['Ana is speaking.'])
})

test('property: whatever happens, sentences come far enough apart, and the last word is told in the end', () => {
  const change = fc.tuple(fc.nat(4_000), fc.constantFrom('Ana', 'Budi', 'Ana and Budi', 'Nobody'))
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 60 }), (changes) => {
      const { told, said, pass } = announcer()
      for (const [ms, sentence] of changes) {
        told.show(sentence)
        pass(ms)
      }
      pass(2 * BETWEEN_MS)
      const gaps = said.slice(1).map(([atMs], n) => atMs - (said[n]?.[0] ?? 0))
      expect(gaps.every((gap) => gap >= BETWEEN_MS)).toBe(true)
      expect(said.at(-1)?.[1]).toBe(changes.at(-1)?.[1])
    }),
  )
})
