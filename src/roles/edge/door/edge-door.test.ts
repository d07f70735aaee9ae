import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import net from 'node:net'
import { brotliDecompressSync } from 'node:zlib'
import { EdgeFixture } from '../../../../test/harness/edge-fixture.ts'
import { until } from '../../../../test/harness/until.ts'
import type { SeatId } from '../../../base/ids.ts'
import { wallMillis } from '../../../base/units.ts'
import { CLIENT_ADDRESS_HEADER, type ListenPageData } from '../../../core/api/api.ts'
import type { SpacePhase } from '../../../core/space/facts.ts'
import { PROXY_RESPONSE_BYTES_MAX } from '../limits.ts'

let fixture: EdgeFixture
beforeAll(async () => {
  fixture = await EdgeFixture.start()
  const facts = await fixture.liveSpace('here', { title: 'Tea & <b>"words"</b>' })
  await fixture.append(facts, 0, 20)
})
afterAll(() => fixture.stop())

const HTML = { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }

describe('what cannot be understood gets a clear problem', () => {
  const cases: readonly [status: number, method: string, path: string][] = [
    [404, 'GET', '/live/nowhere/opus.mp4'],
    [404, 'GET', '/live/nowhere/index.m3u8'],
    [404, 'GET', '/replay/nowhere/index.m3u8'],
    [404, 'GET', '/s/nowhere'],
    [404, 'GET', '/s/nowhere/stage'],
    [404, 'GET', '/s/here/else'],
    [404, 'GET', '/nothing'],
    [404, 'GET', '/api'],
    [404, 'GET', '/api/v2/spaces'],
    [404, 'GET', '/api/v1'],
    [400, 'GET', '/live/UPPER/opus.mp4'],
    [400, 'GET', `/live/${'x'.repeat(41)}/opus.mp4`],
    [400, 'GET', '/live//opus.mp4'],
    [400, 'GET', '/live/here%2f..%2fx/opus.mp4'],
    [400, 'GET', '/s/-x'],
    [404, 'GET', '/live/here'],
    [404, 'GET', '/live/here/opus.wav'],
    [404, 'GET', '/live/here/opus.mp4/x'],
    [400, 'GET', '/live/here/opus.mp4?from='],
    [400, 'GET', '/live/here/opus.mp4?from=1'],
    [400, 'GET', '/live/here/opus.mp4?from=1.-5'],
    [400, 'GET', '/live/here/opus.mp4?from=1.0x10'],
    [400, 'GET', '/live/here/opus.ogg?from=a.b'],
    [400, 'GET', '/live/here/seg/x.m4s'],
    [400, 'GET', '/live/here/seg/-1.m4s'],
    [400, 'GET', '/live/here/seg/01.m4s'],
    [400, 'GET', '/live/here/seg/1.mp4'],
    [400, 'GET', '/live/here/seg/9999999999999999.m4s'],
    [404, 'GET', '/live/here/seg/999999999.m4s'],
    [404, 'GET', '/live/here/seg'],
    [400, 'GET', '/replay/here/seg/1e3.m4s'],
    [404, 'GET', '/assets/none.js'],
    [404, 'GET', '/assets/../../../etc/passwd'],
    [404, 'GET', '/assets/%2e%2e/%2e%2e/etc/passwd'],
    [404, 'GET', '/assets/..%2f..%2fetc%2fpasswd'],
    [404, 'GET', '/assets//etc/passwd'],
    [400, 'GET', `/live/here/opus.mp4?x=${'y'.repeat(1_100)}`],
    [405, 'POST', '/live/here/opus.mp4'],
    [405, 'DELETE', '/s/here'],
    [405, 'PUT', '/'],
    [405, 'PATCH', '/replay/here/index.m3u8'],
    [405, 'POST', '/api/v1/spaces'],
    [405, 'POST', '/api/v1/operator/session'],
    [405, 'OPTIONS', '/'],
  ]
  test.each(cases)('%i for %s %s', async (status, method, path) => {
    const [code, headers, body] = await exchange(
      `${method} ${path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n`,
    )
    expect(code).toBe(status)
    expect(headers).toContain('content-type: application/problem+json')
    expect(headers).not.toContain('set-cookie')
    const problem = JSON.parse(body) as { status: number; detail: string }
    expect(problem.status).toBe(status)
    expect(problem.detail.length).toBeGreaterThan(10)
    if (status === 405) expect(headers).toMatch(/allow: get, head/)
  })

  test('what is no HTTP at all is dropped', async () => {
    for (const text of [
      '\x16\x03\x01\x00\xa5\r\n\r\n',
      'GET\r\n\r\n',
      'GET / HTTP/1.1\r\n\r\n',
      '\0'.repeat(64),
    ]) {
      const [code] = await exchange(text, 1_500)
      expect([0, 400]).toContain(code)
    }
    const [code] = await exchange(`GET / HTTP/1.1\r\nHost: test\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`)
    expect(code).toBe(431)
    expect((await fixture.fetch('/healthz')).status).toBe(200)
  })

  test('a body that nobody asked for is not read', async () => {
    const [code] = await exchange(
      'POST /api/v1/spaces HTTP/1.1\r\nHost: test\r\nContent-Length: 1000000000\r\n\r\n{"title":"never ends',
    )
    expect([405, 413]).toContain(code)
  })
})

