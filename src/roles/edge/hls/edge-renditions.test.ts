import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { EdgeFixture, type LowAndAac } from '../../../../test/harness/edge-fixture.ts'
import { until } from '../../../../test/harness/until.ts'
import { sequence, wallMillis } from '../../../base/units.ts'
import { programHeaders } from '../../../core/part/packager.ts'
import type { SpaceFacts, TracksWanted } from '../../../core/space/facts.ts'
import { expandDelta } from '../../../media/hls/delta.ts'
import { lintPlaylist } from '../../../media/hls/lint.ts'
import { lintMultivariant } from '../../../media/hls/lint-multivariant.ts'
import { lintReload } from '../../../media/hls/lint-reload.ts'
import { lintBitRates, lintRenditions } from '../../../media/hls/lint-renditions.ts'
import { variantUris } from '../../../media/hls/parse-multivariant.ts'

// A request that waits in vain takes six seconds.
setDefaultTimeout(20_000)

let fixture: EdgeFixture
let prefersLow = false
beforeAll(async () => {
  fixture = await EdgeFixture.start({ prefersLow: () => prefersLow })
})
afterAll(() => fixture.stop())

const ALL = { tracks: 'low and aac' } as const
const RENDITIONS = ['opus.m3u8', 'aac.m3u8', 'low.m3u8']

const textOf = async (path: string): Promise<string> => {
  const response = await fixture.fetch(path)
  expect([path, response.status, response.headers.get('content-type')]).toEqual([
    path,
    200,
    'application/vnd.apple.mpegurl',
  ])
  return response.text()
}

const bytesOf = async (path: string): Promise<Buffer> => {
  const response = await fixture.fetch(path)
  expect([path, response.status]).toEqual([path, 200])
  return Buffer.from(await response.arrayBuffer())
}

const playlistsOf = async (name: string): Promise<ReadonlyMap<string, string>> =>
  new Map(
    await Promise.all(
      RENDITIONS.map(async (uri): Promise<[string, string]> => [uri, await textOf(`/live/${name}/${uri}`)]),
    ),
  )

/** A live space of which the edge has the parts [from, to), with everything in them. */
async function space(
  name: string,
  from: number,
  to: number,
  more: { readonly tracks: LowAndAac } = ALL,
): Promise<SpaceFacts> {
  const facts = await fixture.liveSpace(name)
  await fixture.append(facts, from, to, more)
  await untilAt(name, to)
  return facts
}

/** Opus lists all that comes before part `to`. */
async function untilAt(name: string, to: number): Promise<void> {
  await until(`the edge has part ${to - 1}`, async () => {
    const response = await fixture.fetch(`/live/${name}/opus.m3u8`)
    const hint = `part/${Math.floor(to / 10)}.${Math.floor((to % 10) / 2)}.`
    return response.ok && (await response.text()).includes(`HINT:TYPE=PART,URI="${hint}`)
  })
}

