import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { BoundedQueue, type WhenFull } from './bounded-queue.ts'

test.each(['drop-newest', 'drop-oldest'] as const)(
  'a queue behaves like a bounded list for any use: %s',
  (whenFull) => {
    const step = fc.oneof(fc.record({ push: fc.nat() }), fc.constant('shift' as const))
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.array(step, { maxLength: 60 }), (capacity, steps) => {
        const queue = new BoundedQueue<number>(capacity, whenFull)
        const model = new ListModel(capacity, whenFull)
        for (const step of steps) {
          if (step === 'shift') expect(queue.shift()).toBe(model.list.shift())
          else expect(queue.push(step.push)).toBe(model.push(step.push))
          expect(queue.size).toBe(model.list.length)
          expect(queue.peek()).toBe(model.list[0])
          expect(queue.dropped).toBe(model.dropped)
        }
      }),
    )
  },
)

test('a queue without room is refused', () => {
  expect(() => new BoundedQueue(0, 'drop-oldest')).toThrow('room')
})

/** What the ring is measured against. */
class ListModel {
  readonly list: number[] = []
  dropped = 0
  readonly #capacity: number
  readonly #whenFull: WhenFull

  constructor(capacity: number, whenFull: WhenFull) {
    this.#capacity = capacity
    this.#whenFull = whenFull
  }

  push(value: number): boolean {
    const isFull = this.list.length === this.#capacity
    if (isFull) this.dropped += 1
    if (isFull && this.#whenFull === 'drop-newest') return false
    if (isFull) this.list.shift()
    this.list.push(value)
    return !isFull
  }
}
