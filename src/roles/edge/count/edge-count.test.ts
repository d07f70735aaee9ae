import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { EdgeFixture } from '../../../../test/harness/edge-fixture.ts'
import { talkRaw } from '../../../../test/harness/raw-socket.ts'
import { until } from '../../../../test/harness/until.ts'
import { epoch, sequence } from '../../../base/units.ts'
import { type AudienceRecord, DEVICES_PREFIX } from '../../../core/count/audience.ts'
import { DeviceSketch } from '../../../core/count/device-sketch.ts'
import { packagePart } from '../../../core/part/packager.ts'
import { REHEARSAL_HEADER } from '../../../core/rehearsal/proof.ts'
import { type EdgeReport, edgeTopic } from '../../../core/space/facts.ts'
import { SILENT_PACKET } from '../../../media/opus/program.ts'
import type { EdgeRole } from '../edge-role.ts'

let fixture: EdgeFixture
beforeAll(async () => {
  fixture = await EdgeFixture.start({ deviceSecret: 'shared by the edges of a node', streamsMax: 8 })
})
afterAll(() => fixture.stop())

/** The first report of an edge for which `is` holds; the newest one when there is none in time. */
async function reportWhen(is: (report: EdgeReport) => boolean, edge = 'edge-0'): Promise<EdgeReport> {
  let last: EdgeReport | undefined
  for await (const { value } of fixture.engine.feed.subscribe(edgeTopic(edge), AbortSignal.timeout(8_000))) {
    last = value as EdgeReport
    if (is(last)) break
  }
  if (last === undefined) throw new Error('the edge has not reported')
  return last
}

/** Waits for a report that was made after now. */
async function freshReport(): Promise<EdgeReport> {
  const now = Date.now()
  return reportWhen(({ atMs }) => atMs > now)
}

const agent = (name: string, headers: Record<string, string> = {}) => ({
  headers: { 'User-Agent': name, ...headers },
})

const report = (space: string, body: string, headers: Record<string, string> = {}) =>
  fixture.fetch(`/live/${space}/report`, { method: 'POST', body, headers })

describe('a listener', () => {
  test('who leaves is gone with the next report, and who only looked never was there', async () => {
    const facts = await fixture.liveSpace('coming')
    await fixture.append(facts, 0, 20)
    await fixture.fetch('/live/coming/opus.mp4', { method: 'HEAD' })
    const streams = await Promise.all([1, 2, 3].map(() => fixture.listen('/live/coming/opus.mp4')))
    expect((await reportWhen(({ listeners }) => listeners.coming === 3)).listeners.coming).toBe(3)
    streams[0]?.close()
    expect((await reportWhen(({ listeners }) => listeners.coming === 2)).listeners.coming).toBe(2)
    for (const stream of streams) stream.close()
    expect(
      (await reportWhen(({ listeners }) => listeners.coming === undefined)).listeners,
    ).not.toHaveProperty('coming')
  })

  test('of HLS counts from its first piece of media on; a look at the playlist does not', async () => {
    const facts = await fixture.liveSpace('polling')
    await fixture.append(facts, 0, 30)
    let playlist = ''
    await until('a segment is listed', async () => {
      playlist = await (await fixture.fetch('/live/polling/opus.m3u8', agent('player'))).text()
      return /^seg\//m.test(playlist)
    })
    const segment = /^seg\/.*$/m.exec(playlist)?.[0]
    await fixture.fetch('/live/polling/opus.m3u8', agent('preview'))
    await fixture.fetch(`/live/polling/${segment}`, { method: 'HEAD', ...agent('head') })
    await fixture.fetch(`/live/polling/${segment}`, agent('synthetic', { [REHEARSAL_HEADER]: 'anything' }))
    expect((await fixture.fetch(`/live/polling/${segment}`, agent('player'))).status).toBe(200)
    await reportWhen(({ listeners }) => listeners.polling === 1)
    expect((await freshReport()).listeners.polling).toBe(1)
  })

  test('of the recording has a number of its own', async () => {
    const facts = await fixture.liveSpace('replayed', { recorded: true })
    await fixture.append(facts, 0, 30)
    await until(
      'the replay has a segment',
      async () => (await fixture.fetch('/replay/replayed/seg/0.m4s')).ok,
    )
    const found = await reportWhen(({ audience }) => audience?.spaces.replayed?.replaying === 1)
    expect(found.audience?.spaces.replayed).toEqual({ replaying: 1 })
    expect(found.listeners).not.toHaveProperty('replayed')
  })

  test('who found no room and stays away was turned away; the refusal itself is not yet one', async () => {
    const facts = await fixture.liveSpace('full')
    await fixture.append(facts, 0, 20)
    // There are eight seats; players of the tests before may still count on some of them.
    const streams: Awaited<ReturnType<typeof fixture.listen>>[] = []
    for (let seats = 8; seats > 0; seats--) {
      const stream = await fixture.listen('/live/full/opus.mp4').catch(() => undefined)
      if (stream === undefined) break
      streams.push(stream)
    }
    expect(streams.length).toBeGreaterThan(3)
    expect((await fixture.fetch('/live/full/opus.mp4', agent('late'))).status).toBe(503)
    expect((await freshReport()).audience?.spaces.full).toBeUndefined()
    for (const stream of streams) stream.close()
  })
})