describe('pages', () => {
  test('a listening page comes from memory, compressed as the browser likes, with its policy and no cookie', async () => {
    const plain = await fixture.fetch('/s/here', { headers: { 'Accept-Encoding': 'identity' } })
    const html = await plain.text()
    expect(html).toContain('<title>Tea &amp; &lt;b&gt;&quot;words&quot;&lt;/b&gt;</title>')
    expect(html).toContain('"studioUrl":"http://studio.test:8081"')
    const studio = 'http://studio.test:8081'
    expect(plain.headers.get('content-security-policy')).toBe(`default-src 'none'; frame-src ${studio}`)
    expect(plain.headers.get('permissions-policy')).toContain(`microphone=(self "${studio}")`)
    expect(plain.headers.get('set-cookie')).toBeNull()
    expect(plain.headers.get('vary')).toBe('Accept-Encoding, Accept-Language')
    for (const [encoding, decode] of [
      ['gzip', (bytes: Uint8Array<ArrayBuffer>) => Bun.gunzipSync(bytes)],
      ['br', (bytes: Uint8Array<ArrayBuffer>) => brotliDecompressSync(bytes)],
    ] as const) {
      const response = await fixture.fetch('/s/here', {
        headers: { 'Accept-Encoding': encoding },
        decompress: false,
      } as RequestInit)
      expect(response.headers.get('content-encoding')).toBe(encoding)
      expect(new TextDecoder().decode(decode(new Uint8Array(await response.arrayBuffer())))).toContain(
        'Tea &amp;',
      )
    }
    const refused = await fixture.fetch('/s/here', { headers: { 'Accept-Encoding': 'gzip;q=0, identity' } })
    expect(refused.headers.get('content-encoding')).toBeNull()
  })

  test('a listening page says who is on stage, by name and role alone, while the space is open', async () => {
    const seats = [
      { id: 'seat01' as SeatId, name: 'Sari', role: 'host', muted: true, takenAtMs: wallMillis(1) },
    ] as const
    const seatsOn = async (phase: SpacePhase) => {
      await fixture.space('seated', { phase, seats })
      let html = ''
      await until('the page is filled anew', async () => {
        html = await (await fixture.fetch('/s/seated')).text()
        return html.includes(`"phase":"${phase}"`)
      })
      const json = /id="mimbar-data">(.*?)<\/script>/.exec(html)?.[1] ?? ''
      return (JSON.parse(json) as ListenPageData).seats
    }
    expect(await seatsOn('lobby')).toEqual([{ id: 'seat01' as SeatId, name: 'Sari', role: 'host' }])
    expect(await seatsOn('ended')).toEqual([])
  })

  test('a HEAD request has the headers of GET and no body, also for a stream', async () => {
    for (const path of [
      '/',
      '/s/here',
      '/live/here/opus.mp4',
      '/live/here/opus.ogg',
      '/live/here/index.m3u8',
    ]) {
      const response = await fixture.fetch(path, { method: 'HEAD' })
      expect(response.status).toBe(200)
      expect(response.headers.get('content-type')).not.toBeNull()
      expect((await response.bytes()).length).toBe(0)
    }
  })

  test('the first page lists what is on', async () => {
    const response = await fixture.fetch('/')
    expect(await response.text()).toContain('"live":[{"id":"here"')
    expect(response.headers.get('permissions-policy')).toBe('microphone=(), camera=(), geolocation=()')
  })

  test('people get a friendly page for a space that does not exist', async () => {
    const response = await fixture.fetch('/s/nowhere', { headers: HTML })
    expect(response.status).toBe(404)
    expect(response.headers.get('content-type')).toContain('text/html')
    expect(response.headers.get('content-security-policy')).toBe("default-src 'none'")
    expect(response.headers.get('permissions-policy')).toContain('microphone=()')
    const html = await response.text()
    expect(html).toContain('class="absent"')
    expect(html).toContain('There is no such space')
  })

  test('the stage is at the studio door', async () => {
    const response = await fixture.fetch('/s/here/stage')
    expect(response.status).toBe(307)
    expect(response.headers.get('location')).toBe('http://studio.test:8081/s/here/stage')
  })

  test('an asset may be kept for ever', async () => {
    const response = await fixture.fetch('/assets/hls-0123456789.js')
    expect(response.status).toBe(200)
    expect(response.headers.get('cache-control')).toContain('immutable')
    expect(await response.text()).toContain('export const hls')
  })
})

