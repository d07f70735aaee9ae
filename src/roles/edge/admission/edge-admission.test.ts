// The door of a real edge, over real sockets.

import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { EdgeFixture } from '../../../../test/harness/edge-fixture.ts'
import { until } from '../../../../test/harness/until.ts'
import { parsePrefixes } from '../../../core/address/trusted-proxies.ts'
import type { LineView, Place } from '../../../core/door/waiting.ts'

let fixture: EdgeFixture
const lines: string[] = []

beforeAll(async () => {
  fixture = await EdgeFixture.start({
    log: (line) => lines.push(line),
    trustedProxies: parsePrefixes('127.0.0.1'),
    addresses: { joinsPerSecond: 1, requestsPerSecond: 20, streamsMax: 6 },
  })
  const facts = await fixture.liveSpace('open')
  await fixture.append(facts, 0, 40)
})
afterAll(() => fixture.stop())

const from = (address: string, more: Record<string, string> = {}) => ({
  headers: { 'X-Forwarded-For': address, ...more },
})

async function join(address: string): Promise<Response> {
  const abort = new AbortController()
  const response = await fetch(fixture.url('/live/open/opus.mp4'), {
    ...from(address),
    signal: abort.signal,
    keepalive: false,
  })
  leaving.push(() => abort.abort())
  return response
}
const leaving: (() => void)[] = []

describe('an address', () => {
  test('that joins too fast gets a place in the line, and others do not notice', async () => {
    const answers = []
    for (let n = 0; n < 6; n++) answers.push(await join('203.0.113.1'))
    const statuses = answers.map((answer) => answer.status)
    expect(statuses.slice(0, 4)).toEqual([200, 200, 200, 200])
    expect(statuses).toContain(503)
    const refused = answers.find((answer) => answer.status === 503) as Response
    const { code, place } = (await refused.json()) as { code: string; place: Place }
    expect(code).toBe('full')
    expect(place.ticket.length).toBeGreaterThan(20)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
    for (const leave of leaving.splice(0)) leave()
  })

  test('with too many requests is told to slow down, and when', async () => {
    const ask = () => fixture.fetch('/live/open/line', from('203.0.113.77'))
    await until('it is refused', async () => {
      const answer = await ask()
      await answer.arrayBuffer()
      if (answer.status !== 429) return false
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
      return true
    })
    expect((await fixture.fetch('/live/open/line', from('198.51.100.9'))).status).toBe(200)
    expect((await fixture.fetch('/live/open/line')).status).toBe(200)
    const metrics = await (await fixture.fetch('/metrics')).text()
    expect(metrics).toMatch(/mimbar_edge_address_refused_total\{limit="requests"\} [1-9]/)
  })

  test('has so many streams at a time', async () => {
    const edge = await fixture.startEdge({
      edgeId: 'edge-5',
      trustedProxies: parsePrefixes('127.0.0.1'),
      addresses: { joinsPerSecond: 1_000, requestsPerSecond: 1_000, streamsMax: 2 },
    })
    const aborts = [0, 1, 2].map(() => new AbortController())
    const open = (n: number) =>
      fetch(fixture.url('/live/open/opus.mp4', edge), {
        ...from('203.0.113.5'),
        signal: (aborts[n] as AbortController).signal,
        keepalive: false,
      })
    expect([(await open(0)).status, (await open(1)).status, (await open(2)).status]).toEqual([200, 200, 429])
    aborts[0]?.abort()
    await until('there is room again', async () => (await open(2)).status === 200)
    for (const abort of aborts) abort.abort()
    await edge.stop()
  })
})

test('forwarding headers of somebody who is no trusted proxy are warned of, and not believed', async () => {
  const said: string[] = []
  const edge = await fixture.startEdge({ edgeId: 'edge-6', log: (line) => said.push(line) })
  await fetch(fixture.url('/live/open/line', edge), from('203.0.113.1'))
  await fetch(fixture.url('/live/open/line', edge), from('203.0.113.2'))
  expect(said.filter((line) => line.includes('--trusted-proxies'))).toHaveLength(1)
  expect(lines.filter((line) => line.includes('--trusted-proxies'))).toHaveLength(0)
  await edge.stop()
})

test('the line is one answer for all, which caches may keep for a second', async () => {
  const answer = await fixture.fetch('/live/open/line')
  expect(answer.headers.get('cache-control')).toBe('public, max-age=1')
  expect(answer.headers.get('access-control-allow-origin')).toBe('*')
  const view = (await answer.json()) as LineView
  expect(view.askAgainMs).toBeGreaterThanOrEqual(1_000)
  expect(view.showAgainMs).toBeGreaterThanOrEqual(view.askAgainMs)
  expect((await fixture.fetch('/live/none/line')).status).toBe(404)
})

test('a player that polls takes a slot; one that is at it is never refused', async () => {
  const edge = await fixture.startEdge({ edgeId: 'edge-7', listenersMax: 1 })
  const ask = (file: string, agent: string) =>
    fetch(fixture.url(`/live/open/${file}`, edge), { headers: { 'User-Agent': agent } })
  // A session begins with the Multivariant Playlist; who then comes for the Media Playlist again is listening.
  const poll = async (agent: string) => {
    const begun = await ask('index.m3u8', agent)
    if (begun.status !== 200) return begun
    await ask('opus.m3u8', agent)
    return ask('opus.m3u8', agent)
  }
  await until('nobody else listens on this node', async () => (await poll('first')).status === 200)
  const refused = await poll('second')
  expect(refused.status).toBe(503)
  expect(refused.headers.get('retry-after')).toMatch(/^\d$/)
  expect((await poll('first')).status).toBe(200)
  expect((await fetch(fixture.url('/live/open/opus.mp4', edge))).status).toBe(503)
  // It counts for ten seconds after its last poll; then the next one has the slot.
  await until('the second one plays', async () => (await poll('second')).status === 200, 30_000)
  await edge.stop()
}, 40_000)

test('a ticket of one edge lets in at another that has the same key, and not at one that has not', async () => {
  const key = new Uint8Array(32).fill(7)
  const [one, two, stranger] = await Promise.all([
    fixture.startEdge({ edgeId: 'edge-a', doorKeys: [key] }),
    fixture.startEdge({ edgeId: 'edge-b', doorKeys: [new Uint8Array(32).fill(9), key] }),
    fixture.startEdge({ edgeId: 'edge-c', doorKeys: [new Uint8Array(32).fill(8)] }),
  ])
  const first = await fixture.listen('/live/open/opus.mp4', one)
  await until('it has a ticket', () => first.notes.length > 0)
  const [hello] = first.notes
  const ticket = hello?.kind === 'hello' ? hello.ticket : undefined
  first.close()
  const admittedAs = async (edge: typeof one) => {
    const stream = await fixture.listen(`/live/open/opus.mp4?ticket=${ticket}`, edge)
    const text = await (await fetch(fixture.url('/metrics', edge))).text()
    stream.close()
    return /mimbar_edge_admitted_total\{as="(\w+)"\} [1-9]/.exec(text)?.[1]
  }
  expect(await admittedAs(two)).toBe('return')
  expect(await admittedAs(stranger)).toBe('new')
  await Promise.all([one.stop(), two.stop(), stranger.stop()])
})
