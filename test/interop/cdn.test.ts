// Low-latency HLS through a cache, as a CDN has it: what an edge is asked does not depend on how many listen.

import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { PART_MS } from '../../src/base/units.ts'
import type { SpaceFacts } from '../../src/core/space/facts.ts'
import { expandDelta } from '../../src/media/hls/delta.ts'
import { lintPlaylist } from '../../src/media/hls/lint.ts'
import { lintReload } from '../../src/media/hls/lint-reload.ts'
import { variantUris } from '../../src/media/hls/parse-multivariant.ts'
import { EdgeFixture } from '../harness/edge-fixture.ts'
import { NginxCache } from '../harness/nginx-cache.ts'
import { until } from '../harness/until.ts'

setDefaultTimeout(60_000)

let fixture: EdgeFixture
let nginx: NginxCache
beforeAll(async () => {
  fixture = await EdgeFixture.start()
  nginx = await NginxCache.start(fixture.edge.port)
})
afterAll(async () => {
  await nginx?.stop()
  await fixture?.stop()
})

const SECONDS = 10
/** Half of a crowd follows the one, half the other; the second one's parts come a part later than the first's. */
const RENDITIONS = ['opus.m3u8', 'aac.m3u8']
const PARTIALS = (SECONDS * 1000) / (2 * PART_MS)

/** What the edge counted so far. */
async function counted() {
  const text = await (await fixture.fetch('/metrics')).text()
  const of = (sample: string) => {
    const line = text.split('\n').find((one) => one.startsWith(`${sample} `))
    if (line === undefined) throw new Error(`no sample ${sample}`)
    return Number(line.slice(sample.length + 1))
  }
  return {
    blocking: of('mimbar_edge_hls_playlists_total{kind="blocking"}'),
    multivariant: of('mimbar_edge_hls_playlists_total{kind="multivariant"}'),
    plain: of('mimbar_edge_hls_playlists_total{kind="plain"}'),
    parts: of('mimbar_edge_hls_partials_total'),
    printed: of('mimbar_edge_hls_playlists_printed_total'),
  }
}

/** Plays as a low-latency player does: the next playlist and the hinted part are asked for before they are there. */
class Player {
  readonly problems: string[] = []
  readonly lateMs: number[] = []
  parts = 0
  playlists = 0
  readonly #base: string
  readonly #file: string
  #playlist = ''
  #hint = ''

  /** Follows the `index`th rendition that the space has. */
  constructor(space: string, index: number) {
    this.#base = `/live/${space}/`
    this.#file = RENDITIONS[index % RENDITIONS.length] as string
  }