test('a page of another origin may ask first whether it may read media', async () => {
  const response = await fixture.fetch('/live/here/index.m3u8', { method: 'OPTIONS' })
  expect(response.status).toBe(204)
  expect(response.headers.get('access-control-allow-origin')).toBe('*')
})

test('the metrics are OpenMetrics, to the last line', async () => {
  const response = await fixture.fetch('/metrics')
  const text = await response.text()
  expect(response.headers.get('content-type')).toContain('application/openmetrics-text')
  expect(text.endsWith('# EOF\n')).toBe(true)
  for (const line of text.trimEnd().split('\n'))
    expect(line).toMatch(/^(# |[a-z_]+(\{[^}]*\})? -?[\d.e+-]+$)/)
})

describe('the way to control', () => {
  let asked: Request[] = []
  let answer: (request: Request) => Response | Promise<Response> = () => Response.json({})
  const listen = () =>
    Bun.serve({
      unix: fixture.controlSocket,
      fetch: (request) => {
        asked.push(request)
        return answer(request)
      },
    })
  let control: Bun.Server<undefined>
  beforeAll(() => {
    control = listen()
  })
  afterAll(() => control.stop(true))

  test('a crowd costs control one question, and nothing of a client but its address gets through', async () => {
    asked = []
    answer = async () => {
      await Bun.sleep(20)
      return Response.json({ live: [] }, { headers: { 'Set-Cookie': 'a=b', 'X-Internal': '1' } })
    }
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        fixture.fetch(`/api/v1/spaces?n=${i}`, {
          headers: { Cookie: 'a=b', Authorization: 'Bearer x', [CLIENT_ADDRESS_HEADER]: '6.6.6.6' },
        }),
      ),
    )
    for (const response of answers) {
      expect(response.status).toBe(200)
      expect(response.headers.get('set-cookie')).toBeNull()
      expect(response.headers.get('x-internal')).toBeNull()
      expect(await response.json()).toEqual({ live: [] })
    }
    expect(asked.length).toBe(1)
    expect(asked[0]?.headers.get('cookie')).toBeNull()
    expect(asked[0]?.headers.get('authorization')).toBeNull()
    expect(asked[0]?.headers.get(CLIENT_ADDRESS_HEADER)).toBe('127.0.0.1')
  })

  test('no more than the bound are under way at once, and the rest are told to come back', async () => {
    let under = 0
    let most = 0
    const gate = Promise.withResolvers<void>()
    answer = async () => {
      under += 1
      most = Math.max(most, under)
      await gate.promise
      under -= 1
      return Response.json({})
    }
    // Bare sockets: one process makes at most 256 requests by `fetch` at a time, and the edge under test is in it too.
    const answers = Array.from({ length: 220 }, (_, i) =>
      exchange(`GET /api/v1/spaces/x/y${i} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n`),
    )
    let refused = 0
    for (const answer of answers) {
      void answer.then(([status, headers]) => {
        if (status === 503 && headers.includes('retry-after: 2')) refused += 1
      })
    }
    await until('the bound is met', () => most === 64 && refused === 220 - 64 - 128)
    gate.resolve()
    expect((await Promise.all(answers)).filter(([status]) => status === 200).length).toBe(64 + 128)
    expect(most).toBe(64)
  })

  test('an answer without end is cut', async () => {
    answer = () => new Response(new Uint8Array(PROXY_RESPONSE_BYTES_MAX + 1))
    expect((await fixture.fetch('/api/v1/huge')).status).toBe(503)
  })

  test('control’s death does not reach listeners: pages and streams go on, the API says when to come back', async () => {
    const stream = await fixture.listen('/live/here/opus.mp4')
    await control.stop(true)
    const response = await fixture.fetch('/api/v1/spaces/here')
    expect(response.status).toBe(503)
    expect(response.headers.get('retry-after')).toBe('2')
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    expect((await fixture.fetch('/s/here')).status).toBe(200)
    await until('the stream', () => stream.sequences.length >= 4)
    control = listen()
    answer = () => Response.json({ id: 'here' })
    await until('the API is back', async () => (await fixture.fetch('/api/v1/spaces/here')).ok)
  })
})