describe('devices', () => {
  test('are told as a sketch in which two edges recognise the same one', async () => {
    const facts = await fixture.liveSpace('devices')
    await fixture.append(facts, 0, 20)
    const other = await fixture.startEdge({ edgeId: 'edge-9', deviceSecret: 'shared by the edges of a node' })
    await until('the other edge knows it', async () => (await fetch(fixture.url('/s/devices', other))).ok)
    const leaving = new AbortController()
    const open = async (edge: EdgeRole, name: string) => {
      const headers = { 'User-Agent': name }
      const url = fixture.url('/live/devices/opus.mp4', edge)
      // There are eight seats, and some of them were somebody's a moment ago.
      await until(
        'there is room',
        async () => (await fetch(url, { headers, signal: leaving.signal })).ok,
        15_000,
      )
    }
    for (const name of ['a', 'b', 'b']) await open(fixture.edge, name)
    for (const name of ['b', 'c']) await open(other, name)
    const sketch = new DeviceSketch()
    const seen: unknown[] = []
    const topics = fixture.engine.feed.subscribe(`${DEVICES_PREFIX}devices/`, AbortSignal.timeout(15_000))
    for await (const { value } of topics) {
      seen.push(value)
      if (typeof value === 'string') sketch.merge(DeviceSketch.decode(value))
      if (sketch.estimate() === 3) break
    }
    expect(sketch.estimate()).toBe(3)
    expect(JSON.stringify(seen)).not.toContain('127.0.0.1')
    leaving.abort()
    await other.stop()
  }, 20_000)
})

describe('a page’s report', () => {
  test('is added up, and makes nobody a listener', async () => {
    const facts = await fixture.liveSpace('told')
    await fixture.append(facts, 0, 20)
    for (const kind of ['gave-up', 'gave-up', 'could-not-play', 'played']) {
      const answer = await report('told', JSON.stringify({ kind, gaps: 2, firstAudioMs: 300 }))
      expect([answer.status, answer.headers.getSetCookie()]).toEqual([204, []])
    }
    const found = await reportWhen(({ audience }) => audience?.spaces.told?.gaveUp === 2)
    expect(found.audience?.spaces.told).toEqual({ gaveUp: 2, couldNotPlay: 1 })
    expect(found.listeners).not.toHaveProperty('told')
    const metrics = await (await fixture.fetch('/metrics')).text()
    expect(metrics).toContain('mimbar_edge_page_reports_total{kind="gave-up"} 2')
    expect(metrics).toContain('mimbar_edge_page_gaps_total 8')
    expect(metrics).toContain('mimbar_edge_page_first_audio_seconds_count 4')
  })

  test('is small, ours, and of a space; whatever else comes is refused and not counted', async () => {
    await fixture.liveSpace('strict')
    const answers = await Promise.all([
      report('strict', 'no report'),
      report('strict', JSON.stringify({ kind: 'played', gaps: 1, pad: 'x'.repeat(600) })),
      report('strict', JSON.stringify({ kind: 'gave-up' }), { 'Sec-Fetch-Site': 'cross-site' }),
      report('nowhere', JSON.stringify({ kind: 'gave-up' })),
      fixture.fetch('/live/strict/report'),
      fixture.fetch('/live/strict/opus.mp4', { method: 'POST', body: '{}' }),
      fixture.fetch('/live/strict/report', { method: 'PUT', body: '{"kind":"gave-up"}' }),
    ])
    expect(answers.map(({ status }) => status)).toEqual([400, 413, 403, 404, 405, 405, 405])
    expect((await freshReport()).audience?.spaces.strict).toBeUndefined()
  })

  test('that dribbles in is given up, and costs nobody else theirs', async () => {
    await fixture.liveSpace('slow')
    const head = 'POST /live/slow/report HTTP/1.1\r\nHost: localhost\r\nContent-Length: 400\r\n\r\n{'
    const slow = talkRaw({
      url: fixture.url('/'),
      bytes: head,
      dribble: '"kind":"gave-up"',
      patienceMs: 4_500,
    })
    expect((await report('slow', JSON.stringify({ kind: 'gave-up' }))).status).toBe(204)
    expect((await slow).statuses).toEqual([400])
  }, 12_000)

  test('comes so often from one network, and no more', async () => {
    await fixture.liveSpace('often')
    const statuses = new Set<number>()
    for (let n = 0; n < 60; n++)
      statuses.add((await report('often', JSON.stringify({ kind: 'gave-up' }))).status)
    expect([...statuses].sort()).toEqual([204, 429])
  })
})

