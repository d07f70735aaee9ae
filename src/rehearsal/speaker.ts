// A synthetic speaker: a recorded voice that takes a seat by the front door, talks over real WebRTC, listens to
// what comes back, and returns to its seat when anything on the way dies.
//
//     taking a seat → connecting → talking ──▶ no RTP back for 2.5 s (0.25 s when the stage is another), or failed
//                         ▲                          │
//                         └──── backed off, jittered ┘        the seat is gone → removed, for good

import { setTimeout as sleep } from 'node:timers/promises'
import { type BackoffOptions, backoffDelay } from '../base/backoff.ts'
import { MimbarError } from '../base/errors.ts'
import type { SpaceId } from '../base/ids.ts'
import type { Running } from '../base/lifetime.ts'
import { FRAME_MS, FRAME_SAMPLES } from '../base/units.ts'
import type { StageView } from '../core/api/api.ts'
import { isRtcp, parseRtp, writeRtp } from '../media/rtp/rtp.ts'
import { unwrapNear } from '../media/rtp/serial.ts'
import { FrontDoor, type HeldSeat, SEAT_LOST } from './front-door.ts'
import { watchStage } from './stage-views.ts'
import type { Voice } from './voice.ts'
import { OFFERED, WebRtcClient } from './webrtc-client.ts'

export interface SpeakerOptions {
  /** Where people on stage go, such as `http://localhost:8081`. */
  readonly studioUrl: string
  readonly space: SpaceId
  readonly name: string
  readonly voice: Voice
  /** How it comes to its seat: by a link's secret, or because it holds one already. */
  readonly entry: { readonly secret: string } | { readonly held: HeldSeat }
  /** Stops it, also while it still tries to begin. */
  readonly signal?: AbortSignal
  /** One line per event that a person would want to know. */
  readonly log?: (line: string) => void
}

export type SpeakerState = 'seating' | 'connecting' | 'talking' | 'removed' | 'stopped'

/** Counts since the start, over all connections. */
export interface SpeakerStats {
  readonly state: SpeakerState
  readonly connections: number
  readonly sentPackets: number
  readonly receivedPackets: number
  /** Of what the stage sent back, packets that had not come by the time that later ones had. */
  readonly lostPackets: number
  /** Opus bytes that came back: more than silence when others talk. */
  readonly receivedBytes: number
}

export interface SyntheticSpeaker extends Running {
  readonly stats: SpeakerStats
  /** The seat, once taken. */
  readonly held: HeldSeat | undefined
}

/** Silence from the stage for this long is a dead connection. */
export const SILENCE_LIMIT_MS = 2_500
/** Silence for this long is enough once another stage is known to serve the space. */
const MOVED_SILENCE_LIMIT_MS = 250
/** After a hiccup of ours at most this many packets are sent late; the rest of the voice is skipped. */
const CATCH_UP_PACKETS_MAX = 10
const RECONNECT: BackoffOptions = { firstMs: 100, factor: 1.6, maxMs: 5_000 }
/** A connection that lasted this long was a good one: the next failure starts the back-off anew. */
const GOOD_CONNECTION_MS = 5_000

/**
 * Starts a speaker. Resolves when it first talks, however long the door takes to open; rejects when `entry` opens no
 * seat, or when stopped before.
 */
export async function startSyntheticSpeaker(options: SpeakerOptions): Promise<SyntheticSpeaker> {
  const speaker = new Speaker(options)
  await speaker.begun
  return speaker
}

class Speaker implements SyntheticSpeaker {
  readonly begun: Promise<void>
  readonly #options: SpeakerOptions
  readonly #door: FrontDoor
  readonly #stopping = new AbortController()
  readonly #life: Promise<void>
  readonly #begin: { resolve(): void; reject(error: unknown): void }
  #held: HeldSeat | undefined
  #state: SpeakerState = 'seating'
  #watching: Promise<void> | undefined
  #epoch: number | undefined
  #hasMoved = false
  #connections = 0
  #sentPackets = 0
  #receivedPackets = 0
  #receivedBytes = 0
  /** Of this connection: the newest sequence number, unwrapped. */
  #newest: number | undefined
  /** Gaps count up, and who comes late counts down again. */
  #lostPackets = 0

  constructor(options: SpeakerOptions) {
    this.#options = options
    this.#door = new FrontDoor(options.studioUrl)
    this.#held = 'held' in options.entry ? options.entry.held : undefined
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.begun = promise
    this.#begin = { resolve, reject }
    options.signal?.addEventListener('abort', () => this.#stopping.abort(), { once: true })
    if (options.signal?.aborted) this.#stopping.abort()
    this.#life = this.#live()
  }

  get held(): HeldSeat | undefined {
    return this.#held
  }

  get stats(): SpeakerStats {
    return {
      state: this.#state,
      connections: this.#connections,
      sentPackets: this.#sentPackets,
      receivedPackets: this.#receivedPackets,
      lostPackets: this.#lostPackets,
      receivedBytes: this.#receivedBytes,
    }
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#life
    await this.#watching
  }

  /** Connects again and again until stopped, or until the seat is gone. */
  async #live(): Promise<void> {
    const { signal } = this.#stopping
    for (let attempt = 0; !signal.aborted; attempt++) {
      const startedAt = performance.now()
      try {
        await this.#talkOnce()
      } catch (error) {
        if (error instanceof MimbarError && SEAT_LOST.has(error.code)) return this.#end('removed', error)
        this.#log(`could not connect: ${(error as Error).message}`)
      }
      if (performance.now() - startedAt > GOOD_CONNECTION_MS) attempt = 0
      if (signal.aborted) break
      this.#state = 'connecting'
      const wait = backoffDelay(attempt, Math.random(), RECONNECT)
      // An abort ends the wait early, which is all that it is for.
      await sleep(wait, undefined, { signal }).catch(() => {})
    }
    this.#end('stopped')
  }

