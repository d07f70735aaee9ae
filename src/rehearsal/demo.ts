// The space `demo`: two recorded voices in conversation, so that a newcomer hears something at once. They come in by
// the studio door with links that the operator makes, as people would; this process only holds the operator's
// token of its machine. Any role may die and come back: the speakers return to their seats by themselves, and the
// seats are remembered beside the token, so that a new demo process sits down in the old chairs.

import { readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type BackoffOptions, backoffDelay } from '../base/backoff.ts'
import { hasCode, MimbarError } from '../base/errors.ts'
import { parseSeatId, parseSpaceId } from '../base/ids.ts'
import type { Running } from '../base/lifetime.ts'
import { announce } from '../host/announce.ts'
import { FrontDoor, type HeldSeat } from './front-door.ts'
import { type SyntheticSpeaker, startSyntheticSpeaker } from './speaker.ts'
import { loadVoice } from './voice.ts'
import type { DemoVoice } from './voices/conversation.ts'

export interface DemoOptions {
  /** The studio door of this node, such as `http://localhost:8081`. */
  readonly studioUrl: string
  /** Its origin as browsers know it, such as `https://studio.example.org:8081`. */
  readonly studioOrigin: string
  /** File with the token that makes its reader the operator; read anew for every attempt. */
  readonly tokenFile: string
  /** `announce` by default. */
  readonly log?: (line: string) => void
}

export const DEMO_SPACE = parseSpaceId('demo')
const TITLE = 'Ana and Budi on a mimbar'
const CAST: readonly {
  readonly voice: DemoVoice
  readonly name: string
  readonly link: 'host' | 'speaker'
}[] = [
  { voice: 'ana', name: 'Ana', link: 'host' },
  { voice: 'budi', name: 'Budi', link: 'speaker' },
]
/** Quick at first, as control starts beside us; a door that stays closed is tried every few seconds. */
const RETRY: BackoffOptions = { firstMs: 100, factor: 1.5, maxMs: 3_000 }
const SEATS_FILE = 'demo-seats.json'

type Seats = Partial<Record<DemoVoice, HeldSeat>>

/** Starts the demo and returns at once; it goes on by itself until stopped. */
export async function startDemo(options: DemoOptions): Promise<Running> {
  const stopping = new AbortController()
  const demo = runDemo(options, stopping.signal)
  return {
    stop: async () => {
      stopping.abort()
      await demo
    },
  }
}

async function runDemo(options: DemoOptions, signal: AbortSignal): Promise<void> {
  const { studioUrl, studioOrigin, log = announce } = options
  const door = new FrontDoor(studioUrl, studioOrigin)
  const seats = await untilAnswered(() => takeSeats(door, options), signal, log)
  if (seats === undefined) return
  const speakers = await Promise.all(CAST.map((member) => talk(member, seats, options, signal)))
  await untilAnswered(() => goLive(door, seats.ana as HeldSeat), signal, log)
  await aborted(signal)
  await Promise.all(speakers.map((speaker) => speaker?.stop()))
}

/** Seats Ana and Budi: in the chairs they had, or by links made for them. */
async function takeSeats(door: FrontDoor, { tokenFile }: DemoOptions): Promise<Seats> {
  const token = (await readFile(tokenFile, 'utf8')).trim()
  await door.createSpace({ id: DEMO_SPACE, title: TITLE, recorded: false }, token).catch(ignoreConflict)
  const seatsFile = join(dirname(tokenFile), SEATS_FILE)
  const remembered = await readSeats(seatsFile)
  const seats: Seats = {}
  for (const { voice, name, link } of CAST) {
    const before = remembered[voice]
    if (before !== undefined && (await door.holdsSeat(DEMO_SPACE, before))) seats[voice] = before
    else seats[voice] = await door.takeSeat(DEMO_SPACE, await door.renewLink(DEMO_SPACE, link, token), name)
    await writeFile(seatsFile, JSON.stringify({ ...remembered, ...seats }), { mode: 0o600 })
  }
  return seats
}

/** Undefined when the seat was taken away, or the demo ended, before a word was said. */
async function talk(
  { voice, name }: (typeof CAST)[number],
  seats: Seats,
  { studioUrl, log = announce }: DemoOptions,
  signal: AbortSignal,
): Promise<SyntheticSpeaker | undefined> {
  const recording = await loadVoice(new URL(`./voices/${voice}.opus`, import.meta.url))
  const entry = { held: seats[voice] as HeldSeat }
  try {
    return await startSyntheticSpeaker({
      studioUrl,
      space: DEMO_SPACE,
      name,
      voice: recording,
      entry,
      signal,
      log,
    })
  } catch {
    // The speaker has said why in its last line.
    return undefined
  }
}

async function goLive(door: FrontDoor, host: HeldSeat): Promise<void> {
  await door.start(DEMO_SPACE, host).catch(ignoreConflict)
}

/** Repeats `attempt` until it succeeds; undefined when that makes no sense any more, which `log` is told. */
async function untilAnswered<T>(
  attempt: () => Promise<T>,
  signal: AbortSignal,
  log: (line: string) => void,
): Promise<T | undefined> {
  for (let tries = 0; !signal.aborted; tries++) {
    try {
      return await attempt()
    } catch (error) {
      if (hasCode(error, 'gone')) {
        log(`demo is over: ${error.message}`)
        return undefined
      }
      // A missing token file is control on its way up; what is neither that nor an answer of the door is a bug.
      if (!(error instanceof MimbarError) && (error as { code?: string }).code !== 'ENOENT') throw error
      if (tries === 5) log(`demo waits: ${(error as Error).message}`)
    }
    await sleep(backoffDelay(tries, Math.random(), RETRY), undefined, { signal }).catch(() => {
      // Stopped while waiting: the loop's condition sees it.
    })
  }
  return undefined
}

/** What an earlier demo process wrote; nothing when it cannot be read, which only costs new chairs. */
async function readSeats(path: string): Promise<Seats> {
  try {
    const seats = JSON.parse(await readFile(path, 'utf8')) as Seats
    for (const held of Object.values(seats)) parseSeatId(held.seat)
    return seats
  } catch {
    return {}
  }
}

function ignoreConflict(error: unknown): void {
  if (!hasCode(error, 'conflict')) throw error
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
