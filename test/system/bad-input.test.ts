// Everything that a door should not be given, given to both doors while a program is on the air: each answer is a
// problem document or a closed connection, no process restarts, nothing of the machine shows, and a listener who is
// there all the while misses nothing.

import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { PROBLEM_TYPE } from '../../src/core/problem/problem.ts'
import { FrontDoor, type HeldSeat } from '../../src/rehearsal/front-door.ts'
import { OFFER } from '../harness/chromium-offer.ts'
import { Ear } from '../harness/ear.ts'
import { goOnAir, type SpaceOnAir, secretOf, untilListed } from '../harness/on-air.ts'
import { type RawAnswer, talkRaw } from '../harness/raw-socket.ts'
import { type RunningMimbar, startMimbar } from '../harness/running-mimbar.ts'
import { until } from '../harness/until.ts'

/** Words of a stack, a path or a library: none of a client's business. */
const INSIDES =
  /\bat (?:async )?[\w.]+ \(|\/(?:work|home|root|tmp|usr|var)\/|node_modules|\.ts:\d|SQLITE|ECONN|ENOENT/
/** A connection that never gets to the point is closed within this. */
const SLOW_CLOSED_WITHIN_MS = 15_000

let mimbar: RunningMimbar
let space: SpaceOnAir
let other: SpaceOnAir
let ear: Ear
let mark: number
let startedAtMs: number
let pids: string
let api: string
let seat: HeldSeat

beforeAll(async () => {
  mimbar = await startMimbar()
  ;[space, other] = await Promise.all([
    goOnAir(mimbar, { id: 'target', recorded: true }),
    goOnAir(mimbar, { id: 'other', recorded: false, voices: ['budi'] }),
  ])
  api = `${mimbar.studioUrl}/api/v1`
  seat = await new FrontDoor(mimbar.studioUrl).takeSeat(space.id, secretOf(space.links.speaker), 'Mallory')
  ear = new Ear(`${mimbar.publicUrl}/live/target/opus.mp4`)
  await until('it is heard', async () => ear.hearsVoices(), 15_000)
  mark = ear.mark()
  startedAtMs = performance.now()
  pids = JSON.stringify([...mimbar.rolePids()].sort())
}, 60_000)

afterAll(async () => {
  ear?.stop()
  await Promise.all([space?.leave(), other?.leave()])
  await mimbar?.stop()
}, 30_000)

describe('an offer', () => {
  const offers: readonly [what: string, body: string | Uint8Array, statuses: readonly number[]][] = [
    ['that is empty', '', [400]],
    ['of random bytes', crypto.getRandomValues(new Uint8Array(2_000)), [400]],
    ['of null bytes', '\0'.repeat(1_000), [400]],
    ['with a null byte in it', OFFER.replace('a=mid:0', 'a=mid:\0'), [400]],
    [
      'of more than 64 KB',
      OFFER.padEnd(70_000, 'a=candidate:1 1 udp 1 192.0.2.1 1 typ host\r\n'),
      [400, 413],
    ],
    ['with video only', OFFER.replace('m=audio', 'm=video'), [400]],
    ['with two audio lines', `${OFFER}m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n`, [400]],
    ['without Opus', OFFER.replace('opus/48000/2', 'speex/8000'), [400, 415]],
    ['without a fingerprint', OFFER.replace(/a=fingerprint.*\r\n/, ''), [400]],
    ['without a password', OFFER.replace(/a=ice-pwd.*\r\n/, ''), [400]],
    ['with a strange direction', OFFER.replace('a=sendrecv', 'a=inactive'), [400]],
    ...[10, 100, 300, 500, 700].map((length): [string, string, number[]] => [
      `cut off after ${length} bytes`,
      OFFER.slice(0, length),
      [400],
    ]),
  ]
  test.each(offers)('%s is refused', async (_, body, statuses) => {
    const answer = await post(`/spaces/target/stage?seat=${seat.seat}`, body, {
      'content-type': 'application/sdp',
      authorization: `Bearer ${seat.token}`,
    })
    await expectProblem(answer, statuses)
  })

  test('that is JSON, or comes for a seat that is not one’s own, is refused', async () => {
    const bearer = { authorization: `Bearer ${seat.token}` }
    const sdp = { ...bearer, 'content-type': 'application/sdp' }
    await expectProblem(
      await post(`/spaces/target/stage?seat=${seat.seat}`, '{}', {
        ...bearer,
        'content-type': 'application/json',
      }),
      [415],
    )
    await expectProblem(
      await post(`/spaces/target/stage?seat=${space.host.seat}`, OFFER, sdp),
      [401, 403, 429],
    )
    await expectProblem(
      await post(`/spaces/other/stage?seat=${other.host.seat}`, OFFER, sdp),
      [401, 403, 429],
    )
    await expectProblem(await post(`/spaces/target/stage?seat=..%2f..%2fetc`, OFFER, sdp), [400])
    await expectProblem(await post(`/spaces/nobody/stage`, OFFER, sdp), [404])
  })
})

describe('the API', () => {
  const operator = () => ({
    authorization: `Bearer ${mimbar.operatorSecret}`,
    'content-type': 'application/json',
  })

  test.each([
    ['nothing', ''],
    ['half an object', '{"title":'],
    ['a bare word', 'undefined'],
    ['a number', '7'],
    ['null', 'null'],
    ['an array', '[]'],
    ['a title that is a number', '{"title":7,"recorded":true}'],
    ['a title that is empty', '{"title":"","recorded":true}'],
    ['a title of 10,000 characters', JSON.stringify({ title: 'a'.repeat(10_000), recorded: true })],
    ['`recorded` that is a word', '{"title":"a","recorded":"yes"}'],
    ['no `recorded`', '{"title":"a"}'],
    ['a time that is no number', '{"title":"a","recorded":true,"scheduledAtMs":"soon"}'],
    ['a time beyond all times', '{"title":"a","recorded":true,"scheduledAtMs":1e300}'],
    ['an id with a path', '{"title":"a","recorded":true,"id":"../../etc"}'],
    ['an id with a null byte', '{"title":"a","recorded":true,"id":"a\\u0000b"}'],
    ['an id of 500 characters', JSON.stringify({ title: 'a', recorded: true, id: 'a'.repeat(500) })],
    ['ten thousand brackets', '['.repeat(10_000)],
  ])('refuses %s for a space', async (_, body) => {
    await expectProblem(await post('/spaces', body, operator()), [400])
  })

  test('refuses bodies that are too large, announced or not', async () => {
    const large = JSON.stringify({ title: 'a'.repeat(200_000), recorded: true })
    await expectProblem(await post('/spaces', large, operator()), [413])
    const { statuses } = await talkRaw({
      url: mimbar.studioUrl,
      bytes:
        requestText('POST /api/v1/spaces', [
          `Authorization: Bearer ${mimbar.operatorSecret}`,
          'Content-Type: application/json',
          'Transfer-Encoding: chunked',
        ]) + `${(80_000).toString(16)}\r\n${'a'.repeat(80_000)}\r\n`.repeat(2),
    })
    expect(statuses).toEqual([413])
  })

  test('refuses names and secrets that are none', async () => {
    const json = { 'content-type': 'application/json', origin: mimbar.studioUrl }
    const secret = secretOf(space.links.speaker)
    const tries: [body: unknown, statuses: readonly number[]][] = [
      [{ secret, name: '' }, [400]],
      [{ secret, name: 'a'.repeat(5_000) }, [400]],
      [{ secret, name: { first: 'a' } }, [400]],
      [{ secret: 7, name: 'a' }, [400]],
      [{ secret: 'a'.repeat(60_000), name: 'a' }, [400, 401]],
      [{ secret: '../../etc/passwd', name: 'a' }, [400, 401, 429]],
      [{ secret: secretOf(other.links.host), name: 'a' }, [401, 429]],
      [{ secret: other.host.token, name: 'a' }, [401, 429]],
    ]
    for (const [body, statuses] of tries) {
      await expectProblem(await post('/spaces/target/seats', JSON.stringify(body), json), statuses)
    }
  })

  test('refuses the tokens of other seats and spaces, and links that were replaced', async () => {
    const as = (token: string) => ({ authorization: `Bearer ${token}`, 'content-type': 'application/json' })
    const muted = '{"muted":true}'
    const patch = (path: string, token: string) =>
      fetch(`${api}${path}`, { method: 'PATCH', headers: as(token), body: muted })
    await expectProblem(await patch(`/spaces/target/seats/${space.host.seat}`, seat.token), [403])
    await expectProblem(await patch(`/spaces/target/seats/${seat.seat}`, other.host.token), [401, 429])
    await expectProblem(await post('/spaces/target/end', '', as(seat.token)), [403])
    await expectProblem(await post('/spaces/target/end', '', as(other.host.token)), [401, 429])
    await expectProblem(
      await post('/spaces', '{"title":"a","recorded":true}', as(space.host.token)),
      [401, 429],
    )

    const old = secretOf(other.links.speaker)
    expect((await post('/spaces/other/links/speaker', '', operator())).status).toBe(201)
    const json = { 'content-type': 'application/json', origin: mimbar.studioUrl }
    await expectProblem(
      await post('/spaces/other/seats', JSON.stringify({ secret: old, name: 'a' }), json),
      [410],
    )
  })

  test('refuses calls from other origins, and without one', async () => {
    const body = JSON.stringify({ secret: secretOf(space.links.speaker), name: 'a' })
    const json = { 'content-type': 'application/json' }
    for (const origin of ['https://evil.example', 'null', `${mimbar.studioUrl}.evil.example`]) {
      await expectProblem(await post('/spaces/target/seats', body, { ...json, origin }), [403])
    }
    await expectProblem(await post('/spaces/target/seats', body, json), [403])
  })
})

describe('an address', () => {
  const refused: readonly [address: string, statuses: readonly number[]][] = [
    ['/live/..%2f..%2fetc/opus.mp4', [400, 404]],
    ['/live/target%00/opus.mp4', [400, 404]],
    ['/live/TARGET/../../opus.mp4', [400, 404]],
    ['/live/nobody/opus.mp4', [404]],
    ['/live/target/opus.wav', [404]],
    ['/live/target/', [404]],
    ['/s/..%2f..%2fetc%2fpasswd', [400, 404]],
    ['/s/%ff%fe', [400, 404]],
    ['/s/%', [400, 404]],
    ['/assets/..%2f..%2f..%2fetc%2fpasswd', [404]],
    ['/assets/%2e%2e/%2e%2e/operator-token', [404]],
    ['/api/v1/spaces/..%2foperator', [400, 404]],
    ['/api/v1/../../metrics', [200, 404]],
    ['/api/v1/spaces/target/seats/x', [400, 401, 404]],
    [`/${'a'.repeat(5_000)}`, [400, 404]],
    ...[
      '',
      '1',
      '1.',
      '.1',
      '-1.5',
      '1.-5',
      '1.5.6',
      'a.b',
      '1e3.1',
      '1.99999999999999999999',
      '%00',
      '..%2f',
    ].map((from): [string, number[]] => [`/live/target/opus.mp4?from=${from}`, [400]]),
    ...['-1', '1.5', '1e9', '0x10', '00', '', 'NaN', '99999999999999999999', '..%2f..%2findex'].map(
      (number): [string, number[]] => [`/live/target/seg/${number}.m4s`, [400, 404]],
    ),
    ['/live/target/seg/999999999999.m4s', [404]],
    ['/replay/target/seg/999999999999.m4s', [404]],
    ['/live/target/seg/1.m4s?v=../../x', [404]],
    ['/live/target/init.mp4?v=%00', [404]],
  ]
  test.each(refused.map(([address, statuses]) => [address.slice(0, 60), address, statuses] as const))(
    '%s is refused by both doors',
    async (_, address, statuses) => {
      for (const door of [mimbar.publicUrl, mimbar.studioUrl]) {
        const answer = await talkRaw({
          url: door,
          bytes: requestText(`GET ${address}`, ['Connection: close']),
        })
        expect(answer.statuses).toHaveLength(1)
        if (door === mimbar.publicUrl) expect(statuses).toContain(answer.statuses[0] as number)
        expectNothingInside(answer)
      }
    },
  )

  test('with nonsense for a range or a condition is answered as if there were none', async () => {
    const playlist = await untilListed(`${mimbar.publicUrl}/live/target/opus.m3u8`)
    const segment = playlist.split('\n').find((line) => line.startsWith('seg/')) as string
    const ranges = [
      'bytes=9-1',
      'bytes=-',
      'bytes=a-b',
      'bytes=0-0,1-1,2-2',
      'lines=1-2',
      `bytes=${'0-1,'.repeat(900)}`,
    ]
    for (const range of ranges) {
      const answer = await fetch(`${mimbar.publicUrl}/live/target/${segment}`, { headers: { range } })
      expect([range.slice(0, 20), answer.status]).toEqual([range.slice(0, 20), 200])
      await answer.body?.cancel()
    }
    const conditions = { 'if-none-match': ',,,"', 'if-modified-since': 'yesterday' }
    expect((await fetch(`${mimbar.publicUrl}/live/target/${segment}`, { headers: conditions })).status).toBe(
      200,
    )
  })
})

describe('a connection', () => {
  const said: readonly [what: string, bytes: string | Uint8Array][] = [
    ['random bytes', crypto.getRandomValues(new Uint8Array(4_096))],
    ['a TLS hello', Uint8Array.of(22, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3, ...new Uint8Array(190))],
    ['an HTTP/2 preface', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['a request line of three words too many', 'GET / and so on HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['no host', 'GET / HTTP/1.1\r\n\r\n'],
    ['an unknown method', 'BREW /live/target/opus.mp4 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'],
    ['TRACE', 'TRACE / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'],
    ['CONNECT', 'CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\n\r\n'],
    ['a header without a colon', 'GET / HTTP/1.1\r\nHost: a\r\nnonsense\r\n\r\n'],
    ['a header of 100 KB', `GET / HTTP/1.1\r\nHost: a\r\nX: ${'a'.repeat(100_000)}\r\n\r\n`],
    ['10,000 headers', `GET / HTTP/1.1\r\nHost: a\r\n${'X: a\r\n'.repeat(10_000)}\r\n`],
    ['a length that is negative', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n'],
    ['two lengths', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
    [
      'a length and chunks',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['a chunk that is no number', 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n'],
    [
      'a page, then rubbish behind it',
      `GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n${'\x01\x02'.repeat(500)}\r\n\r\n`,
    ],
  ]
  test.each(said)('that says %s is answered with an error of theirs, or closed', async (_, bytes) => {
    for (const door of [mimbar.publicUrl, mimbar.studioUrl]) {
      const answer = await talkRaw({ url: door, bytes, patienceMs: 1_500 })
      // 505 is what an HTTP server says to words that are no HTTP version.
      for (const status of answer.statuses) expect(status < 500 || status === 505).toBe(true)
      expectNothingInside(answer)
    }
  })

  test('of HTTP/1.0, which has no host, gets its page', async () => {
    for (const door of [mimbar.publicUrl, mimbar.studioUrl]) {
      const answer = await talkRaw({ url: door, bytes: 'GET /healthz HTTP/1.0\r\n\r\n' })
      expect([door, answer.statuses]).toEqual([door, [200]])
    }
  })

  test('with a hundred requests in one write gets a hundred answers', async () => {
    const bytes = 'GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(100)
    const { statuses } = await talkRaw({ url: mimbar.publicUrl, bytes, patienceMs: 1_500 })
    expect(statuses.filter((status) => status === 200)).toHaveLength(100)
  })

  test('that is half-closed in the middle of a request does not stay', async () => {
    for (const door of [mimbar.publicUrl, mimbar.studioUrl]) {
      const bytes = 'POST /api/v1/spaces HTTP/1.1\r\nHost: a\r\nContent-Le'
      const { endedBy } = await talkRaw({
        url: door,
        bytes,
        halfClose: true,
        patienceMs: SLOW_CLOSED_WITHIN_MS,
      })
      expect(endedBy).toBe('door')
    }
  })

  const heads = {
    headers: ['GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ', 'a'],
    body: [
      'POST /api/v1/operator/session HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer x\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n',
      '{',
    ],
  } as const
  for (const [what, [head, dribble]] of Object.entries(heads)) {
    for (const door of ['public', 'studio'] as const) {
      test.concurrent(`whose ${what} trickles in, a byte a second, is closed by the ${door} door`, async () => {
        const url = door === 'public' ? mimbar.publicUrl : mimbar.studioUrl
        const answer = await talkRaw({ url, bytes: head, dribble, patienceMs: SLOW_CLOSED_WITHIN_MS + 5_000 })
        expect(answer.endedBy).toBe('door')
        expect(answer.tookMs).toBeLessThan(SLOW_CLOSED_WITHIN_MS + 1_000)
        for (const status of answer.statuses) expect(status).toBeLessThan(500)
      })
    }
  }
})

test('all the while no process restarted, and who listened missed nothing', async () => {
  expect(JSON.stringify([...mimbar.rolePids()].sort())).toBe(pids)
  const { missing, connections } = ear.since(mark, startedAtMs)
  expect({ missing, connections }).toEqual({ missing: 0, connections: 0 })
  expect(ear.hearsVoices()).toBe(true)
  const metrics = await (await fetch(`${mimbar.publicUrl}/metrics`)).text()
  expect(metrics).toContain('mimbar_edge_listeners')
  expect(mimbar.output()).not.toMatch(/\bbug at\b|control failed on/)
})

function post(path: string, body: string | Uint8Array, headers: Record<string, string>): Promise<Response> {
  return fetch(`${api}${path}`, {
    method: 'POST',
    headers,
    ...(body === '' ? {} : { body: body as BodyInit }),
  })
}

function requestText(line: string, headers: readonly string[]): string {
  return `${[`${line} HTTP/1.1`, 'Host: localhost', ...headers].join('\r\n')}\r\n\r\n`
}

/** A problem document of one of these statuses, that tells nothing of our insides. */
async function expectProblem(answer: Response, statuses: readonly number[]): Promise<void> {
  const text = await answer.text()
  expect({ status: answer.status, text, isExpected: statuses.includes(answer.status) }).toMatchObject({
    isExpected: true,
  })
  expect(answer.headers.get('content-type')).toBe(PROBLEM_TYPE)
  expect(JSON.parse(text)).toMatchObject({ status: answer.status, code: expect.any(String) })
  expect(text).not.toMatch(INSIDES)
}

function expectNothingInside({ text }: RawAnswer): void {
  expect(text).not.toMatch(INSIDES)
  expect(text).not.toContain(mimbar.dataFolder)
}
