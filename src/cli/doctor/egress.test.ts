import { expect, test } from 'bun:test'
import { egressFinding } from './egress.ts'

const GIGABIT = { name: 'eth0', speedBps: 1e9 }

test('without a setting, one is proposed from the interface of the default route', () => {
  const slow = { name: 'wlan0', speedBps: 100e6 }
  const { verdict, what, mend } = egressFinding(0, [slow, GIGABIT], 'eth0')
  expect(verdict).toBe('warn')
  expect(what).toContain('eth0 runs at 1,000 Mbit/s')
  expect(mend).toContain('--egress-bps-max 900000000')
})

test('where no interface says its speed, it is said how to find out', () => {
  const { verdict, mend } = egressFinding(0, [], 'eth0')
  expect(verdict).toBe('warn')
  expect(mend).toContain('iperf3')
})

test('a setting is turned into listeners, and doubted when the interface is slower', () => {
  expect(egressFinding(100e6, [GIGABIT], 'eth0')).toEqual({
    verdict: 'ok',
    what: '--egress-bps-max is 100 Mbit/s: room for about 1465 listeners.',
  })
  expect(egressFinding(2e9, [GIGABIT], 'eth0').verdict).toBe('warn')
})
