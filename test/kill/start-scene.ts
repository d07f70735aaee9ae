// Scheduled starts, some at a time, and an accident that hits all of them: each space begins by itself a second after
// the one before, so that one accident comes 3 s before the one and 3 s after the other. Two people listen from the
// lobby on, a third comes at the second itself. What they were given is the measure, and nothing that a process says.

import type { SpaceId } from '../../src/base/ids.ts'
import type { CreatedSpace } from '../../src/core/api/api.ts'
import { type SyntheticSpeaker, startSyntheticSpeaker } from '../../src/rehearsal/speaker.ts'
import { loadVoice, type Voice } from '../../src/rehearsal/voice.ts'
import { Ear } from '../harness/ear.ts'
import { secretOf, VOICE_FILES } from '../harness/on-air.ts'
import type { RunningMimbar } from '../harness/running-mimbar.ts'
import { until } from '../harness/until.ts'
import { type Accident, accidentOf, blowsOf, type Fault, strike, wholeAgain, wordsOf } from './accidents.ts'
import { holderOf, Listener, planSpace, secondAhead, streamOf } from './planned-start.ts'

export interface Round {
  readonly fault: Fault
  /** How many spaces, whose seconds follow one another. */
  readonly starts: number
  readonly random: () => number
  /** Begins the ids of its spaces; of this round alone. */
  readonly name: string
}

/** One start, as those had it who listened. */
export interface Start {
  readonly id: SpaceId
  readonly accident: Accident
  /** Who was hit, such as `control + stage-1`; and when, counted from the scheduled second. */
  readonly hit: string
  readonly hitAfterMs: number
  /** Where the program begins, counted from the scheduled second, by the space's own clock; undefined: nowhere. */
  readonly offMs: number | undefined
  /** From the second to the program in the hands of who was in the lobby, beyond the part itself; the later of two. */
  readonly latenessMs: number | undefined
  /** The longest that either of them heard nothing, behind a player's buffer. */
  readonly silenceMs: number
  /** Of the program: parts that the log has and either of them was not given. Undefined when it cannot be read. */
  readonly partsNotGiven: number | undefined
  /** Of the program: parts that were never made, which is a declared hole. */
  readonly partsNotMade: number
  readonly reconnects: number
  /** From asking, at the second, to the first part in the hands of who came then. */
  readonly newcomerAfterMs: number | undefined
  /** What the listening page answered at the second, once it did: `200`, or what went wrong. */
  readonly page: string
  /** As it was written down for good; undefined when it was not. */
  readonly recordedLatenessMs: number | undefined
}

/** From making the spaces to the first start: a plan is firm 5 s before, and somebody has to come on stage. */
const AHEAD_MS = 12_000
/** The accident is within this of each second. */
const WITHIN_MS = 3_000
/** A program that has not come by then is lost. */
const LOST_AFTER_MS = 20_000
/** Listened to beyond the second and the accident. */
const LISTENED_MS = 3_000
const PAGE_WITHIN_MS = 3_000

/** Plays one round on a Mimbar that is whole; it is whole again when this resolves. */
export async function playRound(mimbar: RunningMimbar, round: Round): Promise<readonly Start[]> {
  const { fault, starts, random, name } = round
  const voice = await loadVoice(VOICE_FILES.ana)
  const firstMs = secondAhead(AHEAD_MS)
  const lastMs = firstMs + 1_000 * (starts - 1)
  // So that it is within reach of the first second and of the last.
  const strikeAtMs = lastMs - WITHIN_MS + random() * (firstMs + 2 * WITHIN_MS - lastMs)
  const spaces = await Promise.all(
    Array.from({ length: starts }, (_, i) =>
      PlannedSpace.make(mimbar, `${name}-${i}`, firstMs + 1_000 * i, fault, voice),
    ),
  )
  try {
    const arriving = spaces.map((space) => space.arriveAtTheSecond())
    await moment(strikeAtMs)
    const holders = spaces.map(({ id }) => holderOf(mimbar, id))
    const blows = blowsOf(fault, random)
    const hitAtMs = Date.now()
    strike(mimbar, blows)
    await Promise.all(arriving)
    await moment(Math.max(hitAtMs, lastMs) + LISTENED_MS)
    await wholeAgain(mimbar)
    return await Promise.all(
      spaces.map(async (space, i) => ({
        ...(await space.told()),
        accident: accidentOf(fault, blows, holders[i]),
        hit: wordsOf(blows),
        hitAfterMs: Math.round(hitAtMs - space.secondMs),
      })),
    )
  } finally {
    await Promise.all(spaces.map((space) => space.clearAway()))
  }
}

/** One space of a round, and its people. */
class PlannedSpace {
  readonly id: SpaceId
  readonly secondMs: number
  readonly #mimbar: RunningMimbar
  readonly #leaving = new AbortController()
  readonly #speaker: Promise<SyntheticSpeaker | undefined>
  readonly #listeners: readonly Listener[]
  #newcomer: Listener | undefined
  #page = 'not asked'

  static async make(mimbar: RunningMimbar, id: string, secondMs: number, fault: Fault, voice: Voice) {
    return new PlannedSpace(mimbar, await planSpace(mimbar, id, secondMs), secondMs, fault, voice)
  }

