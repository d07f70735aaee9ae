import { expect, test } from 'bun:test'
import { createHmac } from 'node:crypto'
import type { SeatId } from '../../base/ids.ts'
import { wallMillis } from '../../base/units.ts'
import { relayLinks, relayServer } from './relay-credentials.ts'

const sign = (text: string) => createHmac('sha1', 'north').update(text).digest('base64')

test('a user name says until when it is good and for which seat, and the credential proves it', () => {
  const server = relayServer(['turn:a.example'], 'seat1' as SeatId, wallMillis(1_700_000_000_500), sign)
  expect(server).toEqual({
    urls: ['turn:a.example'],
    username: '1700000000:seat1',
    // printf 1700000000:seat1 | openssl dgst -sha1 -hmac north -binary | base64
    credential: 'fxaKVlYGkgOj1QYCzTtxGOLbB9U=',
  })
})

test('each address is a Link of its own, as WHIP clients read it', () => {
  const links = relayLinks({ urls: ['turn:a:1?transport=tcp', 'turns:b'], username: '1:s', credential: 'c=' })
  expect(links).toEqual([
    '<turn:a:1?transport=tcp>; rel="ice-server"; username="1:s"; credential="c="; credential-type="password"',
    '<turns:b>; rel="ice-server"; username="1:s"; credential="c="; credential-type="password"',
  ])
})
