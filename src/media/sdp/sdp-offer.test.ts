import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { OFFER as CHROMIUM } from '../../../test/harness/chromium-offer.ts'
import { MimbarError } from '../../base/errors.ts'
import { addHostCandidates, announceAddress, hostAddresses, iceCredentials } from './sdp-answer.ts'
import { CANDIDATES_MAX, OFFER_BYTES_MAX, parseOffer, writeOffer } from './sdp-offer.ts'

function codeOf(text: string): string {
  try {
    parseOffer(text)
    return 'accepted'
  } catch (error) {
    if (error instanceof MimbarError) return error.code
    throw error
  }
}

describe('an offer', () => {
  test('of a browser is read with the codec, extension and candidates that the stage uses', () => {
    expect(parseOffer(CHROMIUM)).toMatchObject({
      mid: '0',
      direction: 'sendrecv',
      payloadType: 111,
      audioLevelId: 1,
      iceUfrag: 'ETEn',
      setup: 'actpass',
      candidates: [{ address: '192.0.2.7', port: 46243, type: 'host' }],
    })
  })

  test('is given to the native library without foreign codecs, names or extensions', () => {
    const written = writeOffer(parseOffer(CHROMIUM))
    expect(written).not.toMatch(/\.local|PCMU|red\/|abs-send-time|tcptype/)
    expect(parseOffer(written)).toEqual({ ...parseOffer(CHROMIUM), setup: 'active' })
  })

  test('keeps a limit on its candidates', () => {
    const many = 'a=candidate:1 1 udp 1 192.0.2.7 5000 typ host\r\n'.repeat(CANDIDATES_MAX + 5)
    expect(parseOffer(CHROMIUM + many).candidates).toHaveLength(CANDIDATES_MAX)
  })

  test('that lacks or repeats what the stage relies on is refused', () => {
    const broken: readonly [what: string, text: string, code: string][] = [
      ['empty', '', 'bad-request'],
      ['not SDP', '{"sdp":"v=0"}', 'bad-request'],
      ['no media', CHROMIUM.slice(0, CHROMIUM.indexOf('m=')), 'bad-request'],
      ['video', CHROMIUM.replace('m=audio', 'm=video'), 'bad-request'],
      ['two lines', `${CHROMIUM}m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n`, 'bad-request'],
      ['rejected line', CHROMIUM.replace('m=audio 9', 'm=audio 0'), 'bad-request'],
      ['plain RTP', CHROMIUM.replace('UDP/TLS/RTP/SAVPF', 'RTP/AVP'), 'bad-request'],
      ['no Opus', CHROMIUM.replace('opus/48000/2', 'L16/48000/2'), 'bad-request'],
      ['Opus not on the line', CHROMIUM.replace('SAVPF 111 ', 'SAVPF '), 'bad-request'],
      ['receives only', CHROMIUM.replace('a=sendrecv', 'a=recvonly'), 'bad-request'],
      ['inactive', CHROMIUM.replace('a=sendrecv', 'a=inactive'), 'bad-request'],
      ['no mux', CHROMIUM.replace('a=rtcp-mux\r\n', ''), 'bad-request'],
      ['no mid', CHROMIUM.replace('a=mid:0\r\n', ''), 'bad-request'],
      ['long mid', CHROMIUM.replace('a=mid:0', `a=mid:${'m'.repeat(33)}`), 'bad-request'],
      ['SHA-1', CHROMIUM.replace('sha-256', 'sha-1'), 'bad-request'],
      ['short digest', CHROMIUM.replace('7b:7b:', '7b:'), 'bad-request'],
      ['holdconn', CHROMIUM.replace('setup:actpass', 'setup:holdconn'), 'bad-request'],
      ['NUL', CHROMIUM.replace('s=-', 's=\0'), 'bad-request'],
      ['too long', CHROMIUM + 'a=x\r\n'.repeat(OFFER_BYTES_MAX / 5), 'too-large'],
    ]
    for (const [what, text, code] of broken) expect([what, codeOf(text)]).toEqual([what, code])
  })

  test('of any shape is read or refused, never anything else, and what is written has one line per value', () => {
    const lines = CHROMIUM.split('\r\n')
    const mutated = fc
      .array(
        fc.record({
          at: fc.nat(lines.length - 1),
          line: fc.oneof(fc.string(), fc.constantFrom(...lines), fc.constant(undefined)),
        }),
        {
          maxLength: 4,
        },
      )
      .map((changes) => {
        const changed: (string | undefined)[] = [...lines]
        for (const { at, line } of changes) changed[at] = line
        return changed.filter((line) => line !== undefined).join('\r\n')
      })
    fc.assert(
      fc.property(fc.oneof(mutated, fc.string()), (text) => {
        const code = codeOf(text)
        expect(['accepted', 'bad-request', 'too-large']).toContain(code)
        if (code !== 'accepted') return
        const written = writeOffer(parseOffer(text))
        expect(written.match(/^m=/gm)).toHaveLength(1)
        expect(written).toMatch(/^(?:[a-z]=[\x20-\x7e]*\r\n)+$/)
      }),
      { numRuns: 500 },
    )
  })
})

describe('an answer behind NAT', () => {
  const answer =
    'v=0\r\na=candidate:1 1 UDP 2114977791 10.0.0.5 7000 typ host\r\na=candidate:2 1 UDP 2 172.17.0.1 7000 typ host\r\na=end-of-candidates\r\n'

  test('names the announced address once, on the same port', () => {
    const announced = announceAddress(answer, '203.0.113.9')
    expect(announced.match(/candidate:.*/g)).toEqual([
      'candidate:1 1 UDP 2130706431 203.0.113.9 7000 typ host',
    ])
    expect(announced.endsWith('a=end-of-candidates\r\n')).toBe(true)
  })

  test('stays as it is when the announced address is a name', () => {
    expect(announceAddress(answer, 'stage.example')).toBe(answer)
  })
})

describe('an answer to who comes through a relay', () => {
  const answer =
    'v=0\r\na=ice-ufrag:Ours\r\na=ice-pwd:what/only/the/answer+told\r\na=candidate:1 1 UDP 2114977791 10.0.0.5 7000 typ host\r\na=candidate:2 1 UDP 9 2001:db8::5 7000 typ host\r\na=end-of-candidates\r\n'

  test('has further candidates, behind those that it had and before their end', () => {
    expect(hostAddresses(answer)).toEqual(['10.0.0.5', '2001:db8::5'])
    const added = addHostCandidates(answer, ['203.0.113.9', '10.0.0.5'], 7002)
    expect(added.split('\r\n').slice(3)).toEqual([
      'a=candidate:1 1 UDP 2114977791 10.0.0.5 7000 typ host',
      'a=candidate:2 1 UDP 9 2001:db8::5 7000 typ host',
      'a=candidate:100 1 UDP 2113929983 203.0.113.9 7002 typ host',
      'a=candidate:200 1 UDP 2113929727 10.0.0.5 7002 typ host',
      'a=end-of-candidates',
      '',
    ])
    expect(addHostCandidates('v=0\r\n', ['10.0.0.5'], 7002)).toBe('v=0\r\n')
  })

  test('tells how checks prove themselves', () => {
    expect(iceCredentials(answer)).toEqual({ ufrag: 'Ours', password: 'what/only/the/answer+told' })
    expect(iceCredentials('v=0\r\n')).toBeUndefined()
  })
})
