import { expect, test } from 'bun:test'
import { alarmWarnings, checkAlarmWebhook } from './alarm-address.ts'

const SECRET = 'a secret of 16 characters and more'
const check =
  (alarmWebhook: string, alarmWebhookSecret = SECRET) =>
  () =>
    checkAlarmWebhook({ alarmWebhook, alarmWebhookSecret })

test('alarms go to any https address, and by http to this machine or a private network', () => {
  for (const address of [
    'https://example.org/hooks/T0/B1',
    'https://192.0.2.7:8443/',
    'http://localhost:9000/alarms',
    'http://127.0.0.1:9000',
    'http://10.1.2.3/x',
    'http://172.31.0.1/x',
    'http://192.168.1.5/x',
    'http://[::1]:9000/x',
    'http://[fd12::7]/x',
  ]) {
    expect(check(address)).not.toThrow()
  }
  expect(check('', '')).not.toThrow()
})

test('what would send alarms in the clear, or nowhere, is refused without repeating the address', () => {
  for (const address of [
    'http://example.org/x',
    'http://172.32.0.1/x',
    'http://[2001:db8::1]/x',
    'http://10.example.org/x',
    'ftp://example.org/x',
    'https://user:word@example.org/x',
    'https://example.org/#x',
    'example.org/token',
  ]) {
    expect(check(address)).toThrow('--alarm-webhook')
  }
  expect(check('http://example.org/token-that-is-secret')).not.toThrow('token-that-is-secret')
  expect(check('https://example.org/', 'short')).toThrow('16')
  expect(check('https://example.org/', 'whsec_not base64 at all!')).toThrow('base64')
  expect(check('https://example.org/', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')).not.toThrow()
  expect(check('', SECRET)).toThrow('--alarm-webhook')
})

test('the operator is told of alarms that go unsigned or in the clear', () => {
  expect(alarmWarnings({ alarmWebhook: '', alarmWebhookSecret: '' })).toEqual([])
  expect(alarmWarnings({ alarmWebhook: 'https://example.org/', alarmWebhookSecret: SECRET })).toEqual([])
  const words = alarmWarnings({ alarmWebhook: 'http://127.0.0.1:1/', alarmWebhookSecret: '' }).join(' ')
  expect(words).toContain('clear')
  expect(words).toContain('unsigned')
})
