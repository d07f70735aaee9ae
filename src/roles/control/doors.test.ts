import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hasCode } from '../../base/errors.ts'
import type { Problem } from '../../core/api/api.ts'
import { BODY_BYTES_MAX } from './request.ts'
import { startTestbed, type Testbed } from './testbed.test.ts'

let bed: Testbed
beforeAll(async () => {
  bed = await startTestbed()
})
afterAll(() => bed.stop())

const session = '/api/v1/operator/session'

describe('a change', () => {
  test('from a page that is not ours is refused before anything is read', async () => {
    const json = { secret: bed.operatorSecret }
    for (const origin of [
      null,
      'http://evil.example',
      'null',
      `${bed.url}.evil.example`,
      'http://localhost',
    ]) {
      const response = await bed.call('POST', session, { json, origin })
      expect(response.status).toBe(403)
      expect(response.headers.get('set-cookie')).toBeNull()
    }
  })

  test('from either of our doors passes, by any loopback name where the door has one', async () => {
    const json = { secret: bed.operatorSecret }
    const { port } = new URL(bed.url)
    for (const origin of [
      bed.url,
      'http://listen.example',
      `http://localhost:${port}`,
      `http://[::1]:${port}`,
    ]) {
      expect((await bed.call('POST', session, { json, origin })).status).toBe(204)
    }
  })

  test('is never allowed to other origins by CORS', async () => {
    const headers = { 'access-control-request-method': 'POST' }
    const response = await bed.call('OPTIONS', session, { origin: 'http://evil.example', headers })
    for (const name of response.headers.keys()) expect(name).not.toStartWith('access-control-')
  })
})

describe('a body', () => {
  test.each([
    ['that is not JSON', '{"secret":', 'application/json', 400],
    ['that is nothing', '', 'application/json', 400],
    ['of another type', '<secret/>', 'text/xml', 415],
    ['that is too large', JSON.stringify({ secret: 'x'.repeat(BODY_BYTES_MAX) }), 'application/json', 413],
    ['that is very large', 'x'.repeat(3_000_000), 'application/json', 413],
  ])('%s gets a problem', async (_, body, type, status) => {
    const response = await bed.call('POST', session, { body, headers: { 'content-type': type } })
    expect(response.status).toBe(status)
    if (body.length > 1024 * 1024) return
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    const problem = (await response.json()) as Problem
    expect(problem).toMatchObject({ status, type: `urn:mimbar:problem:${problem.code}` })
  })

  test('sent in chunks is cut off where the limit is', async () => {
    const piece = new TextEncoder().encode('x'.repeat(8 * 1024))
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        for (let n = 0; n < 20; n++) controller.enqueue(piece)
        controller.close()
      },
    })
    const response = await fetch(bed.url + session, {
      method: 'POST',
      body,
      headers: { origin: bed.url, 'content-type': 'application/json' },
    })
    expect(response.status).toBe(413)
  })

  test('that is not UTF-8 gets a problem', async () => {
    const response = await fetch(bed.url + session, {
      method: 'POST',
      body: Uint8Array.of(0x22, 0xff, 0x22),
      headers: { origin: bed.url, 'content-type': 'application/json' },
    })
    expect(response.status).toBe(400)
  })

  test('that does not come gets a problem instead of our patience, and the connection is over', async () => {
    const { port } = new URL(bed.url)
    const head = [
      `POST ${session} HTTP/1.1`,
      `Host: 127.0.0.1:${port}`,
      `Origin: ${bed.url}`,
      'Content-Type: application/json',
      'Content-Length: 100',
    ]
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(port), '127.0.0.1', () =>
        socket.write(`${head.join('\r\n')}\r\n\r\n{"se`),
      )
      let text = ''
      socket.setTimeout(4_000, () => reject(new Error('the door waits for ever')))
      socket.on('data', (data) => {
        text += String(data)
      })
      socket.on('close', () => resolve(text))
      socket.on('error', reject)
    })
    expect(answer).toStartWith('HTTP/1.1 400')
    expect(answer).toContain('took too long')
  })
})

