import { expect, test } from 'bun:test'
import { ServerClock } from './server-clock.ts'

test('a device whose clock agrees is believed; one that is wrong is not', () => {
  let [now, device] = [100, 1_000_700]
  const clock = new ServerClock(
    () => now,
    () => device,
  )
  // A page that was filled a moment ago says a little less than the truth.
  clock.learn(1_000_000)
  expect(clock.now()).toBe(1_000_700)
  device = 1_900_000
  expect(clock.now()).toBe(1_000_000)
  device = 900_000
  now += 500
  expect(clock.now()).toBe(1_000_500)
})

test('what arrives quicker makes the bound tighter, and nothing makes it looser', () => {
  const clock = new ServerClock(
    () => 0,
    () => 0,
  )
  clock.learn(5_000)
  clock.learn(5_600)
  clock.learn(5_200)
  expect(clock.now()).toBe(5_600)
})
