// One person on stage in a real Chromium, behind a bad network, who falls off it again and again: reload, a silent cut,
// Wi-Fi to mobile, the death of the stage. For each fall: when packets of that seat were decoded again after the
// network was back, and what everybody else saw meanwhile. Mimbar, the relay and the one who watches run in the node's
// namespace, the browser in the person's.

import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import type { StageView } from '../../src/core/api/api.ts'
import { FrontDoor } from '../../src/rehearsal/front-door.ts'
import { watchStage } from '../../src/rehearsal/stage-views.ts'
import { browserFlags, CHROMIUM } from '../harness/browser.ts'
import { goOnAir } from '../harness/on-air.ts'
import { type RunningMimbar, startMimbar } from '../harness/running-mimbar.ts'
import { seeded } from '../harness/seeded.ts'
import { toneWav } from '../harness/tone-wav.ts'
import { type Impairment, UdpRelay } from '../harness/udp-relay.ts'
import { until } from '../harness/until.ts'
import {
  cut,
  goBy,
  lose,
  MIMBAR_ADDRESS,
  mend,
  openTwoPaths,
  RELAY_ADDRESS,
  type TwoPaths,
  unansweredConnects,
  type Way,
} from './two-paths.ts'

/** What happens to the person. */
export type Fall = 'reload' | 'cut' | 'address' | 'stage'
export const FALLS: readonly Fall[] = ['reload', 'cut', 'address', 'stage']

export interface RecoveryScene {
  readonly falls: readonly { readonly fall: Fall; readonly muted: boolean }[]
  /** A cut lasts from here … to here, evenly spread: how long decides where in its retries the page is. */
  readonly cutMsMin: number
  readonly cutMsMax: number
  /** Between the end of one way and the beginning of the other. */
  readonly betweenWaysMs: number
  readonly impairment: Impairment
  readonly seed: number
}

/** One fall, as those saw it who were not hit by it. */
export interface Recovery {
  readonly fall: Fall
  readonly muted: boolean
  /** From "the network is back" (of a reload or a killed stage: from the fall itself) to sound of that seat, decoded. */
  readonly heardAfterMs: number | undefined
  /** To the page saying so. Absent when it never had to say anything else. */
  readonly saidAfterMs: number | undefined
  /** At the end of a cut: connections to the door that the browser still waits for; Chromium allows itself six. */
  readonly unansweredConnects: number | undefined
  readonly sameSeat: boolean
  readonly muteKept: boolean
  /** Views in which the seat was missing: a leaving and joining. */
  readonly seenLeaving: number
  /** What the stage told the others of the connection, in order. */
  readonly seen: readonly string[]
  /** What the page itself said, in order, with ms after "back". */
  readonly said: readonly string[]
}

/** A tone at the stage is far above, silence far below. */
const HEARD_DBOV = -55
const SETTLED_WITHIN_MS = 45_000
const BACK_WITHIN_MS = 30_000
/** A muted seat makes no sound by which to see that it was away: it must be there at the end of this. */
const MUTED_LOOK_MS = 4_000
/** For a stage that was just started to read the roster and follow the log. */
const STANDBY_START_MS = 3_000

interface Ends {
  readonly scene: RecoveryScene
  readonly names: TwoPaths['names']
}

/** Plays the scene; needs root. `told` is called after each fall. Everything is gone when it resolves. */
export async function playRecoveryScene(
  scene: RecoveryScene,
  told: (recovery: Recovery) => void = () => {},
): Promise<readonly Recovery[]> {
  const paths = openTwoPaths()
  const recoveries: Recovery[] = []
  try {
    const ends: Ends = { scene, names: paths.names }
    const script = fileURLToPath(import.meta.url)
    const child = Bun.spawn([...paths.inNode, process.execPath, script, JSON.stringify(ends)], {
      stdout: 'inherit',
      stderr: 'inherit',
      stdin: 'ignore',
      ipc: (message) => {
        recoveries.push(message as Recovery)
        told(message as Recovery)
      },
    })
    if ((await child.exited) !== 0) throw new Error(`the scene failed after ${recoveries.length} falls`)
    return recoveries
  } finally {
    paths.close()
  }
}

/** The node's end, and the browser's strings. */
class Play {
  readonly #ends: Ends
  readonly #mimbar: RunningMimbar
  readonly #page: Page
  readonly #watch: Watch
  readonly #link: string
  readonly #random: () => number
  #way: Way = 'wifi'
  #unansweredConnects: number | undefined

  constructor(ends: Ends, mimbar: RunningMimbar, page: Page, watch: Watch, link: string) {
    this.#ends = ends
    this.#random = seeded(ends.scene.seed)
    this.#mimbar = mimbar
    this.#page = page
    this.#watch = watch
    this.#link = link
  }