test('readiness follows the engine', async () => {
  expect((await fixture.fetch('/readyz')).status).toBe(200)
  const interrupted = fixture.interruptEngine(1_500)
  await until('not ready', async () => (await fixture.fetch('/readyz')).status === 503)
  expect((await fixture.fetch('/healthz')).status).toBe(200)
  await interrupted
  await until('ready again', async () => (await fixture.fetch('/readyz')).status === 200)
})

test('a space that is deleted ends its streams, and is not found any more', async () => {
  const facts = await fixture.liveSpace('brief', { createdAtMs: wallMillis(0) })
  await fixture.append(facts, 0, 5)
  const stream = await fixture.listen('/live/brief/opus.mp4')
  await until('it is heard', () => stream.sequences.length === 5)
  await fixture.engine.roster.delete(
    'space/brief',
    (await fixture.engine.roster.get('space/brief'))?.revision ?? 0,
  )
  await until('the stream ends', () => stream.isEnded)
  expect((await fixture.fetch('/live/brief/opus.mp4')).status).toBe(404)
})

/** Sends raw bytes and reads what comes back: status, headers in lower case, body. Status 0: nothing came. */
async function exchange(text: string, withinMs = 5_000): Promise<[number, string, string]> {
  const { promise, resolve } = Promise.withResolvers<void>()
  let received = ''
  const socket = net.connect(fixture.edge.port, '127.0.0.1', () => socket.write(text, 'latin1'))
  socket.on('data', (chunk) => {
    received += chunk.toString()
    const [head = '', body] = received.split('\r\n\r\n')
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? '0')
    if (body !== undefined && Buffer.byteLength(body) >= length) resolve()
  })
  socket.on('close', () => resolve())
  socket.on('error', () => resolve()) // reset: what came so far is the answer
  const timer = setTimeout(resolve, withinMs)
  await promise
  clearTimeout(timer)
  socket.destroy()
  const [head = '', body = ''] = received.split('\r\n\r\n')
  return [Number(head.split(' ')[1] ?? 0), head.toLowerCase(), body]
}