describe('the doors', () => {
  test('answer what is not there with a problem, and never with a secret', async () => {
    const response = await bed.call('GET', `/nowhere?secret=${bed.operatorSecret}`)
    expect(response.status).toBe(404)
    expect(await response.text()).not.toContain(bed.operatorSecret)
    expect((await bed.call('PUT', '/api/v1/spaces', { json: {} })).status).toBe(404)
  })

  test('to the edges is a socket of this user alone, and is gone when control is', async () => {
    expect(statSync(bed.socketPath).mode & 0o777).toBe(0o600)
    const response = await fetch('http://control/api/v1/spaces', { unix: bed.socketPath })
    expect(response.status).toBe(200)
    const own = await startTestbed()
    const { socketPath } = own
    await own.stop()
    expect(statSync(socketPath, { throwIfNoEntry: false })).toBeUndefined()
    await own.stop()
  })

  test('describe every route of the API in one OpenAPI document', async () => {
    const document = await bed.get<{ openapi: string; paths: Record<string, Record<string, unknown>> }>(
      'GET',
      '/api/v1/openapi.json',
    )
    expect(document.openapi).toBe('3.1.0')
    const described = Object.entries(document.paths)
      .flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`))
      .sort()
    expect(described).toEqual([
      'DELETE /api/v1/operator/session',
      'DELETE /api/v1/spaces/{space}',
      'DELETE /api/v1/spaces/{space}/hands',
      'DELETE /api/v1/spaces/{space}/hands/{hand}',
      'DELETE /api/v1/spaces/{space}/picture',
      'DELETE /api/v1/spaces/{space}/seats/{seat}',
      'DELETE /api/v1/spaces/{space}/stage/check/{session}',
      'DELETE /api/v1/spaces/{space}/stage/{session}',
      'GET /api/v1/node',
      'GET /api/v1/operator/session',
      'GET /api/v1/spaces',
      'GET /api/v1/spaces/{space}',
      'GET /api/v1/spaces/{space}/audience.csv',
      'GET /api/v1/spaces/{space}/hands/{hand}',
      'GET /api/v1/spaces/{space}/seats/{seat}',
      'GET /api/v1/spaces/{space}/stage/check/{session}',
      'GET /api/v1/spaces/{space}/stage/events',
      'GET /api/v1/spaces/{space}/stage/relays',
      'PATCH /api/v1/spaces/{space}',
      'PATCH /api/v1/spaces/{space}/seats/{seat}',
      'POST /api/v1/node/alarm-test',
      'POST /api/v1/operator/link',
      'POST /api/v1/operator/session',
      'POST /api/v1/spaces',
      'POST /api/v1/spaces/{space}/audience/reported',
      'POST /api/v1/spaces/{space}/end',
      'POST /api/v1/spaces/{space}/hands',
      'POST /api/v1/spaces/{space}/hands/{hand}/accept',
      'POST /api/v1/spaces/{space}/hands/{hand}/decline',
      'POST /api/v1/spaces/{space}/hold',
      'POST /api/v1/spaces/{space}/links/{kind}',
      'POST /api/v1/spaces/{space}/resume',
      'POST /api/v1/spaces/{space}/seats',
      'POST /api/v1/spaces/{space}/seats/mute',
      'POST /api/v1/spaces/{space}/seats/{seat}/block',
      'POST /api/v1/spaces/{space}/seats/{seat}/restore',
      'POST /api/v1/spaces/{space}/stage',
      'POST /api/v1/spaces/{space}/stage/check',
      'POST /api/v1/spaces/{space}/start',
      'PUT /api/v1/spaces/{space}/picture',
    ])
    for (const [path, methods] of Object.entries(document.paths)) {
      for (const [method, operation] of Object.entries(methods)) {
        const concrete = path.replace('{space}', 'none').replace('{seat}', 'seat00').replace('{kind}', 'host')
        const response = await bed.call(method.toUpperCase(), concrete.replace('{session}', 's'))
        // Served: whatever it says, it is not that there is no such route.
        if (response.status === 404) expect(await response.text()).not.toContain('There is nothing at')
        expect(operation).toHaveProperty('responses.default')
      }
    }
  })

  test('tell that they live, that they are ready, and their numbers', async () => {
    expect((await bed.call('GET', '/healthz')).status).toBe(200)
    expect((await bed.call('GET', '/readyz')).status).toBe(200)
    await bed.createSpace()
    const metrics = await bed.call('GET', '/metrics')
    expect(metrics.headers.get('content-type')).toStartWith('application/openmetrics-text; version=1.0.0')
    const text = await metrics.text()
    expect(text).toMatch(/^mimbar_control_spaces\{phase="scheduled"\} [1-9]\d*$/m)
    expect(text).toMatch(/^mimbar_control_requests_total\{status="2xx"\} [1-9]\d*$/m)
    expect(text).toEndWith('# EOF\n')
  })
})

test('who dials the studio door learns that somebody is there, and is hung up on', async () => {
  const dialled = (path: string) =>
    new Promise((resolve) => {
      const socket = new WebSocket(bed.url.replace('http', 'ws') + path)
      let isOpen = false
      socket.onopen = () => {
        isOpen = true
        // More than it takes in at once; there is nobody to hear it.
        socket.send('x'.repeat(2_048))
      }
      socket.onclose = () => resolve(isOpen ? 'opened and closed' : 'refused')
    })
  expect(await dialled('/healthz')).toBe('opened and closed')
  expect(await dialled('/api/v1/spaces')).toBe('refused')
  expect((await bed.call('GET', '/healthz', { headers: { upgrade: 'websocket' } })).status).toBe(200)
})

test('a port that is taken is named, and the start that failed leaves nothing behind', async () => {
  const studioPort = Number(new URL(bed.url).port)
  let thrown: unknown
  const folder = mkdtempSync(join(tmpdir(), 'mimbar-taken-'))
  try {
    await startTestbed({ folder, engine: bed.engine, studioPort })
  } catch (error) {
    thrown = error
  }
  expect(hasCode(thrown, 'unavailable')).toBe(true)
  expect(String(thrown)).toContain(String(studioPort))
  expect(existsSync(join(folder, 'run', 'operator-token'))).toBe(false)
  // The operator's link was not shown, so the next start still makes one.
  const next = await startTestbed({ folder, engine: bed.engine })
  expect(next.control.operatorLink).toBeDefined()
  await next.stop()
  rmSync(folder, { recursive: true })
})

describe('the pages of the studio door', () => {
  test('carry the space, and headers that keep them to themselves', async () => {
    const { space } = await bed.createSpace({ title: 'A </script> & "more"' })
    const response = await bed.call('GET', `/s/${space.id}/stage`)
    // The listening page alone may show the stage inside it.
    expect(response.headers.get('content-security-policy')).toBe(
      "default-src 'self'; frame-ancestors http://listen.example",
    )
    expect(response.headers.get('x-frame-options')).toBeNull()
    const operator = await bed.call('GET', '/operator')
    expect(operator.headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    expect(operator.headers.get('x-frame-options')).toBe('DENY')
    expect(response.headers.get('permissions-policy')).toContain('microphone=(self)')
    expect(response.headers.get('referrer-policy')).toBe('no-referrer')
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    expect(response.headers.get('cache-control')).toBe('no-store')
    const html = await response.text()
    const data = /<script type="application\/json" id="mimbar-data">(.*?)<\/script>/.exec(html)?.[1] ?? ''
    expect(JSON.parse(data)).toMatchObject({ space: { id: space.id }, publicUrl: 'http://listen.example' })
    expect(html).toContain('<title>A &lt;/script&gt; &amp; &quot;more&quot;</title>')
  })

  test('tell the stage page when it is framed by another site, where no cookie would come along', async () => {
    const { space } = await bed.createSpace()
    for (const [site, blocked] of [
      ['cross-site', true],
      ['same-site', false],
    ] as const) {
      const headers = { 'sec-fetch-dest': 'iframe', 'sec-fetch-site': site }
      const html = await (await bed.call('GET', `/s/${space.id}/stage`, { headers })).text()
      expect(html.includes('"cookiesBlocked":true')).toBe(blocked)
    }
  })

  test('lead a visitor on: to the operator page, or to the public door', async () => {
    const root = await bed.call('GET', '/')
    expect([root.status, root.headers.get('location')]).toEqual([302, '/operator'])
    const listen = await bed.call('GET', '/s/night')
    expect(listen.headers.get('location')).toBe('http://listen.example/s/night')
    const operator = await bed.call('GET', '/operator')
    expect(operator.headers.get('permissions-policy')).toContain('microphone=()')
    expect(await operator.text()).toContain('data-page="operator"')
  })

  test('say in a sentence that there is no such space', async () => {
    for (const id of ['nobody-here', 'Not_An_Id', '%2e%2e']) {
      const response = await bed.call('GET', `/s/${id}/stage`)
      expect(response.status).toBe(404)
    }
  })

  test('load assets that are kept for ever, and no other files', async () => {
    const asset = await bed.call('GET', '/assets/player-0a1b2c3d.js')
    expect(asset.headers.get('cache-control')).toContain('immutable')
    expect(await asset.text()).toBe('export {}')
    expect((await bed.call('GET', '/assets/../control.db')).status).toBe(404)
    expect((await bed.call('GET', '/assets/%2e%2e%2fcontrol.db')).status).toBe(404)
  })
})
