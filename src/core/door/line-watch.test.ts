import { expect, test } from 'bun:test'
import { LineWatch } from './line-watch.ts'

test('a line is told of once it lasts, each minute, and when it is over; a moment’s wait is not', () => {
  const watch = new LineWatch()
  const said: string[] = []
  const wait = (from: number, to: number, waiting: number) => {
    for (let s = from; s < to; s++) {
      const line = watch.observe(waiting, 2, s * 1_000)
      if (line !== undefined) said.push(`${s} ${line}`)
    }
  }
  wait(0, 3, 5)
  wait(3, 10, 0)
  expect(said).toEqual([])
  wait(10, 100, 7)
  wait(100, 110, 0)
  expect(said).toEqual([
    '15 the house is full: 7 wait in line, 2.0 come in per second',
    '75 the house is full: 7 wait in line, 2.0 come in per second',
    '105 the line before the door is over',
  ])
})