describe('the table of an audience', () => {
  const record = (n: number): AudienceRecord => ({
    kind: 'audience',
    ...{ listeners: n, peak: n, unique: n, turnedAway: 0, gaveUp: 0, couldNotPlay: 0, replaying: 0 },
    edges: [['edge-0', n]],
  })

  test('is every second that the log has, while the space is on and afterwards', async () => {
    const facts = await fixture.liveSpace('table', { programStart: sequence(3), recorded: true })
    for (let n = 0; n < 400; n++) {
      const recorded = n % 5 === 0 ? [record(n)] : []
      const packets = new Array<Uint8Array>(10).fill(SILENT_PACKET)
      const gap = n === 0 ? { gap: 'first' as const } : {}
      const part = packagePart({
        sequence: sequence(n),
        epoch: epoch(1),
        packets,
        events: [],
        recorded,
        ...gap,
      })
      await fixture.engine.log.append(facts.id, part)
    }
    const path = '/api/v1/spaces/table/audience.csv'
    const answer = await fixture.fetch(path)
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8')
    expect(answer.headers.get('link')).toContain('/about/count')
    const text = await answer.text()
    expect(text).toStartWith(`# What is counted, and how well: ${fixture.url('/about/count')}\r\n`)
    const lines = text.split('\r\n').filter((line) => /^\d{4}-/.test(line))
    // Parts 5, 10, … 395: the lobby before the program is left out.
    expect(lines).toHaveLength(79)
    expect(lines[0]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z,0\.4,5,5,5,0,0,0,0,,edge-0=5$/)
    expect(lines.at(-1)).toContain(',78.4,395,')
    const head = await fixture.fetch(path, { method: 'HEAD' })
    expect([head.status, await head.text()]).toEqual([200, ''])
    await fixture.space('table', { phase: 'ended', programEnd: sequence(400) })
    const ended = await (await fixture.fetch(path)).text()
    expect(ended.split('\r\n').filter((line) => /^\d{4}-/.test(line))).toEqual(lines)
    expect(ended).not.toContain('more lines will follow')
  })

  test('says what it lacks when the space is not recorded, or has not been on air', async () => {
    const facts = await fixture.liveSpace('unkept', { recorded: false })
    await fixture.append(facts, 0, 10)
    expect(await (await fixture.fetch('/api/v1/spaces/unkept/audience.csv')).text()).toContain(
      '# This space is not recorded',
    )
    await fixture.space('unheard', { phase: 'scheduled' })
    expect((await fixture.fetch('/api/v1/spaces/unheard/audience.csv')).status).toBe(404)
    expect((await fixture.fetch('/api/v1/spaces/nowhere/audience.csv')).status).toBe(404)
  })

  test('that nobody takes gives its turn back', async () => {
    const path = '/api/v1/spaces/table/audience.csv'
    for (let n = 0; n < 12; n++) {
      const leaving = new AbortController()
      await fixture.fetch(path, { signal: leaving.signal })
      leaving.abort()
    }
    expect((await (await fixture.fetch(path)).text()).split('\r\n').length).toBeGreaterThan(79)
  })
})

test('the page of the definition is public', async () => {
  const answer = await fixture.fetch('/about/count')
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
  expect((await fixture.fetch('/about/anything')).status).toBe(404)
})
