import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { EdgeFixture } from '../../../../test/harness/edge-fixture.ts'
import { until } from '../../../../test/harness/until.ts'
import { sequence } from '../../../base/units.ts'
import { expandDelta } from '../../../media/hls/delta.ts'
import { lintPlaylist } from '../../../media/hls/lint.ts'
import { lintMultivariant } from '../../../media/hls/lint-multivariant.ts'
import { lintReload } from '../../../media/hls/lint-reload.ts'
import { variantUris } from '../../../media/hls/parse-multivariant.ts'

// A request that waits in vain takes six seconds.
setDefaultTimeout(20_000)

let fixture: EdgeFixture
let listsParts = true
const HELD_MAX = 40
beforeAll(async () => {
  fixture = await EdgeFixture.start({ listParts: () => listsParts, heldMax: HELD_MAX })
})
afterAll(() => fixture.stop())

const textOf = async (path: string): Promise<string> => {
  const response = await fixture.fetch(path)
  expect([path, response.status]).toEqual([path, 200])
  return response.text()
}

const metric = async (name: string): Promise<number> => {
  const text = await textOf('/metrics')
  const line = text.split('\n').find((one) => one.startsWith(`${name} `))
  if (line === undefined) throw new Error(`no metric ${name}`)
  return Number(line.slice(name.length + 1))
}

const partUris = (playlist: string): string[] =>
  [...playlist.matchAll(/#EXT-X-PART:.*URI="([^"]+)"/g)].map(([, uri]) => uri as string)
const hintOf = (playlist: string): string => /PRELOAD-HINT.*URI="([^"]+)"/.exec(playlist)?.[1] as string

/** A live space of which the edge has parts 0 … `to` − 1. */
async function space(name: string, to: number) {
  const facts = await fixture.liveSpace(name)
  await fixture.append(facts, 0, to)
  await until('the edge has them', async () => {
    const response = await fixture.fetch(`/live/${name}/opus.m3u8`)
    const hint = `part/${Math.floor(to / 10)}.${Math.floor((to % 10) / 2)}.`
    return response.ok && (await response.text()).includes(`HINT:TYPE=PART,URI="${hint}`)
  })
  return facts
}

