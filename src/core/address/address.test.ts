import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { hasCode } from '../../base/errors.ts'
import { clientAddress } from './client-address.ts'
import { isLoopback, isWithin, parseIp, prefixKey } from './ip.ts'
import { parsePrefixes, TrustedProxies } from './trusted-proxies.ts'

describe('an address', () => {
  test.each([
    ['192.0.2.7', 4, [192, 0, 2, 7]],
    ['::ffff:192.0.2.7', 4, [192, 0, 2, 7]],
    ['::FFFF:c000:0207', 4, [192, 0, 2, 7]],
    ['::', 6, [0, 0, 0, 0, 0, 0, 0, 0]],
    ['2001:db8::1', 6, [0x2001, 0xdb8, 0, 0, 0, 0, 0, 1]],
    ['1:2:3:4:5:6:7:8', 6, [1, 2, 3, 4, 5, 6, 7, 8]],
    ['1:2:3:4:5:6:192.0.2.7', 6, [1, 2, 3, 4, 5, 6, 0xc000, 0x207]],
  ] as const)('%s is read', (text, version, words) => {
    expect(parseIp(text)).toEqual({ version, words: [...words] })
  })

  test.each([
    '',
    'a',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.256',
    '01.2.3.4',
    '1:2',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7:8:9',
    '12345::',
    '::1.2.3',
    '[::1]',
    '::1%eth0',
    '1:2:3:4:5:6:7::8:9',
  ])('"%s" is none', (text) => {
    expect(parseIp(text)).toBeUndefined()
  })

  test('of IPv6 is the same however its zeros are written', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(0, 1, 0xabcd), { minLength: 8, maxLength: 8 }), (groups) => {
        const full = groups.map((group) => group.toString(16))
        const run = /(?:^|:)0(?::0)+(?:$|:)/.exec(full.join(':'))
        const short = run === null ? full.join(':') : full.join(':').replace(run[0], '::')
        expect(parseIp(short)).toEqual(parseIp(full.map((group) => group.padStart(4, '0')).join(':')))
      }),
    )
  })

  test('shares a prefix with its neighbours, and with nobody of the other version', () => {
    const key = (text: string, bits: number) => prefixKey(parseIp(text) as never, bits)
    expect(key('192.0.2.7', 24)).toBe(key('192.0.2.255', 24))
    expect(key('192.0.2.7', 24)).not.toBe(key('192.0.3.7', 24))
    expect(key('192.0.2.7', 31)).not.toBe(key('192.0.2.8', 31))
    expect(key('2001:db8:1:2:3::', 64)).toBe(key('2001:db8:1:2:ffff::1', 64))
    expect(key('2001:db8:1:2::', 64)).not.toBe(key('2001:db8:1:3::', 64))
    expect(key('0.0.0.0', 0)).not.toBe(key('::', 0))
    expect(isWithin(parseIp('10.200.0.1') as never, parsePrefixes('10.128.0.0/9 2001:db8::/33'))).toBe(true)
    expect(isWithin(parseIp('10.127.0.1') as never, parsePrefixes('10.128.0.0/9,2001:db8::/33'))).toBe(false)
    expect(isLoopback(parseIp('::ffff:127.0.0.9') as never)).toBe(true)
  })

  test.each(['10.0.0.0/33', '10.0.0.0/', '/8', 'ten', '10.0.0.0/8/8', '::/129', '10.0.0.0/-1'])(
    'a list with "%s" is refused, and names it',
    (text) => {
      let refusal: unknown
      try {
        parsePrefixes(`192.0.2.1, ${text}`)
      } catch (error) {
        refusal = error
      }
      expect(hasCode(refusal, 'bad-request')).toBe(true)
      expect((refusal as Error).message).toContain(text)
    },
  )
})

describe('the client of a request', () => {
  const trusted = parsePrefixes('192.0.2.0/24, 2001:db8::/32')
  const from = (socketAddress: string, forwardedFor: string | null, forwarded: string | null = null) =>
    clientAddress({ socketAddress, forwardedFor, forwarded }, trusted)

  test.each([
    ['without headers is the socket', '203.0.113.1', null, '203.0.113.1'],
    ['behind a trusted proxy is what it says', '192.0.2.1', '203.0.113.1', '203.0.113.1'],
    ['behind two is the last that neither is', '192.0.2.1', '203.0.113.1, 192.0.2.2', '203.0.113.1'],
    ['cannot put an address in front of its own', '192.0.2.1', '198.51.100.1, 203.0.113.1', '203.0.113.1'],
    ['is the first proxy when only proxies are named', '192.0.2.1', '192.0.2.3,192.0.2.2', '192.0.2.3'],
    ['is the proxy itself when it says nothing sensible', '192.0.2.1', 'unknown', '192.0.2.1'],
    ['stops where an address is hidden', '192.0.2.1', '203.0.113.1, hidden, 192.0.2.2', '192.0.2.2'],
    ['may be named with a port', '192.0.2.1', '203.0.113.1:4711', '203.0.113.1'],
    ['may be IPv6 in brackets', '192.0.2.1', '[2001:dead::1]:443', '2001:dead::1'],
    ['is seen through a mapped socket address', '::ffff:192.0.2.1', '203.0.113.1', '203.0.113.1'],
  ])('%s', (_, socket, header, client) => {
    expect(from(socket, header)).toEqual({ address: client, isUnproven: false })
  })

  test('that is nobody’s proxy is the socket, whatever it claims', () => {
    expect(from('203.0.113.9', '198.51.100.1')).toEqual({ address: '203.0.113.9', isUnproven: true })
    expect(from('203.0.113.9', null, 'for=198.51.100.1')).toEqual({
      address: '203.0.113.9',
      isUnproven: true,
    })
  })

  test('is read from Forwarded too (RFC 7239)', () => {
    const header = 'For="[2001:dead::1]:4711";proto=https, for=192.0.2.2;by=192.0.2.1'
    expect(from('192.0.2.1', null, header).address).toBe('2001:dead::1')
  })

  test('can only be an address that a trusted proxy has seen, however the header is filled', () => {
    fc.assert(
      fc.property(fc.string(), (written) => {
        expect(from('192.0.2.1', `${written}, 203.0.113.5`).address).toBe('203.0.113.5')
      }),
    )
  })
})

test('headers of a proxy that is not named are warned of once in a while, with the setting', () => {
  const lines: string[] = []
  const proxies = new TrustedProxies([], (line) => lines.push(line))
  const headers = new Headers({ 'X-Forwarded-For': '198.51.100.1' })
  for (const now of [0, 1, 500_000, 700_000]) proxies.addressOf(headers, '203.0.113.9', now)
  expect(lines).toHaveLength(2)
  expect(lines[0]).toContain('--trusted-proxies')
  expect(lines[0]).toContain('203.0.113.9')
})