const metric = async (sample: string): Promise<number> => {
  const text = await (await fixture.fetch('/metrics')).text()
  return Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${sample} `))
      ?.slice(sample.length + 1),
  )
}

describe('the multivariant playlist', () => {
  test('lists Opus, AAC and the low rate, in this order, and may be kept for a moment', async () => {
    await space('listed', 0, 30)
    const response = await fixture.fetch('/live/listed/index.m3u8')
    expect(response.headers.get('cache-control')).toBe('public, max-age=2')
    const text = await response.text()
    expect(lintMultivariant(text)).toEqual([])
    expect(variantUris(text)).toEqual(RENDITIONS)
    const etag = response.headers.get('etag') as string
    const again = await fixture.fetch('/live/listed/index.m3u8', { headers: { 'If-None-Match': etag } })
    expect(again.status).toBe(304)
  })

  test('does not list what the log does not have', async () => {
    const facts = await fixture.space('older')
    await fixture.engine.log.open(facts.id, {
      gridStartMs: facts.gridStartMs,
      tracks: programHeaders().filter(({ id }) => id !== 'aac.mp4' && id !== 'low.mp4'),
      ringParts: 900,
    })
    await fixture.append(facts, 0, 20)
    await untilAt('older', 20)
    expect(variantUris(await textOf('/live/older/index.m3u8'))).toEqual(['opus.m3u8'])
    expect(await textOf('/live/older/opus.m3u8')).not.toContain('RENDITION-REPORT')
    expect((await fixture.fetch('/live/older/aac.m3u8')).status).toBe(404)
    expect((await fixture.fetch('/live/older/low/init.mp4')).status).toBe(404)
  })

  test('offers low rates alone where bits are nearly spent', async () => {
    await space('frugal', 0, 30)
    prefersLow = true
    try {
      const text = await textOf('/live/frugal/index.m3u8')
      expect(lintMultivariant(text)).toEqual([])
      expect(variantUris(text)).toEqual(['low.m3u8', 'aac.m3u8'])
    } finally {
      prefersLow = false
    }
  })

  test('leads to renditions that fit together, wherever in a segment the live edge is', async () => {
    const facts = await space('fitting', 0, 60)
    const multivariant = await textOf('/live/fitting/index.m3u8')
    let before: ReadonlyMap<string, string> | undefined
    for (let at = 60; at <= 84; at++) {
      const playlists = await playlistsOf('fitting')
      expect(lintRenditions(multivariant, playlists)).toEqual([])
      for (const [uri, text] of playlists) {
        expect(lintPlaylist(text, 'live')).toEqual([])
        if (before !== undefined) expect(lintReload(before.get(uri) as string, text)).toEqual([])
      }
      before = playlists
      await fixture.append(facts, at, at + 1, ALL)
      if (at % 2 === 1) await untilAt('fitting', at + 1)
    }
  })
})

describe('a rendition', () => {
  test.each([
    ['low', 'low.mp4', 0],
    ['aac', 'aac.mp4', 1],
  ] as const)('%s is its track’s bytes of the same two seconds', async (name, track, lag) => {
    const facts = await space(`bytes-${name}`, 0, 58)
    const base = `/live/bytes-${name}/`
    const playlist = await textOf(`${base}${name}.m3u8`)
    const map = /#EXT-X-MAP:URI="([^"]+)"/.exec(playlist)?.[1] as string
    const header = programHeaders().find(({ id }) => id === track)?.header as Uint8Array
    expect((await bytesOf(base + map)).equals(Buffer.from(header))).toBe(true)
    const segments = [...playlist.matchAll(/^(?:low|aac)\/seg\/(\d+)\.m4s.*$/gm)]
    expect(segments.map(([, number]) => Number(number))).toEqual([0, 1, 2, 3, 4])
    for (const [uri, number] of segments) {
      const from = 10 * Number(number) + lag
      expect((await bytesOf(base + uri)).equals(fixture.mp4(facts, from, from + 10, track))).toBe(true)
    }
    const parts = [...playlist.matchAll(/#EXT-X-PART:.*URI="([^"]+\/(\d+)\.(\d)\.m4s[^"]*)"/g)]
    expect(parts.length).toBeGreaterThan(8)
    for (const [, uri, number, index] of parts) {
      const from = 10 * Number(number) + 2 * Number(index) + lag
      const response = await fixture.fetch(base + uri)
      expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, s-maxage=600, immutable')
      const bytes = Buffer.from(await response.arrayBuffer())
      expect(bytes.equals(fixture.mp4(facts, from, from + 2, track))).toBe(true)
    }
  })

  test('that lags behind is waited for until its own part is there, by reload and by hint', async () => {
    const facts = await space('lagging', 0, 30)
    const before = await textOf('/live/lagging/aac.m3u8')
    const hint = /PRELOAD-HINT.*URI="([^"]+)"/.exec(before)?.[1] as string
    expect(hint).toStartWith('aac/part/2.4.m4s')
    const reload = textOf('/live/lagging/aac.m3u8?_HLS_msn=2&_HLS_part=4')
    const part = bytesOf(`/live/lagging/${hint}`)
    await until('both are held', async () => (await metric('mimbar_edge_hls_held')) === 2)
    await fixture.append(facts, 30, 31, ALL)
    const after = await reload
    expect(lintReload(before, after)).toEqual([])
    expect(after).toContain(`#EXT-X-PART:DURATION=0.400,URI="${hint}"`)
    expect((await part).equals(fixture.mp4(facts, 29, 31, 'aac.mp4'))).toBe(true)
  })

  test('answers a player that comes from another one with what that one reported, at once', async () => {
    await space('switching', 0, 37)
    const opus = await textOf('/live/switching/opus.m3u8')
    for (const [, uri, msn, part] of opus.matchAll(/REPORT:URI="([^"]+)",LAST-MSN=(\d+),LAST-PART=(\d)/g)) {
      const held = await metric('mimbar_edge_hls_held')
      const text = await textOf(`/live/switching/${uri}?_HLS_msn=${msn}&_HLS_part=${part}`)
      expect(held).toBe(0)
      expect(text).toContain(`part/${msn}.${part}.m4s`)
    }
  })

  test('has delta updates like every other', async () => {
    const facts = await space('deltas', 0, 120)
    for (const [uri, part] of [
      ['low.m3u8', 0],
      ['aac.m3u8', 0],
    ] as const) {
      const before = await textOf(`/live/deltas/${uri}`)
      await fixture.append(facts, uri === 'low.m3u8' ? 120 : 123, uri === 'low.m3u8' ? 123 : 124, ALL)
      const query = `_HLS_msn=12&_HLS_part=${part}`
      const whole = await textOf(`/live/deltas/${uri}?${query}`)
      const delta = await textOf(`/live/deltas/${uri}?${query}&_HLS_skip=YES`)
      expect(delta).toContain('#EXT-X-SKIP:SKIPPED-SEGMENTS=2')
      expect(delta.match(/RENDITION-REPORT/g)).toHaveLength(2)
      expect(lintPlaylist(delta, 'live')).toEqual([])
      expect(expandDelta(before, delta)).toBe(whole)
    }
  })

  test('ends with the program, the lagging one with what there is of it', async () => {
    const start = Math.floor(80_000 / 200) - 40
    const facts = await fixture.liveSpace('ending', { programStart: sequence(start) })
    await fixture.append(facts, start, start + 30, ALL)
    await untilAt('ending', start + 30)
    const before = await playlistsOf('ending')
    await fixture.space('ending', { phase: 'ended', programEnd: sequence(start + 34) })
    await fixture.append(facts, start + 30, start + 34, ALL)
    await until('the end', async () => (await textOf('/live/ending/opus.m3u8')).includes('#EXT-X-ENDLIST'))
    const after = await playlistsOf('ending')
    for (const [uri, text] of after) {
      expect(text).toEndWith('#EXT-X-ENDLIST\n')
      expect(text).not.toContain('REPORT')
      expect(lintPlaylist(text, 'live')).toEqual([])
      expect(lintReload(before.get(uri) as string, text)).toEqual([])
      const last = [...text.matchAll(/^(?:aac\/|low\/)?seg\/.*$/gm)].at(-1)?.[0] as string
      expect((await fixture.fetch(`/live/ending/${last}`)).status).toBe(200)
    }
    expect(lintRenditions(await textOf('/live/ending/index.m3u8'), after)).toEqual([])
    expect(after.get('opus.m3u8')).toContain('#EXTINF:0.800,')
    expect(after.get('aac.m3u8')).toContain('#EXTINF:0.600,')
  })

  test('that left memory comes from the log’s ring', async () => {
    const facts = await space('ring', 0, 320)
    expect((await bytesOf('/live/ring/aac/seg/2.m4s')).equals(fixture.mp4(facts, 21, 31, 'aac.mp4'))).toBe(
      true,
    )
    expect((await bytesOf('/live/ring/low/seg/2.m4s')).equals(fixture.mp4(facts, 20, 30, 'low.mp4'))).toBe(
      true,
    )
  })

  test('does not make its player count twice', async () => {
    await space('counted', 0, 30)
    await textOf('/live/counted/index.m3u8')
    expect(await metric('mimbar_edge_pollers')).toBe(await metric('mimbar_edge_pollers'))
    const before = await metric('mimbar_edge_pollers')
    await textOf('/live/counted/low.m3u8')
    await textOf('/live/counted/opus.m3u8')
    await textOf('/live/counted/aac.m3u8')
    expect((await metric('mimbar_edge_pollers')) - before).toBeLessThanOrEqual(1)
    let counted: unknown
    for await (const { value } of fixture.engine.feed.subscribe('edge/', AbortSignal.timeout(5_000))) {
      counted = (value as { listeners: Record<string, number> }).listeners.counted
      if (counted !== undefined) break
    }
    expect(counted).toBe(1)
  })

  test('keeps the bit rates that were promised, with full snapshots too', async () => {
    await space('rates', 0, 120)
    const multivariant = await textOf('/live/rates/index.m3u8')
    const segments = [{ seconds: 2, bytes: (await bytesOf('/live/rates/seg/3.m4s')).length }]
    expect(lintBitRates(multivariant, 'opus.m3u8', segments)).toEqual([])
  })

  test('of another name is no address', async () => {
    await space('strangers', 0, 30)
    for (const [path, status] of [
      ['flac.m3u8', 404],
      ['flac/seg/1.m4s', 404],
      ['opus/seg/1.m4s', 404],
      ['aac/seg', 404],
      ['aac/seg/1.m4s/2', 404],
      ['aac/seg/x', 400],
      ['aac/part/1.7.m4s', 400],
      ['aac/seg/1.m4s?v=abc.1', 404],
    ] as const) {
      expect([path, (await fixture.fetch(`/live/strangers/${path}`)).status]).toEqual([path, status])
    }
  })
})

