// What goes beside the sound on the listening page (the lock screen, reactions, reports, keys), and the faces that pages
// usually forget; from a real edge.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import type { Page } from 'playwright-core'
import { PROBLEMS_PREFIX, type ProblemReports } from '../../src/core/count/problems.ts'
import { PROBLEM_TYPE } from '../../src/core/problem/problem.ts'
import { type EdgeReactions, REACTIONS_PREFIX } from '../../src/core/reaction/reactions.ts'
import { until } from '../harness/until.ts'
import { soundOf, untilSound } from './player/listener-page.ts'
import { ListeningBed } from './player/listening-bed.ts'
import { SPACE, type TonesOnAir } from './player/tones-on-air.ts'

const TEST_MS = 60_000

describe('beside the sound', () => {
  const bed = new ListeningBed()
  const openPage = (query?: string) => bed.openPage(query)
  let onAir: TonesOnAir
  let page: Page

  beforeAll(() => bed.open(), TEST_MS)
  afterAll(() => bed.close(), TEST_MS)
  beforeEach(async () => {
    await bed.begin()
    ;({ onAir, page } = bed)
  }, TEST_MS)
  afterEach(async () => {
    expect(await bed.end()).toEqual([])
  }, TEST_MS)

  /** The first value that an edge tells under `prefix` for which `is` holds. */
  async function told<T>(prefix: string, is: (value: T) => boolean): Promise<T> {
    for await (const { value } of bed.engine.feed.subscribe(prefix, AbortSignal.timeout(20_000))) {
      if (value !== null && is(value as T)) return value as T
    }
    throw new Error(`Nothing was told under ${prefix}.`)
  }

  /** What the page has told the system's media controls; a press there is made with {@link pressSystem}. */
  const systemState = () =>
    page.evaluate<{ state: string; title: string; artist: string; artwork: number }>(`({
      state: navigator.mediaSession.playbackState,
      title: navigator.mediaSession.metadata?.title,
      artist: navigator.mediaSession.metadata?.artist,
      artwork: navigator.mediaSession.metadata?.artwork.length,
    })`)
  const pressSystem = (action: string) => page.evaluate(`globalThis.systemActions['${action}']({})`)
  // Not `waitForFunction`: it would evaluate text inside the page, which the page's policy forbids.
  const untilTrue = (expression: string) =>
    until(expression, () => page.evaluate<boolean>(`Boolean(${expression})`), 20_000)

  test(
    'the lock screen shows who is on stage, and its keys pause, return to live, and stop',
    async () => {
      await page.addInitScript(`
        globalThis.systemActions = {}
        const set = MediaSession.prototype.setActionHandler
        MediaSession.prototype.setActionHandler = function (action, handler) {
          globalThis.systemActions[action] = handler
          return set.call(this, action, handler)
        }
        navigator.share = (shared) => { globalThis.shared = shared; return Promise.resolve() }
      `)
      await onAir.goLive()
      await openPage()
      await page.click('#play')
      await untilSound(page, 'the program', (sound) => sound.page === 'live', 20_000)
      await untilTrue('navigator.mediaSession.metadata?.artwork.length === 1')
      await untilTrue("navigator.mediaSession.metadata.artist === 'Sari'")
      expect(await systemState()).toEqual({
        ...{ state: 'playing', title: 'What the harbour knows', artist: 'Sari', artwork: 1 },
      })
      expect(await page.evaluate('globalThis.systemActions.seekto')).toBeNull()
      await pressSystem('pause')
      await untilTrue("navigator.mediaSession.playbackState === 'paused'")
      expect((await soundOf(page)).page).toBe('paused')
      await Bun.sleep(2_600)
      await pressSystem('play')
      const back = await untilSound(page, 'live again', (sound) => sound.page === 'live', 20_000)
      expect(back.behindMs).toBeLessThan(2_000)
      await page.click('#share-moment')
      const shared = await page.evaluate<{ url: string }>('globalThis.shared')
      expect(shared.url).toMatch(/\/s\/harbour(\?t=\d+)?$/)
      await pressSystem('stop')
      await untilTrue("navigator.mediaSession.playbackState === 'none'")
      expect((await soundOf(page)).page).toBe('ready')
      expect(await page.isVisible('#share-moment')).toBe(false)
    },
    TEST_MS,
  )

  test(
    'a press reacts and a press reports; keys reach volume and mute; what everybody pressed is seen with the sound',
    async () => {
      await onAir.goLive()
      await openPage()
      await page.click('#play')
      await untilSound(page, 'the program', (sound) => sound.page === 'live', 20_000)
      await page.click('#reactions [data-reaction="heart"]')
      await told<EdgeReactions>(`${REACTIONS_PREFIX}${SPACE}/`, ({ totals }) => totals.heart === 1)
      onAir.react({ clap: 40, heart: 1 })
      await page.waitForSelector('#sky .reaction.heart', { state: 'attached', timeout: 20_000 })
      expect(await page.locator('#sky .reaction.clap').count()).toBeLessThanOrEqual(5)
      await page.emulateMedia({ reducedMotion: 'reduce' })
      onAir.react({ laugh: 12 })
      await untilTrue(`document.querySelector('[data-reaction="laugh"] span').textContent === '12'`)

      await page.focus('#play')
      await page.keyboard.press('m')
      await untilTrue(`document.getElementById('sound').muted`)
      await page.keyboard.press('ArrowDown')
      await untilTrue(`Math.abs(document.getElementById('sound').volume - 0.95) < 0.01`)
      await untilTrue(`document.getElementById('volume').ariaValueText === '95 %'`)

      await page.click('#problem')
      await page.waitForSelector('#problem-told dl', { timeout: 20_000 })
      expect(await page.textContent('#problem-told')).toContain('Thank you')
      const { latest } = await told<ProblemReports>(PROBLEMS_PREFIX, ({ latest }) => latest.length > 0)
      expect(latest[0]).toMatchObject({ space: SPACE, track: 'opus.mp4', network: 'unknown' })
      expect(latest[0]?.firstAudioMs).toBeGreaterThan(0)
      expect(latest[0]?.page).toMatch(/^[0-9a-f]{8}$/)
      await page.click('#problem-told button')
      expect(await page.textContent('#problem-told')).toBe('')
    },
    TEST_MS,
  )

  test(
    'a stage that has lost its connection is told from one that is empty',
    async () => {
      await onAir.goLive()
      await openPage()
      await page.click('#play')
      await untilSound(page, 'the program', (sound) => sound.page === 'live', 20_000)
      const startedAtMs = Date.now() - 600_000
      onAir.play({ slate: true, startedAtMs })
      await untilSound(page, 'the stage reconnects', (sound) => sound.page === 'reconnecting', 20_000)
      expect(await page.textContent('#detail')).toContain('Your own connection is fine')
      onAir.play({ slate: true, startedAtMs, seats: [] })
      await untilSound(page, 'the stage is empty', (sound) => sound.page === 'slate', 20_000)
      onAir.play({ startedAtMs })
      await untilSound(page, 'the stage is back', (sound) => sound.page === 'live', 20_000)
    },
    TEST_MS,
  )

  test(
    'who cannot play is told what to do: autoplay refused, no way to play, no script, a space that is gone',
    async () => {
      await onAir.goLive()
      await page.addInitScript(`
        const play = HTMLMediaElement.prototype.play
        let refusals = 1
        HTMLMediaElement.prototype.play = function () {
          if (refusals-- > 0) return Promise.reject(new DOMException('not without a press', 'NotAllowedError'))
          return play.call(this)
        }
      `)
      await openPage()
      await page.click('#play')
      await untilSound(page, 'one more press', (sound) => sound.page === 'refused', 20_000)
      await page.click('#play')
      await untilSound(page, 'the program', (sound) => sound.page === 'live', 20_000)

      page = await bed.newPage()
      await page.addInitScript(`
        delete globalThis.MediaSource
        delete globalThis.ManagedMediaSource
        HTMLMediaElement.prototype.canPlayType = () => ''
        // The page asks how things stand every 20 s.
        const later = setTimeout
        globalThis.setTimeout = (work, ms) => later(work, ms > 10_000 ? 1_000 : ms)
      `)
      await openPage()
      expect((await soundOf(page)).page).toBe('unsupported')
      expect([await page.isVisible('#play'), await page.isVisible('#ways')]).toEqual([false, true])
      await page.click('#problem')
      await told<ProblemReports>(PROBLEMS_PREFIX, ({ latest }) => latest[0]?.state === 'unsupported')
      const gone = Bun.serve({
        unix: bed.controlSocket,
        fetch: () =>
          Response.json({ code: 'not-found' }, { status: 404, headers: { 'Content-Type': PROBLEM_TYPE } }),
      })
      await untilSound(page, 'it is gone', (sound) => sound.page === 'removed', 20_000)
      await gone.stop(true)
      expect([await page.isVisible('#play'), await page.isVisible('#ways')]).toEqual([false, false])

      page = await bed.newPage({ javaScriptEnabled: false })
      await openPage()
      expect(await page.isVisible('a[href="/live/harbour/opus.ogg"].primary')).toBe(true)
      expect([await page.isVisible('#play'), await page.isVisible('#problem')]).toEqual([false, false])
      expect(await page.innerText('.plain')).toContain('This conversation is being recorded.')
    },
    TEST_MS,
  )

  test(
    'a recording that is withheld stops for who hears it and opens for nobody, until it is shown again',
    async () => {
      await onAir.goLive()
      await Bun.sleep(3_000)
      await onAir.end()
      // What plays is asked after every 20 s.
      await page.addInitScript(`
        const later = setTimeout
        globalThis.setTimeout = (work, ms) => later(work, ms > 10_000 ? 1_000 : ms)
      `)
      await openPage()
      // Four seconds that last for a minute, and are fetched at once.
      await page.evaluate(`document.getElementById('sound').defaultPlaybackRate = 1 / 16`)
      let asked = 0
      const press = async (state: string) => {
        await page.click('#play')
        await untilSound(page, state, (sound) => sound.page === state, 20_000)
      }
      await press('replaying')
      await onAir.withhold(true)
      await untilSound(page, 'it is withheld', (sound) => sound.page === 'withheld', 20_000)
      expect(await page.textContent('#detail')).toContain('cannot be heard here')
      expect(await page.evaluate(`document.getElementById('sound').paused`)).toBe(true)
      expect([await page.isVisible('#play'), await page.isVisible('#ways')]).toEqual([false, false])

      await onAir.withhold(false)
      const look = () => page.evaluate(`document.dispatchEvent(new Event('visibilitychange'))`)
      await until('it is shown again', async () => {
        await look()
        return (await soundOf(page)).page === 'ended-replay'
      })
      await press('replaying')
      await press('replay-paused')
      await onAir.withhold(true)
      await press('withheld')

      await onAir.withhold(false)
      await until('a page that is opened anew has it', async () => {
        await openPage()
        return (await soundOf(page)).page === 'ended-replay'
      })
      await onAir.withhold(true)
      // Its first question is lost; that the replay does not come makes it ask again.
      await page.route('**/replay/**', (route) => {
        const isFirst = route.request().method() === 'HEAD' && asked++ === 0
        return isFirst ? route.abort() : route.continue()
      })
      await press('withheld')
      expect(asked).toBeGreaterThan(1)

      page = await bed.newPage({ javaScriptEnabled: false })
      await openPage()
      expect(await page.innerText('.plain')).toContain(
        'It was recorded, and the recording cannot be heard here.',
      )
      expect(await page.locator('.plain a').count()).toBe(0)
    },
    TEST_MS,
  )
})