  async play(isOver: () => boolean, isThereAt: (part: number) => number): Promise<void> {
    const multivariant = await this.#text('index.m3u8')
    if (!variantUris(multivariant).includes(this.#file)) this.problems.push(`no ${this.#file}`)
    await this.#take(await this.#text(this.#file))
    while (!isOver() && this.problems.length === 0) {
      const [, segment, index] = /part\/(\d+)\.(\d)/.exec(this.#hint) as unknown as [string, string, string]
      const query = `_HLS_msn=${segment}&_HLS_part=${index}&_HLS_skip=YES`
      const [playlist, part] = await Promise.all([
        this.#text(`${this.#file}?${query}`),
        this.#part(this.#hint),
      ])
      const last = 2 * (Number(segment) * 5 + Number(index)) + 1
      const lagParts = this.#file === 'aac.m3u8' ? 1 : 0
      this.lateMs.push(performance.now() - isThereAt(last + lagParts))
      this.parts += part
      this.playlists += 1
      await this.#take(playlist)
    }
  }

  async #take(text: string): Promise<void> {
    if (text === '') return
    const whole = this.#playlist === '' ? text : expandDelta(this.#playlist, text)
    const findings = lintPlaylist(text, 'live')
    if (this.#playlist !== '') findings.push(...lintReload(this.#playlist, text))
    if (whole === undefined || findings.length > 0) {
      this.problems.push(`playlist: ${JSON.stringify(findings)}`)
      return
    }
    this.#playlist = whole
    this.#hint = /PRELOAD-HINT.*URI="([^"]+)"/.exec(whole)?.[1] ?? ''
  }

  async #text(path: string): Promise<string> {
    const response = await fetch(nginx.url(this.#base + path))
    if (!response.ok) this.problems.push(`${path}: ${response.status}`)
    return response.ok ? response.text() : ''
  }

  async #part(path: string): Promise<number> {
    const response = await fetch(nginx.url(this.#base + path))
    const bytes = (await response.arrayBuffer()).byteLength
    if (!response.ok || bytes < 100) this.problems.push(`${path}: ${response.status} ${bytes}`)
    return 1
  }
}

/** `count` players for ten seconds of a live program; what the edge was asked meanwhile. */
async function playThrough(name: string, count: number) {
  const facts: SpaceFacts = await fixture.liveSpace(name)
  await fixture.append(facts, 0, 80, { tracks: 'low and aac' })
  await until('it is listed', async () => (await fixture.fetch(`/live/${name}/index.m3u8`)).ok)
  const before = await counted()
  const thereAt = new Map<number, number>()
  let isOver = false
  const players = Array.from({ length: count }, (_, i) => new Player(name, i))
  const playing = Promise.all(
    players.map((player) =>
      player.play(
        () => isOver,
        (part) => thereAt.get(part) ?? Number.NaN,
      ),
    ),
  )
  const startedAt = performance.now()
  // One more for what the lagging rendition has of the last.
  for (let n = 0; n <= PARTIALS * 2; n++) {
    await Bun.sleep(Math.max(0, startedAt + (n + 1) * PART_MS - performance.now()))
    if (n === PARTIALS * 2 - 1) isOver = true
    thereAt.set(80 + n, performance.now())
    await fixture.append(facts, 80 + n, 81 + n, { padding: 1_000, tracks: 'low and aac' })
  }
  await playing
  const after = await counted()
  const lateMs = players.flatMap((player) => player.lateMs).sort((a, b) => a - b)
  return {
    problems: players.flatMap((player) => player.problems),
    partsPlayed: players.reduce((sum, player) => sum + player.parts, 0),
    blocking: (after.blocking - before.blocking) / PARTIALS,
    plain: after.plain - before.plain,
    multivariant: after.multivariant - before.multivariant,
    parts: (after.parts - before.parts) / PARTIALS,
    printed: (after.printed - before.printed) / PARTIALS,
    lateMsP50: lateMs[Math.floor(lateMs.length / 2)] as number,
    lateMsP99: lateMs[Math.floor(lateMs.length * 0.99)] as number,
  }
}

describe('behind nginx', () => {
  test('an edge is asked for each playlist and each part of two renditions once, by one player of each as by fifteen', async () => {
    const alone = await playThrough('alone', 2)
    const crowd = await playThrough('crowd', 30)
    console.log('asked of the edge per part, by 2 and by 30 players:', JSON.stringify({ alone, crowd }))
    for (const { problems } of [alone, crowd]) expect(problems).toEqual([])
    expect(crowd.partsPlayed).toBeGreaterThan(25 * PARTIALS)
    for (const { blocking, parts } of [alone, crowd]) {
      expect(blocking).toBeLessThanOrEqual(RENDITIONS.length * 1.5)
      expect(parts).toBeLessThanOrEqual(RENDITIONS.length * 1.5)
    }
    expect(crowd.multivariant).toBeLessThanOrEqual(2)
    expect(crowd.plain).toBeLessThanOrEqual(RENDITIONS.length * 2)
  })

  test('what it may keep comes from the cache, and what it may not does not', async () => {
    const facts = await fixture.liveSpace('kept')
    await fixture.append(facts, 0, 30, { tracks: 'low and aac' })
    await until('it is listed', async () => (await fixture.fetch('/live/kept/index.m3u8')).ok)
    const cache = async (path: string) => {
      const response = await fetch(nginx.url(`/live/kept/${path}`))
      await response.arrayBuffer()
      return [response.headers.get('x-cache'), response.headers.get('cache-control')]
    }
    const playlist = await (await fetch(nginx.url('/live/kept/opus.m3u8'))).text()
    const part = /URI="(part\/2\.4[^"]*)"/.exec(playlist)?.[1] as string
    const segment = /^seg\/2.*$/m.exec(playlist)?.[0] as string
    for (const [path, control] of [
      ['index.m3u8', 'public, max-age=2'],
      ['opus.m3u8?_HLS_msn=2&_HLS_part=4', 'public, max-age=12'],
      ['opus.m3u8?parts=0', 'public, max-age=1'],
      ['aac.m3u8?_HLS_msn=2&_HLS_part=3', 'public, max-age=12'],
      ['low/init.mp4', 'public, max-age=10'],
      [part, 'public, max-age=31536000, s-maxage=600, immutable'],
      [segment, 'public, max-age=31536000, s-maxage=600, immutable'],
    ] as const) {
      expect(await cache(path)).toEqual(['MISS', control])
      expect(await cache(path)).toEqual(['HIT', control])
    }
    expect(await cache('opus.m3u8')).toEqual(['HIT', 'public, max-age=1'])
    expect(await cache('opus.m3u8?_HLS_msn=99')).toEqual(['MISS', 'no-store'])
    expect(await cache('opus.m3u8?_HLS_msn=99')).toEqual(['MISS', 'no-store'])
  })
})
