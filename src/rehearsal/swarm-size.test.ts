import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { hasCode } from '../base/errors.ts'
import { sizeSwarm } from './swarm-size.ts'

const LIMITS = { descriptors: 20_000, ports: 28_000 }

test('every listener is in one process, and the processes are as even as can be', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 26_000 }),
      fc.integer({ min: 1, max: 64 }),
      (listeners, processes) => {
        fc.pre(listeners / processes < 19_000)
        const sizes = sizeSwarm(listeners, 1, LIMITS, processes)
        expect(sizes.reduce((a, b) => a + b, 0)).toBe(listeners)
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
        expect(Math.min(...sizes)).toBeGreaterThan(0)
      },
    ),
  )
})

test('a process has at most what its descriptors allow', () => {
  expect(sizeSwarm(2_000, 1, { descriptors: 1_024, ports: 28_000 })).toHaveLength(3)
})

test('more connections than a machine has ports or files are refused in words', () => {
  const refused = (run: () => unknown) => {
    try {
      run()
      return false
    } catch (error) {
      return hasCode(error, 'bad-request')
    }
  }
  expect(refused(() => sizeSwarm(28_000, 1, LIMITS))).toBe(true)
  expect(refused(() => sizeSwarm(28_000, 2, LIMITS))).toBe(false)
  expect(refused(() => sizeSwarm(25_000, 1, LIMITS, 1))).toBe(true)
})