describe('a blocking reload', () => {
  test('is answered at once with what is there, and with the part asked for as soon as it is', async () => {
    const facts = await space('blocking', 24)
    const first = await textOf('/live/blocking/opus.m3u8')
    expect(lintPlaylist(first, 'live')).toEqual([])
    expect(partUris(first).at(-1)).toStartWith('part/2.1.m4s')
    expect(await textOf('/live/blocking/opus.m3u8?_HLS_msn=2&_HLS_part=1')).toBe(first)
    let isAnswered = false
    const held = fixture.fetch('/live/blocking/opus.m3u8?_HLS_msn=2&_HLS_part=2').then((response) => {
      isAnswered = true
      return response
    })
    await until('it is held', async () => (await metric('mimbar_edge_hls_held')) === 1)
    await fixture.append(facts, 24, 25)
    expect(isAnswered).toBe(false)
    await fixture.append(facts, 25, 26)
    const response = await held
    expect(response.headers.get('cache-control')).toBe('public, max-age=12')
    const next = await response.text()
    expect(partUris(next).at(-1)).toStartWith('part/2.2.m4s')
    expect(lintReload(first, next)).toEqual([])
  })

  test('for a whole segment waits for its end; a part past the last is the next segment’s first', async () => {
    const facts = await space('whole', 34)
    const whole = fixture.fetch('/live/whole/opus.m3u8?_HLS_msn=3')
    const beyond = fixture.fetch('/live/whole/opus.m3u8?_HLS_msn=3&_HLS_part=5')
    await until('both are held', async () => (await metric('mimbar_edge_hls_held')) === 2)
    await fixture.append(facts, 34, 40)
    expect(await (await whole).text()).toContain('seg/3.m4s')
    expect(await metric('mimbar_edge_hls_held')).toBe(1)
    await fixture.append(facts, 40, 42)
    expect(partUris(await (await beyond).text()).at(-1)).toStartWith('part/4.0.m4s')
  })

  test('too far in the future, or malformed, is refused', async () => {
    await space('refused', 30)
    for (const query of [
      '_HLS_msn=5',
      '_HLS_msn=4&_HLS_part=4',
      '_HLS_part=1',
      '_HLS_msn=x',
      '_HLS_skip=NO',
    ]) {
      const response = await fixture.fetch(`/live/refused/opus.m3u8?${query}`)
      expect([query, response.status]).toEqual([query, 400])
      expect(response.headers.get('content-type')).toBe('application/problem+json')
      expect(response.headers.get('cache-control')).toBe('no-store')
    }
  })

  test('that waits in vain is told to come again after three target durations at most', async () => {
    await space('in-vain', 30)
    const startedAt = performance.now()
    const [playlist, part] = await Promise.all([
      fixture.fetch('/live/in-vain/opus.m3u8?_HLS_msn=3&_HLS_part=0'),
      fixture.fetch('/live/in-vain/part/3.0.m4s'),
    ])
    expect([playlist.status, part.status]).toEqual([503, 503])
    expect(playlist.headers.get('retry-after')).toBe('2')
    expect(performance.now() - startedAt).toBeLessThan(9_000)
  })

  test('shares one printed body with all who wait for the same, and needs room to be held', async () => {
    const facts = await space('shared', 30)
    const printed = await metric('mimbar_edge_hls_playlists_printed_total')
    const uri = '/live/shared/opus.m3u8?_HLS_msn=3&_HLS_part=0'
    const held = Array.from({ length: HELD_MAX }, () => textOf(uri))
    await until('the room is full', async () => (await metric('mimbar_edge_hls_held')) === HELD_MAX)
    const refused = await fixture.fetch(uri)
    expect(refused.status).toBe(503)
    expect(refused.headers.get('retry-after')).toBe('2')
    await fixture.append(facts, 30, 32)
    expect(new Set(await Promise.all(held)).size).toBe(1)
    expect(await metric('mimbar_edge_hls_held')).toBe(0)
    // The one that they waited with, and the one that they waited for.
    expect((await metric('mimbar_edge_hls_playlists_printed_total')) - printed).toBeLessThanOrEqual(1)
  })

  test('is let go with the last line when the program ends, and then ignores what it is asked for', async () => {
    const start = Math.floor(80_000 / 200) - 40
    const facts = await fixture.liveSpace('ending', { programStart: sequence(start) })
    await fixture.append(facts, start, start + 25)
    await until('it is listed', async () => (await fixture.fetch('/live/ending/opus.m3u8')).ok)
    const before = await textOf('/live/ending/opus.m3u8')
    const msn = Math.floor((start + 25) / 10)
    const held = textOf(`/live/ending/opus.m3u8?_HLS_msn=${msn + 1}`)
    await until('it is held', async () => (await metric('mimbar_edge_hls_held')) === 1)
    await fixture.space('ending', { phase: 'ended', programEnd: sequence(start + 33) })
    await fixture.append(facts, start + 25, start + 33)
    const ended = await held
    expect(ended).toEndWith('#EXT-X-ENDLIST\n')
    expect(lintPlaylist(ended, 'live')).toEqual([])
    expect(lintReload(before, ended)).toEqual([])
    expect(await textOf(`/live/ending/opus.m3u8?_HLS_msn=${msn + 99}&_HLS_skip=YES`)).toBe(ended)
  })

  test('is told to come again when its edge stops, and never given an older playlist', async () => {
    await space('stopping', 30)
    const edge = await fixture.startEdge()
    const url = fixture.url('/live/stopping/opus.m3u8', edge)
    expect((await fetch(url)).status).toBe(200)
    const held = fetch(`${url}?_HLS_msn=3&_HLS_part=0`)
    await until('it is held', async () =>
      /hls_held 1$/m.test(await (await fetch(fixture.url('/metrics', edge))).text()),
    )
    const stopped = edge.stop()
    expect((await held).status).toBe(503)
    await stopped
  })

  test('makes its player count as a listener', async () => {
    const facts = await space('counted-held', 30)
    const held = fixture.fetch('/live/counted-held/opus.m3u8?_HLS_msn=3&_HLS_part=0', {
      headers: { 'User-Agent': 'another player' },
    })
    await until('it is held', async () => (await metric('mimbar_edge_hls_held')) === 1)
    const reports = fixture.engine.feed.subscribe('edge/', AbortSignal.timeout(5_000))
    let counted: unknown
    // Who looked at the playlist once, above, is not a listener.
    for await (const { value } of reports) {
      counted = (value as { listeners: Record<string, number> }).listeners['counted-held']
      if (counted === 1) break
    }
    expect(counted).toBe(1)
    await fixture.append(facts, 30, 32)
    expect((await held).status).toBe(200)
  })
})

describe('a delta update', () => {
  test('stands for the whole, with either word for it, and is the same for everyone', async () => {
    const facts = await space('delta', 120)
    const before = await textOf('/live/delta/opus.m3u8')
    await fixture.append(facts, 120, 122)
    const query = '_HLS_msn=12&_HLS_part=0'
    const whole = await textOf(`/live/delta/opus.m3u8?${query}`)
    const delta = await textOf(`/live/delta/opus.m3u8?${query}&_HLS_skip=YES`)
    expect(delta).toContain('#EXT-X-SKIP:SKIPPED-SEGMENTS=2')
    expect(lintPlaylist(delta, 'live')).toEqual([])
    expect(expandDelta(before, delta)).toBe(whole)
    expect(await textOf(`/live/delta/opus.m3u8?${query}&_HLS_skip=v2`)).toBe(delta)
  })
})

