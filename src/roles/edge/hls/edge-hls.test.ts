import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { EdgeFixture } from '../../../../test/harness/edge-fixture.ts'
import { until } from '../../../../test/harness/until.ts'
import { sequence } from '../../../base/units.ts'
import { lintPlaylist } from '../../../media/hls/lint.ts'
import { lintReload } from '../../../media/hls/lint-reload.ts'

let fixture: EdgeFixture
beforeAll(async () => {
  fixture = await EdgeFixture.start()
})
afterAll(() => fixture.stop())

const playlistOf = async (path: string): Promise<string> => {
  const response = await fixture.fetch(path)
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toBe('application/vnd.apple.mpegurl')
  expect(response.headers.get('access-control-allow-origin')).toBe('*')
  return response.text()
}

const segmentUris = (playlist: string): string[] => [...playlist.matchAll(/^seg\/.*$/gm)].map(([uri]) => uri)
const numbers = (playlist: string): number[] =>
  segmentUris(playlist).map((uri) => Number(/seg\/(\d+)/.exec(uri)?.[1]))

const bytesOf = async (path: string): Promise<Buffer> => {
  const response = await fixture.fetch(path)
  expect(response.status).toBe(200)
  return Buffer.from(await response.arrayBuffer())
}

describe('the live playlist', () => {
  test('is a window of complete segments that every reload only slides', async () => {
    const facts = await fixture.liveSpace('window', { programStart: sequence(3) })
    await fixture.append(facts, 3, 40)
    let before: string | undefined
    for (let next = 40; next < 190; next += 15) {
      await fixture.append(facts, next, next + 15)
      const last = Math.floor((next + 15) / 10) - 1
      let playlist = ''
      await until(`segment ${last}`, async () => {
        playlist = await playlistOf('/live/window/opus.m3u8')
        return numbers(playlist).at(-1) === last
      })
      expect(lintPlaylist(playlist, 'live')).toEqual([])
      if (before !== undefined) expect(lintReload(before, playlist)).toEqual([])
      if (next > 100) expect(numbers(playlist).length).toBeGreaterThanOrEqual(6)
      before = playlist
    }
  })

  test('lists a hole as a gap, and goes on after it', async () => {
    const facts = await fixture.liveSpace('holes')
    await fixture.append(facts, 0, 24)
    await fixture.append(facts, 41, 60, { by: 2, gap: 'unclean-stop' })
    let playlist = ''
    await until('segment 5', async () => {
      playlist = await playlistOf('/live/holes/opus.m3u8')
      return numbers(playlist).at(-1) === 5
    })
    expect(lintPlaylist(playlist, 'live')).toEqual([])
    expect(playlist.match(/#EXT-X-GAP/g)?.length).toBe(1)
    const bytes = await bytesOf(`/live/holes/${segmentUris(playlist)[2]}`)
    expect(bytes.equals(fixture.mp4(facts, 20, 24))).toBe(true)
    expect((await fixture.fetch(`/live/holes/${segmentUris(playlist)[3]}`)).status).toBe(404)
  })

  test('gains ENDLIST at the end, and a short last segment', async () => {
    const start = Math.floor(80_000 / 200) - 60
    const facts = await fixture.liveSpace('finished', { programStart: sequence(start) })
    await fixture.append(facts, start, start + 30)
    await playlistOf('/live/finished/opus.m3u8')
    const end = start + 36
    await fixture.space('finished', { phase: 'ended', programEnd: sequence(end) })
    await fixture.append(facts, start + 30, end)
    let playlist = ''
    await until('the end', async () => {
      playlist = await playlistOf('/live/finished/opus.m3u8')
      return playlist.includes('#EXT-X-ENDLIST')
    })
    expect(lintPlaylist(playlist, 'live')).toEqual([])
    const last = segmentUris(playlist).at(-1) as string
    expect(
      (await bytesOf(`/live/finished/${last}`)).equals(
        fixture.mp4(facts, Math.floor((end - 1) / 10) * 10, end),
      ),
    ).toBe(true)
  })

  test('a space that is not on air yet is asked for again in a moment', async () => {
    await fixture.space('not-yet', { phase: 'lobby' })
    const response = await fixture.fetch('/live/not-yet/opus.m3u8')
    expect(response.status).toBe(503)
    expect(response.headers.get('retry-after')).toBe('2')
  })

  test('a minute after the end it leads to the replay', async () => {
    await fixture.space('long-gone', { phase: 'ended', programEnd: sequence(10) })
    const response = await fixture.fetch('/live/long-gone/opus.m3u8')
    expect(response.status).toBe(410)
    expect(((await response.json()) as { detail: string }).detail).toContain('/replay/long-gone/index.m3u8')
  })

  test('its players count as listeners', async () => {
    const facts = await fixture.liveSpace('counted')
    await fixture.append(facts, 0, 20)
    await playlistOf('/live/counted/opus.m3u8')
    await playlistOf('/live/counted/opus.m3u8')
    const reports = fixture.engine.feed.subscribe('edge/', AbortSignal.timeout(5_000))
    let counted: unknown
    for await (const { value } of reports) {
      counted = (value as { listeners: Record<string, number> }).listeners.counted
      if (counted !== undefined) break
    }
    expect(counted).toBe(1)
  })
})

describe('segments', () => {
  test('are the log’s bytes laid end to end, and may be kept for ever under their versioned address', async () => {
    const facts = await fixture.liveSpace('bytes')
    await fixture.append(facts, 0, 45)
    const playlist = await playlistOf('/live/bytes/opus.m3u8')
    for (const [i, uri] of segmentUris(playlist).entries()) {
      const response = await fixture.fetch(`/live/bytes/${uri}`)
      const bytes = Buffer.from(await response.arrayBuffer())
      expect(bytes.equals(fixture.mp4(facts, 10 * i, 10 * i + 10))).toBe(true)
      expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, s-maxage=600, immutable')
      const again = await fixture.fetch(`/live/bytes/${uri}`, {
        headers: { 'If-None-Match': response.headers.get('etag') as string },
      })
      expect(again.status).toBe(304)
    }
    const map = /#EXT-X-MAP:URI="([^"]+)"/.exec(playlist)?.[1] as string
    const header = (await fixture.engine.log.head(facts.id)).tracks.find(({ id }) => id === 'opus.mp4')
    expect((await bytesOf(`/live/bytes/${map}`)).equals(Buffer.from(header?.header as Uint8Array))).toBe(true)
  })

  test('an address without its version is kept for seconds only, and another life’s version is not found', async () => {
    const facts = await fixture.liveSpace('versions')
    await fixture.append(facts, 0, 20)
    const response = await fixture.fetch('/live/versions/seg/0.m4s')
    expect(response.headers.get('cache-control')).toBe('public, max-age=10')
    expect((await fixture.fetch('/live/versions/seg/0.m4s?v=abc.1')).status).toBe(404)
    expect((await fixture.fetch('/live/versions/init.mp4?v=abc')).status).toBe(404)
  })

  test('an incomplete one is not there yet, and caches forget that within a second', async () => {
    const facts = await fixture.liveSpace('partial')
    await fixture.append(facts, 0, 15)
    await playlistOf('/live/partial/opus.m3u8')
    const response = await fixture.fetch('/live/partial/seg/1.m4s')
    expect(response.status).toBe(404)
    expect(response.headers.get('cache-control')).toBe('public, max-age=1')
    await fixture.append(facts, 15, 20)
    await until('it is there', async () => (await fixture.fetch('/live/partial/seg/1.m4s')).ok)
  })

  test('those that left memory come from the log’s ring', async () => {
    const facts = await fixture.liveSpace('ring')
    await fixture.append(facts, 0, 320)
    expect((await bytesOf('/live/ring/seg/2.m4s')).equals(fixture.mp4(facts, 20, 30))).toBe(true)
  })
})

describe('the replay', () => {
  test('grows while the program is live, and is byte for byte what was on air', async () => {
    const facts = await fixture.liveSpace('story', { programStart: sequence(7) })
    await fixture.append(facts, 0, 45)
    const live = await playlistOf('/replay/story/index.m3u8')
    expect(lintPlaylist(live, 'replay')).toEqual([])
    expect(numbers(live)).toEqual([0, 1, 2, 3])
    await fixture.append(facts, 60, 93, { by: 2, gap: 'takeover' })
    await fixture.space('story', { phase: 'ended', programEnd: sequence(87) })
    const ended = await playlistOf('/replay/story/index.m3u8')
    expect(lintPlaylist(ended, 'replay')).toEqual([])
    expect(lintReload(live, ended)).toEqual([])
    expect(ended).toContain('#EXT-X-ENDLIST')
    expect(numbers(ended)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8])
    const pieces: Buffer[] = []
    for (const [i, uri] of segmentUris(ended).entries()) {
      if (i !== 5) pieces.push(await bytesOf(`/replay/story/${uri}`))
    }
    expect(Buffer.concat(pieces).equals(fixture.mp4(facts, 7, 87))).toBe(true)
    expect((await fixture.fetch(`/replay/story/${segmentUris(ended)[5]}`)).status).toBe(404)
    expect((await fixture.fetch('/replay/story/seg/9.m4s')).status).toBe(404)
  })

  test('can be downloaded as one file, which starts at zero', async () => {
    const facts = await fixture.liveSpace('file', { programStart: sequence(5) })
    await fixture.append(facts, 0, 30)
    expect((await fixture.fetch('/replay/file/recording.mp4')).status).toBe(409)
    await fixture.space('file', { phase: 'ended', programEnd: sequence(25) })
    for (const [track, magic] of [
      ['mp4', 'ftyp'],
      ['ogg', 'OggS'],
    ] as const) {
      const response = await fixture.fetch(`/replay/file/recording.${track}`)
      expect(response.status).toBe(200)
      expect(response.headers.get('content-disposition')).toContain(`file.${track}`)
      const bytes = Buffer.from(await response.arrayBuffer())
      expect(bytes.subarray(0, 8).includes(magic)).toBe(true)
      const path = `${fixture.folder}/recording.${track}`
      await Bun.write(path, bytes)
      const probe = Bun.spawn(
        ['ffprobe', '-v', 'error', '-of', 'csv=p=0', '-show_entries', 'packet=pts_time', path],
        { stdout: 'pipe', stderr: 'pipe' },
      )
      const times = (await new Response(probe.stdout).text()).match(/^-?[\d.]+/gm)?.map(Number) ?? []
      expect(await new Response(probe.stderr).text()).toBe('')
      expect(times.length).toBe(200)
      expect(Math.abs(times[0] as number)).toBeLessThan(0.01)
    }
  })

  test('of a program that was not recorded is gone; of one that has not begun, not found', async () => {
    await fixture.space('unrecorded', { recorded: false })
    expect((await fixture.fetch('/replay/unrecorded/index.m3u8')).status).toBe(410)
    const { programStart: _, ...rest } = await fixture.space('unborn', { phase: 'scheduled' })
    const revision = (await fixture.engine.roster.get('space/unborn'))?.revision ?? 0
    await fixture.engine.roster.put('space/unborn', rest, revision)
    await until('it is unborn', async () => (await fixture.fetch('/replay/unborn/index.m3u8')).status === 404)
  })

  test('whose log was removed is gone', async () => {
    await fixture.space('removed', { phase: 'ended', programEnd: sequence(10) })
    expect((await fixture.fetch('/replay/removed/index.m3u8')).status).toBe(410)
  })
})
