import { expect, test } from 'bun:test'
import { parseTurnUrl } from './turn-url.ts'

test('an address of a relay is read with the port and the transport that it does not name', () => {
  expect(parseTurnUrl('turn:relay.example')).toEqual({ host: 'relay.example', port: 3478, transport: 'udp' })
  expect(parseTurnUrl('turns:relay.example')).toEqual({ host: 'relay.example', port: 5349, transport: 'tls' })
  const six = parseTurnUrl('turn:[2001:db8::1]:80?transport=tcp')
  expect(six).toEqual({ host: '2001:db8::1', port: 80, transport: 'tcp' })
})

test('anything else is none', () => {
  for (const text of [
    '',
    'stun:a',
    'turn://a',
    'turn:a:0',
    'turn:a:65536',
    'turn:a?transport=sctp',
    'turn:a b',
  ])
    expect([text, parseTurnUrl(text)]).toEqual([text, undefined])
})