  private constructor(
    mimbar: RunningMimbar,
    { space, links }: CreatedSpace,
    secondMs: number,
    fault: Fault,
    voice: Voice,
  ) {
    this.id = space.id
    this.secondMs = secondMs
    this.#mimbar = mimbar
    const entry = { secret: secretOf(fault === 'host-away' ? links.speaker : links.host) }
    const { studioUrl } = mimbar
    const { signal } = this.#leaving
    this.#speaker =
      fault === 'empty'
        ? Promise.resolve(undefined)
        : // Stopped before it ever talked is an end like any other here.
          startSyntheticSpeaker({ studioUrl, space: space.id, name: 'Ana', voice, entry, signal }).catch(
            () => undefined,
          )
    this.#listeners = [0, 1].map(() => new Listener(streamOf(mimbar, space.id)))
    void this.#settle()
  }

  /** Who comes at the second: asks for the page, and listens. Resolves when everybody has the program, or it is lost. */
  async arriveAtTheSecond(): Promise<void> {
    await moment(this.secondMs)
    this.#newcomer = new Listener(streamOf(this.#mimbar, this.id))
    const everybody = [...this.#listeners, this.#newcomer]
    const [page] = await Promise.all([
      this.#askForPage(),
      until('the program', () => everybody.every(({ firstLive }) => firstLive), LOST_AFTER_MS).catch(() => {
        // Lost: `told` says so.
      }),
    ])
    this.#page = page
  }

  async told(): Promise<Omit<Start, 'accident' | 'hit' | 'hitAfterMs'>> {
    const newcomer = this.#newcomer
    const begins = [...this.#listeners, ...(newcomer === undefined ? [] : [newcomer])].map(
      (one) => one.beginsAtMs,
    )
    const lateness = this.#listeners.map((one) => one.latenessMs(this.secondMs))
    const recordedLatenessMs = await this.#recordedLateness()
    const { notGiven, missing } = await this.#compareWithLog()
    const firstAtMs = newcomer?.arrivals[0]?.atMs
    return {
      id: this.id,
      offMs: begins[0] === begins[1] && begins[0] !== undefined ? begins[0] - this.secondMs : undefined,
      latenessMs: lateness.includes(undefined) ? undefined : Math.max(...(lateness as number[])),
      silenceMs: Math.round(Math.max(...this.#listeners.map(({ silenceMs }) => silenceMs))),
      partsNotGiven: notGiven,
      partsNotMade: missing - (notGiven ?? 0),
      reconnects: Math.max(...this.#listeners.map(({ reconnects }) => reconnects)),
      newcomerAfterMs: newcomer && firstAtMs && firstAtMs - newcomer.bornAtMs,
      page: this.#page,
      recordedLatenessMs,
    }
  }

  /** Ends the space, and everybody goes. */
  async clearAway(): Promise<void> {
    this.#leaving.abort()
    for (const listener of [...this.#listeners, this.#newcomer]) listener?.stop()
    await (await this.#speaker)?.stop()
    await this.#end()
  }

  async #end(): Promise<void> {
    // A space that never began cannot end; it is of no consequence to the next round.
    await this.#mimbar.post(`/spaces/${this.id}/end`).catch(() => {})
  }

  /** Counts from when the lobby is heard: an edge that has not heard of the space yet is asked again. */
  async #settle(): Promise<void> {
    for (const listener of this.#listeners) {
      await until('the lobby is heard', () => listener.arrivals.length > 0, AHEAD_MS).catch(() => {
        // Everything then counts from the beginning, which is no better for us.
      })
      listener.mark()
    }
  }

  async #askForPage(): Promise<string> {
    let told = ''
    const isThere = async (): Promise<boolean> => {
      try {
        const response = await fetch(`${this.#mimbar.publicUrl}/s/${this.id}`, { redirect: 'manual' })
        told = String(response.status)
        return true
      } catch (error) {
        // As a browser does whose connection was reset: again.
        told = (error as Error).message
        return false
      }
    }
    await until('the page', isThere, PAGE_WITHIN_MS).catch(() => {})
    return told
  }

  /** Ends the space, and looks what the log has of the program between the first and the last that somebody was given. */
  async #compareWithLog(): Promise<{ readonly notGiven: number | undefined; readonly missing: number }> {
    const given = this.#listeners.map(({ programParts }) => programParts)
    const missing = Math.max(...given.map(({ missing }) => missing))
    await this.#end()
    const look = () =>
      Ear.readPlaylist(`${this.#mimbar.publicUrl}/replay/${this.id}/index.m3u8`).catch(() => undefined)
    const log = await until('the replay', look, LOST_AFTER_MS / 2).catch(() => undefined)
    if (log === undefined) return { notGiven: undefined, missing }
    const lacking = given.map(({ sequences, first, last }) =>
      [...log.keys()].filter((one) => one >= first && one <= last && !sequences.has(one)),
    )
    return { notGiven: Math.max(...lacking.map(({ length }) => length)), missing }
  }

  async #recordedLateness(): Promise<number | undefined> {
    const look = async () => {
      const { startLatenessMs } = await this.#mimbar.publicSpace(this.id)
      return startLatenessMs === undefined ? undefined : { startLatenessMs }
    }
    const found = await until('the lateness is written down', look, LOST_AFTER_MS / 2).catch(() => undefined)
    return found?.startLatenessMs
  }
}

const moment = (atMs: number): Promise<void> => Bun.sleep(Math.max(0, atMs - Date.now()))