  /** Comes on stage through the green room. */
  async join(): Promise<void> {
    const page = this.#page
    await page.goto(this.#link.replace('/stage#', '/stage?raw=1#'))
    await page.fill('#name', 'Budi')
    await page.click('#microphone-on')
    if (await page.locator('#consent').isVisible()) await page.check('#consent')
    await page.click('#join')
    await page.waitForSelector('html[data-state="on-stage"]')
    this.#watch.seat = (await page.getAttribute('html', 'data-seat')) as string
  }

  async fall({ fall, muted }: RecoveryScene['falls'][number]): Promise<Recovery> {
    const page = this.#page
    await page.waitForSelector('html[data-state="on-stage"]')
    const is = await page.getAttribute('#mute', 'data-microphone')
    if ((is === 'muted') !== muted) await page.click('#mute')
    const sounds = (): boolean => this.#watch.isHeard !== muted && this.#watch.isMuted === muted
    await until(`the stage is settled before ${fall}`, sounds, SETTLED_WITHIN_MS)
    if (fall === 'stage') await this.#standbyReady()
    const seat = this.#watch.seat
    this.#watch.begin()
    this.#unansweredConnects = undefined
    const backAt = await this.#doTo(fall)
    const heardAt = muted ? undefined : await this.#heardAgain(backAt)
    if (muted) await Bun.sleep(MUTED_LOOK_MS)
    await page.waitForSelector('html[data-state="on-stage"]', { timeout: BACK_WITHIN_MS })
    await until(`the stage sees the seat after ${fall}`, () => this.#watch.isConnected, BACK_WITHIN_MS)
    const said = await page.evaluate<{ state: string; at: number }[]>('window.saidStates')
    const after = said.filter(({ at }) => at >= backAt)
    const saidAt = after.findLast(({ state }) => state === 'on-stage')?.at
    return {
      fall,
      muted,
      heardAfterMs: heardAt === undefined ? undefined : heardAt - backAt,
      saidAfterMs: saidAt === undefined ? undefined : Math.max(0, Math.round(saidAt - backAt)),
      unansweredConnects: this.#unansweredConnects,
      sameSeat: (await page.getAttribute('html', 'data-seat')) === seat,
      muteKept:
        ((await page.getAttribute('#mute', 'data-microphone')) === 'muted') === muted &&
        this.#watch.isMuted === muted &&
        !(muted && this.#watch.wasHeard),
      seenLeaving: this.#watch.missing,
      seen: this.#watch.seen,
      said: after.map(({ state, at }) => `${state} ${Math.round(at - backAt)}`),
    }
  }

  /** A stage that was killed before is there again, and has had time to stand by. */
  async #standbyReady(): Promise<void> {
    const both = () => {
      const pids = this.#mimbar.rolePids()
      return pids.has('stage-0') && pids.has('stage-1')
    }
    await until('both stages run', both, SETTLED_WITHIN_MS)
    await Bun.sleep(STANDBY_START_MS)
  }

  /** Answers when the network was back, in Unix ms. */
  async #doTo(fall: Fall): Promise<number> {
    const { scene, names } = this.#ends
    switch (fall) {
      case 'reload': {
        const at = Date.now()
        await this.#page.reload({ waitUntil: 'commit' })
        return at
      }
      case 'cut': {
        cut(names)
        await Bun.sleep(scene.cutMsMin + this.#random() * (scene.cutMsMax - scene.cutMsMin))
        this.#unansweredConnects = unansweredConnects(names.person)
        mend(names)
        return Date.now()
      }
      case 'address': {
        lose(names.person, this.#way)
        await Bun.sleep(scene.betweenWaysMs)
        this.#way = this.#way === 'wifi' ? 'mobile' : 'wifi'
        goBy(names.person, this.#way)
        return Date.now()
      }
      case 'stage': {
        const pid = this.#mimbar.rolePids().get(this.#watch.stage)
        if (pid === undefined) throw new Error(`${this.#watch.stage} does not run`)
        process.kill(pid, 'SIGKILL')
        return Date.now()
      }
    }
  }

  /** The first view after a silence in which the stage hears this seat. */
  async #heardAgain(backAt: number): Promise<number | undefined> {
    await until('the seat falls silent', () => this.#watch.hasFallenSilent, BACK_WITHIN_MS)
    const heardAt = await until('the seat is heard again', () => this.#watch.heardAgainAt, BACK_WITHIN_MS)
    return Math.max(backAt, heardAt)
  }
}

/** What another person on stage is told of the seat. */
class Watch {
  seat = ''
  stage = ''
  #seen: string[] = []
  #missing = 0
  #current: StageView['seats'][number] | undefined
  #silentAt: number | undefined
  #heardAgainAt: number | undefined
  #wasHeard = false

  see(view: StageView): void {
    this.stage = view.stage?.id ?? this.stage
    const mine = view.seats.find(({ id }) => id === this.seat)
    if (this.seat !== '' && mine === undefined) this.#missing += 1
    this.#current = mine
    const word = mine === undefined ? 'missing' : (mine.observed?.connection ?? 'unseen')
    if (word !== this.#seen.at(-1)) this.#seen.push(word)
    if (this.isHeard) {
      this.#wasHeard = true
      if (this.#silentAt !== undefined) this.#heardAgainAt ??= Date.now()
    } else this.#silentAt ??= Date.now()
  }

  begin(): void {
    this.#seen = []
    this.#missing = 0
    this.#silentAt = undefined
    this.#heardAgainAt = undefined
    this.#wasHeard = false
  }

  get isConnected(): boolean {
    return this.#current?.observed?.connection === 'connected'
  }
  get isHeard(): boolean {
    return this.isConnected && (this.#current?.observed?.level ?? -127) > HEARD_DBOV
  }
  get isMuted(): boolean {
    return this.#current?.muted === true && this.#current.observed?.muted === true
  }
  get hasFallenSilent(): boolean {
    return this.#silentAt !== undefined
  }
  get heardAgainAt(): number | undefined {
    return this.#heardAgainAt
  }
  get wasHeard(): boolean {
    return this.#wasHeard
  }
  get missing(): number {
    return this.#missing
  }
  get seen(): readonly string[] {
    return [...this.#seen]
  }
}

async function play(ends: Ends): Promise<void> {
  const { scene, names } = ends
  const folder = mkdtempSync(join(tmpdir(), 'mimbar-recovery-'))
  const stopping = new AbortController()
  const udpPort = 20_000 + Math.floor(Math.random() * 10_000)
  const relays = await Promise.all(
    [udpPort, udpPort + 1].map((port, index) =>
      UdpRelay.open({
        address: RELAY_ADDRESS,
        port,
        targetAddress: MIMBAR_ADDRESS,
        seed: scene.seed + index,
        impairment: scene.impairment,
      }),
    ),
  )
  const flags = ['--announced-address', RELAY_ADDRESS, '--stage-udp-port', String(udpPort)]
  const mimbar = await startMimbar({ address: MIMBAR_ADDRESS, flags })
  let browser: Browser | undefined
  try {
    const air = await goOnAir(mimbar, { id: 'recovery', recorded: false })
    const watch = new Watch()
    const seen = (view: StageView) => watch.see(view)
    const door = new FrontDoor(mimbar.studioUrl)
    const watching = watchStage(door, air.id, air.host, seen, stopping.signal)
    browser = await browserOf(names, folder, mimbar.studioUrl)
    const page = await browser.newPage()
    page.setDefaultTimeout(SETTLED_WITHIN_MS)
    await page.addInitScript(KEEP_STATES)
    const person = new Play(ends, mimbar, page, watch, air.links.speaker)
    await person.join()
    for (const fall of scene.falls) process.send?.(await person.fall(fall))
    stopping.abort()
    await watching
    await air.leave()
  } finally {
    stopping.abort()
    await browser?.close()
    await mimbar.stop()
    for (const relay of relays) await relay.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Elsewhere in tests all is on one machine; here a browser that has lost its network should know no other. */
const LOOPBACK_FLAG = '--allow-loopback-in-peer-connection'

/** In the page: everything that `<html data-state>` said, and when, in Unix ms. */
const KEEP_STATES = `
  window.saidStates = []
  new MutationObserver(() => {
    const state = document.documentElement?.dataset.state
    if (state !== window.saidStates.at(-1)?.state) window.saidStates.push({ state, at: Date.now() })
  }).observe(document, { attributes: true, subtree: true, attributeFilter: ['data-state'] })`

/** A browser in the person's namespace, which takes Mimbar's plain address for a secure one. */
async function browserOf(names: TwoPaths['names'], folder: string, origin: string): Promise<Browser> {
  const wav = join(folder, 'tone.wav')
  await Bun.write(wav, toneWav())
  const wrapper = join(folder, 'chromium')
  writeFileSync(wrapper, `#!/bin/sh\nexec ip netns exec ${names.person} ${CHROMIUM} "$@"\n`)
  chmodSync(wrapper, 0o755)
  return await chromium.launch({
    executablePath: wrapper,
    headless: true,
    args: [
      ...browserFlags(wav).filter((flag) => flag !== LOOPBACK_FLAG),
      `--unsafely-treat-insecure-origin-as-secure=${origin}`,
    ],
  })
}

if (import.meta.main) {
  await play(JSON.parse(process.argv[2] as string) as Ends)
  process.exit(0)
}
