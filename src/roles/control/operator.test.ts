import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Link, Problem } from '../../core/api/api.ts'
import { secretOf, startTestbed, type Testbed } from './testbed.test.ts'

let bed: Testbed
beforeAll(async () => {
  bed = await startTestbed()
})
afterAll(() => bed.stop())

const session = '/api/v1/operator/session'

describe('the operator', () => {
  test('gets a link at the very first start, whose secret is stored nowhere', async () => {
    expect(bed.control.operatorLink).toStartWith(`${bed.url}/operator#operator=`)
    expect(bed.operatorSecret.length).toBeGreaterThanOrEqual(27)
    const space = await bed.createSpace()
    const { cookie } = await bed.sit(space.space.id, space.speaker)
    const secrets = [bed.operatorSecret, space.host, space.speaker, cookie.split('=')[1] ?? '']
    const files = readdirSync(bed.folder).filter((name) => name.startsWith('control.db'))
    expect(files).toContain('control.db')
    for (const file of files) {
      const content = readFileSync(join(bed.folder, file)).toString('latin1')
      for (const secret of secrets) expect(content.includes(secret)).toBe(false)
    }
  })

  test('exchanges the secret for a cookie that scripts cannot read and other sites cannot send', async () => {
    const response = await bed.call('POST', session, { json: { secret: bed.operatorSecret } })
    expect(response.status).toBe(204)
    const cookie = response.headers.get('set-cookie') ?? ''
    expect(cookie).toMatch(
      /^mimbar_operator=[\w-]{27}; Max-Age=\d+; Path=\/api\/v1; HttpOnly; SameSite=Strict$/,
    )
    const value = cookie.split(';')[0] ?? ''
    expect((await bed.call('GET', session, { cookie: value })).status).toBe(204)
    expect((await bed.call('GET', session)).status).toBe(401)
    const json = { title: 'By cookie', recorded: false }
    expect((await bed.call('POST', '/api/v1/spaces', { cookie: value, json })).status).toBe(201)
    expect((await bed.call('DELETE', session, { cookie: value })).status).toBe(204)
    expect((await bed.call('GET', session, { cookie: value })).status).toBe(401)
  })

  test('on this machine reads a token that ends with the process', async () => {
    const path = join(bed.folder, 'run', 'operator-token')
    expect(statSync(path).mode & 0o777).toBe(0o600)
    const token = readFileSync(path, 'utf8')
    expect((await bed.call('GET', session, { bearer: token, origin: null })).status).toBe(204)
  })

  test('may call by Bearer without an origin, and a wrong token is not helped by a right cookie', async () => {
    const exchange = await bed.call('POST', session, { json: { secret: bed.operatorSecret } })
    const cookie = exchange.headers.get('set-cookie')?.split(';')[0] ?? ''
    expect((await bed.call('GET', session, { bearer: bed.operatorSecret, origin: null })).status).toBe(204)
    const wrong = await bed.call('GET', session, { bearer: 'wrong', cookie })
    expect(wrong.status).toBe(401)
    expect(wrong.headers.get('www-authenticate')).toBe('Bearer')
    const basic = await bed.call('GET', session, { headers: { authorization: 'Basic Zm9vOmJhcg==' } })
    expect(basic.status).toBe(401)
  })
})

describe('an operator link that is made anew', () => {
  test('ends the old one and every session of it, and is the only one at the next start', async () => {
    const own = await startTestbed()
    try {
      const exchange = await own.call('POST', session, { json: { secret: own.operatorSecret } })
      const cookie = exchange.headers.get('set-cookie')?.split(';')[0] ?? ''
      const { url } = await own.get<Link>('POST', '/api/v1/operator/link', { cookie })
      expect(url).toStartWith(`${own.url}/operator#operator=`)
      expect((await own.call('GET', session, { cookie })).status).toBe(401)
      expect((await own.call('GET', session, { bearer: own.operatorSecret })).status).toBe(401)
      expect((await own.call('GET', session, { bearer: secretOf(url) })).status).toBe(204)
      await own.control.stop()
      const again = await startTestbed({ folder: own.folder, engine: own.engine })
      expect(again.control.operatorLink).toBeUndefined()
      expect((await again.call('GET', session, { bearer: secretOf(url) })).status).toBe(204)
      await again.control.stop()
    } finally {
      await own.stop()
    }
  })
})

describe('who guesses', () => {
  test('is told to wait after ten failures from one address, and keeps nobody else out', async () => {
    const own = await startTestbed()
    try {
      const guess = () => own.call('POST', session, { json: { secret: 'guessed' } })
      for (let n = 0; n < 10; n++) expect((await guess()).status).toBe(401)
      const refused = await guess()
      expect(refused.status).toBe(429)
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
      const problem = (await refused.json()) as Problem
      expect(problem.code).toBe('too-many')
      expect((await own.call('POST', session, { json: { secret: own.operatorSecret } })).status).toBe(204)
      // The header is believed from edges alone: through TCP it neither helps nor frames anybody.
      const headers = { 'mimbar-client-address': '203.0.113.9' }
      expect((await own.call('POST', session, { json: { secret: 'guessed' }, headers })).status).toBe(429)
      const byEdge = await fetch(`http://control${session}`, {
        unix: own.socketPath,
        method: 'POST',
        headers: { ...headers, origin: own.url, 'content-type': 'application/json' },
        body: JSON.stringify({ secret: 'guessed' }),
      })
      expect(byEdge.status).toBe(401)
    } finally {
      await own.stop()
    }
  })
})