  #end(state: 'removed' | 'stopped', error?: MimbarError): void {
    this.#state = state
    this.#stopping.abort()
    this.#log(error === undefined ? 'left' : `lost the seat: ${error.message}`)
    // Without effect when it had begun.
    this.#begin.reject(
      error ?? new MimbarError('unavailable', `${this.#options.name} was stopped before talking.`),
    )
  }

  /** One connection, from the offer until it dies. */
  async #talkOnce(): Promise<void> {
    const { space, name, entry } = this.#options
    if (this.#held === undefined && 'secret' in entry) {
      this.#held = await this.#door.takeSeat(space, entry.secret, name)
    }
    const held = this.#held as HeldSeat
    this.#watching ??= watchStage(this.#door, space, held, (view) => this.#see(view), this.#stopping.signal)
    this.#hasMoved = false
    this.#newest = undefined
    this.#state = 'connecting'
    const ssrc = (Math.random() * 2 ** 32) >>> 0
    const over = Promise.withResolvers<void>()
    let receivedAt = performance.now()
    let location: string | undefined
    const client = await WebRtcClient.connect({
      ssrc,
      exchange: async (offer) => {
        const answer = await this.#door.offer(space, held, offer)
        location = answer.location
        return answer.sdp
      },
      received: (rtp) => {
        receivedAt = performance.now()
        this.#hear(rtp)
      },
      closed: () => over.resolve(),
    })
    this.#connections += 1
    this.#state = 'talking'
    this.#log(this.#connections === 1 ? 'talks' : 'talks again')
    this.#begin.resolve()
    const clock = pace(
      (index, timestamp) => this.#say(client, ssrc, index, timestamp),
      () => {
        const limit = this.#hasMoved ? MOVED_SILENCE_LIMIT_MS : SILENCE_LIMIT_MS
        if (performance.now() - receivedAt > limit) over.resolve()
      },
    )
    this.#stopping.signal.addEventListener('abort', () => over.resolve(), { once: true })
    if (this.#stopping.signal.aborted) over.resolve()
    await over.promise
    clock.stop()
    client.close()
    if (location !== undefined) {
      // A courtesy: the stage notices by itself.
      await this.#door.hangUp(location, held).catch(() => {})
    }
  }

  #say(client: WebRtcClient, ssrc: number, index: number, timestamp: number): void {
    const { packets, levels } = this.#options.voice
    const at = index % packets.length
    const level = levels[at] as (typeof levels)[number]
    const rtp = writeRtp({
      payloadType: OFFERED.payloadType,
      sequenceNumber: index & 0xffff,
      timestamp,
      ssrc,
      marker: false,
      payload: packets[at] as Uint8Array,
      level: { dbov: level, voice: level > -50 },
      levelId: OFFERED.levelId,
    })
    if (client.send(rtp)) this.#sentPackets += 1
  }

  /** A changed epoch: another stage serves the space, and what we are connected to will fall silent. */
  #see(view: StageView): void {
    const epoch = view.stage?.epoch
    if (epoch === undefined) return
    if (this.#epoch !== undefined && epoch !== this.#epoch) this.#hasMoved = true
    this.#epoch = epoch
  }

  #hear(bytes: Uint8Array): void {
    if (isRtcp(bytes)) return
    const rtp = parseRtp(bytes)
    if (rtp.kind !== 'rtp') return
    this.#receivedPackets += 1
    this.#receivedBytes += rtp.payload.length
    const at = unwrapNear(rtp.sequenceNumber, this.#newest ?? rtp.sequenceNumber, 16)
    this.#lostPackets += this.#newest === undefined ? 0 : at > this.#newest ? at - this.#newest - 1 : -1
    this.#newest = Math.max(at, this.#newest ?? at)
  }

  #log(event: string): void {
    this.#options.log?.(`speaker ${this.#options.name} ${event}`)
  }
}

/**
 * Calls `say` for every 20 ms of the monotonic clock, several times when we are late, with an index that follows
 * the wall clock: voices that loop the same length stay in conversation, however often each reconnects.
 */
function pace(say: (index: number, timestamp: number) => void, check: () => void): { stop(): void } {
  const startedAt = performance.now()
  const firstIndex = Math.floor(Date.now() / FRAME_MS)
  let said = 0
  let timer: ReturnType<typeof setTimeout>
  const tick = () => {
    const due = Math.floor((performance.now() - startedAt) / FRAME_MS) + 1
    if (due - said > CATCH_UP_PACKETS_MAX) said = due - CATCH_UP_PACKETS_MAX
    for (; said < due; said++) say(firstIndex + said, (said * FRAME_SAMPLES) >>> 0)
    check()
    timer = setTimeout(tick, Math.max(0, startedAt + said * FRAME_MS - performance.now()))
  }
  tick()
  return { stop: () => clearTimeout(timer) }
}