describe('a rendition that is made on demand', () => {
  test('is wished for by whoever asks, and its first player waits for its first segment', async () => {
    const wishes: TracksWanted[] = []
    const listening = new AbortController()
    const hearing = (async () => {
      for await (const { value } of fixture.engine.feed.subscribe('wanted/', listening.signal)) {
        wishes.push(value as TracksWanted)
      }
    })()
    const facts = await space('wanted', 0, 33, { tracks: 'low' })
    expect(wishes.filter((wish) => wish.space === facts.id)).toEqual([])
    let isAnswered = false
    const first = fixture.fetch('/live/wanted/aac.m3u8').then((response) => {
      isAnswered = true
      return response
    })
    await until('it is wished for', () => wishes.some((wish) => wish.space === facts.id))
    const wish = wishes.find((one) => one.space === facts.id)
    expect(wish).toEqual({ space: facts.id, tracks: ['aac.mp4'], atMs: wallMillis(wish?.atMs ?? 0) })
    expect(Math.abs((wish?.atMs ?? 0) - Date.now())).toBeLessThan(10_000)
    await fixture.append(facts, 33, 50, ALL)
    await untilAt('wanted', 50)
    expect(isAnswered).toBe(false)
    await fixture.append(facts, 50, 51, ALL)
    const response = await first
    const text = await response.text()
    expect(response.status).toBe(200)
    expect(lintPlaylist(text, 'live')).toEqual([])
    expect(text).toContain('#EXT-X-MEDIA-SEQUENCE:4\n')
    expect(text).not.toContain('GAP')
    listening.abort()
    await hearing
  })

  test('that nobody makes is told to be asked for again, and soon', async () => {
    const facts = await space('unmade', 0, 30, { tracks: 'low' })
    let at = 30
    let isWriting = true
    const writing = (async () => {
      for (; isWriting; at++) {
        await fixture.append(facts, at, at + 1, { tracks: 'low' })
        await Bun.sleep(200)
      }
    })()
    try {
      const [plain, blocking] = await Promise.all([
        fixture.fetch('/live/unmade/aac.m3u8'),
        fixture.fetch('/live/unmade/aac.m3u8?_HLS_msn=3&_HLS_part=1'),
      ])
      for (const response of [plain, blocking]) {
        expect(response.status).toBe(503)
        expect(response.headers.get('retry-after')).toBe('2')
        expect(response.headers.get('cache-control')).toBe('no-store')
      }
    } finally {
      isWriting = false
      await writing
    }
    expect(await metric('mimbar_edge_hls_held')).toBe(0)
    // It is not offered to others for a while, who then need not find out, nor is anybody held for it.
    expect(variantUris(await textOf('/live/unmade/index.m3u8'))).toEqual(['opus.m3u8', 'low.m3u8'])
    const printed = await metric('mimbar_edge_hls_held_unanswered_total{reason="late"}')
    expect((await fixture.fetch('/live/unmade/aac.m3u8')).status).toBe(503)
    expect(await metric('mimbar_edge_hls_held_unanswered_total{reason="late"}')).toBe(printed)
    await fixture.append(facts, at, at + 30, ALL)
    await until('it is offered again', async () =>
      (await textOf('/live/unmade/index.m3u8')).includes('aac.m3u8'),
    )
    expect((await fixture.fetch('/live/unmade/aac.m3u8')).status).toBe(200)
  })

  test('and has a hole tells of a gap, and who follows it is not held up', async () => {
    const facts = await space('holed', 0, 40)
    const before = await textOf('/live/holed/aac.m3u8')
    await fixture.append(facts, 40, 62, { tracks: 'low' })
    await untilAt('holed', 62)
    const gone = await textOf('/live/holed/aac.m3u8?_HLS_msn=5&_HLS_part=3')
    expect(lintPlaylist(gone, 'live')).toEqual([])
    expect(lintReload(before, gone)).toEqual([])
    expect(gone).toMatch(/#EXT-X-GAP\n#EXTINF:2.000,\naac\/seg\/5.m4s/)
    expect((await fixture.fetch('/live/holed/aac/seg/5.m4s')).status).toBe(404)
    await fixture.append(facts, 62, 92, ALL)
    await untilAt('holed', 92)
    const back = await textOf('/live/holed/aac.m3u8')
    expect(lintPlaylist(back, 'live')).toEqual([])
    expect(lintReload(gone, back)).toEqual([])
    expect(lintRenditions(await textOf('/live/holed/index.m3u8'), await playlistsOf('holed'))).toEqual([])
  })
})