describe('parts', () => {
  test('are the log’s bytes, two parts each, and may be kept for ever under their versioned address', async () => {
    const facts = await space('bytes', 58)
    const playlist = await textOf('/live/bytes/opus.m3u8')
    const uris = partUris(playlist)
    expect(uris.length).toBeGreaterThanOrEqual(9)
    for (const uri of uris) {
      const [, segment, index] = /part\/(\d+)\.(\d)/.exec(uri) as unknown as [string, string, string]
      const from = Number(segment) * 10 + Number(index) * 2
      const response = await fixture.fetch(`/live/bytes/${uri}`)
      expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, s-maxage=600, immutable')
      expect(response.headers.get('content-type')).toBe('audio/mp4')
      const bytes = Buffer.from(await response.arrayBuffer())
      expect(bytes.equals(fixture.mp4(facts, from, from + 2))).toBe(true)
    }
  })

  test('that are hinted at may be asked for before they are there', async () => {
    const facts = await space('hinted', 30)
    const hint = hintOf(await textOf('/live/hinted/opus.m3u8'))
    const held = fixture.fetch(`/live/hinted/${hint}`)
    await until('it is held', async () => (await metric('mimbar_edge_hls_held')) === 1)
    await fixture.append(facts, 30, 32)
    const response = await held
    expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, s-maxage=600, immutable')
    expect(Buffer.from(await response.arrayBuffer()).equals(fixture.mp4(facts, 30, 32))).toBe(true)
    expect(partUris(await textOf('/live/hinted/opus.m3u8?_HLS_msn=3&_HLS_part=0')).at(-1)).toBe(hint)
  })

  test('that lack one of theirs are gaps; a hint that another writer overtook is not found', async () => {
    const facts = await space('gaps', 30)
    const hint = hintOf(await textOf('/live/gaps/opus.m3u8'))
    const held = fixture.fetch(`/live/gaps/${hint}`)
    await until('it is held', async () => (await metric('mimbar_edge_hls_held')) === 1)
    await fixture.append(facts, 30, 32, { by: 2, gap: 'takeover' })
    const overtaken = await held
    expect(overtaken.status).toBe(404)
    expect(overtaken.headers.get('cache-control')).toBe('public, max-age=1')
    await fixture.append(facts, 33, 40, { by: 2, gap: 'stalled' })
    const playlist = await textOf('/live/gaps/opus.m3u8?_HLS_msn=3')
    expect(lintPlaylist(playlist, 'live')).toEqual([])
    const gap = /#EXT-X-PART:DURATION=0.400,URI="(part\/3\.1\.m4s[^"]*)",GAP=YES/.exec(playlist)?.[1]
    expect((await fixture.fetch(`/live/gaps/${gap}`)).status).toBe(404)
    expect((await fixture.fetch(`/live/gaps/${partUris(playlist).at(-1)}`)).status).toBe(200)
  })

  test('that nobody hinted at, or of another broadcast, are not found; others are no address', async () => {
    await space('strangers', 30)
    for (const [path, status] of [
      ['part/3.2.m4s', 404],
      ['part/3.0.m4s?v=abc.1', 404],
      ['part/2.1.m4s?v=abc.1', 404],
      ['part/2.5.m4s', 400],
      ['part/2.m4s', 400],
    ] as const) {
      expect([path, (await fixture.fetch(`/live/strangers/${path}`)).status]).toEqual([path, status])
    }
  })
})

describe('under pressure', () => {
  test('sessions that begin are led to playlists without parts, and no session changes its kind', async () => {
    await space('pressed', 30)
    const withParts = await textOf('/live/pressed/opus.m3u8')
    listsParts = false
    try {
      const multivariant = await textOf('/live/pressed/index.m3u8')
      expect(lintMultivariant(multivariant)).toEqual([])
      const [uri] = variantUris(multivariant)
      expect(uri).toBe('opus.m3u8?parts=0')
      const plain = await textOf(`/live/pressed/${uri}`)
      expect(plain).not.toMatch(/PART|SERVER-CONTROL|PRELOAD|REPORT/)
      expect(lintPlaylist(plain, 'live')).toEqual([])
      expect(await textOf(`/live/pressed/${uri}&_HLS_skip=YES`)).toBe(plain)
      expect(await textOf('/live/pressed/opus.m3u8')).toBe(withParts)
      expect(await textOf('/live/pressed/opus.m3u8?_HLS_msn=2&_HLS_part=4')).toBe(withParts)
      listsParts = true
      expect(await textOf(`/live/pressed/${uri}`)).toBe(plain)
      expect(variantUris(await textOf('/live/pressed/index.m3u8'))[0]).toBe('opus.m3u8')
      expect((await fixture.fetch('/live/pressed/opus.m3u8?parts=1')).status).toBe(400)
    } finally {
      listsParts = true
    }
  })
})
