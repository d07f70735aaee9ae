// The shell round the connection machine: it turns effects into peer connections and deadlines into timers.

import type { Epoch } from '../../../base/units.ts'
import { millis } from '../../../base/units.ts'
import type { Problem } from '../../../core/api/api.ts'
import {
  type ConnectionEvent,
  ConnectionMachine,
  type ConnectionWords,
  POLL_EVERY_MS,
} from './connection-machine.ts'
import { NetworkWatch } from './network-watch.ts'
import { Peer } from './peer.ts'
import type { StageRelays } from './relays.ts'

export interface StageConnectionOptions {
  /** `POST` of offers goes here. */
  readonly url: string
  readonly track: MediaStreamTrack
  readonly stream: MediaStream
  readonly relays: StageRelays
  onWords(words: ConnectionWords): void
  onSound(stream: MediaStream): void
  /** The server said why it does not connect this seat now; it is tried again all the same. */
  onRefused(problem: Problem): void
  /** Nobody answers at the door; told once, until `onBack`. */
  onSilent(): void
  /** The network was away, or is another one now: other connections to the same door may be dead, too. */
  onBack(): void
}

/** Answers to anybody. */
const DOOR_PATH = '/healthz'

/** On stage from construction until `leave`. */
export class StageConnection {
  readonly #machine = new ConnectionMachine()
  readonly #options: StageConnectionOptions
  readonly #poll: ReturnType<typeof setInterval>
  readonly #network: NetworkWatch
  #track: MediaStreamTrack
  #stream: MediaStream
  #current: { readonly attempt: number; readonly peer: Peer } | undefined
  /** The attempt whose way, direct or relayed, is known. */
  #wayKnownOf: number | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #goodbye = false
  /** While nobody answers at the door. */
  #silence: PromiseWithResolvers<void> | undefined

  constructor(options: StageConnectionOptions) {
    this.#options = options
    this.#track = options.track
    this.#stream = options.stream
    this.#poll = setInterval(() => void this.#count(), POLL_EVERY_MS)
    this.#network = new NetworkWatch({
      url: new URL(DOOR_PATH, location.href).href,
      onSilent: () => this.#fallSilent(),
      onBack: () => {
        this.#handle({ kind: 'came-online' })
        this.#endSilence()
        options.onBack()
      },
    })
    this.#handle({ kind: 'entered' })
  }

  /** Tells the epoch of the newest view. */
  seeEpoch(epoch: Epoch): void {
    this.#handle({ kind: 'epoch-seen', epoch })
  }

  /** Speaks through another microphone from now on, also after reconnecting. */
  replaceTrack(track: MediaStreamTrack, stream: MediaStream): void {
    this.#track = track
    this.#stream = stream
    // A connection that is closing refuses; the next one takes the new track anyway.
    this.#current?.peer.replaceTrack(track).catch(() => {})
  }

  /**
   * For what is asked of the same door again and again: true at once, but while nobody answers there only when somebody
   * does, and false when nobody has within the time. Asked in vain it would take a connection from the next offer.
   */
  async doorAnswers(withinMs: number): Promise<boolean> {
    if (this.#silence === undefined) return true
    const late = new Promise<void>((resolve) => setTimeout(resolve, withinMs))
    await Promise.race([this.#silence.promise, late])
    return this.#silence === undefined
  }

  /** Idempotent. `goodbye` says so to the stage; without it the seat may be taken up elsewhere. */
  leave(goodbye: boolean): void {
    this.#goodbye = goodbye
    this.#handle({ kind: 'left' })
    clearInterval(this.#poll)
    clearTimeout(this.#timer)
    this.#network.stop()
    this.#endSilence()
  }

  #fallSilent(): void {
    this.#handle({ kind: 'door-silent' })
    if (this.#silence !== undefined) return
    this.#silence = Promise.withResolvers()
    this.#options.onSilent()
  }

  #endSilence(): void {
    this.#silence?.resolve()
    this.#silence = undefined
  }

  #handle(event: ConnectionEvent): void {
    const before = this.#machine.words
    for (const effect of this.#machine.handle(event, millis(performance.now()), Math.random())) {
      if (effect.kind === 'open') {
        this.#current = { attempt: effect.attempt, peer: this.#openPeer(effect.attempt) }
      } else if (this.#current?.attempt === effect.attempt) {
        this.#current.peer.close(this.#goodbye)
        this.#current = undefined
      }
    }
    this.#arm()
    const words = this.#machine.words
    this.#network.knock(words === 'connecting' || words === 'reconnecting')
    if (words !== before) this.#options.onWords(words)
    // By an offer that went through all the same; nobody knocks any more to find out.
    if (words === 'connected' && this.#silence !== undefined) {
      this.#endSilence()
      this.#options.onBack()
    }
  }

  #openPeer(attempt: number): Peer {
    return new Peer({
      url: this.#options.url,
      track: this.#track,
      stream: this.#stream,
      iceServers: this.#options.relays.forNext(),
      onAnswered: () => {
        this.#options.relays.doubt()
        this.#handle({ kind: 'answered', attempt })
      },
      onChanged: (to) => this.#handle({ kind: 'peer-changed', attempt, to }),
      onSound: (stream) => this.#options.onSound(stream),
      onRefused: (problem) => {
        this.#handle({ kind: 'refused', attempt })
        if (problem !== undefined) this.#options.onRefused(problem)
      },
    })
  }

  async #count(): Promise<void> {
    const current = this.#current
    if (current === undefined) return
    const packets = await current.peer.countPackets()
    this.#handle({ kind: 'counted', attempt: current.attempt, packets })
    if (this.#machine.words === 'connected' && this.#wayKnownOf !== current.attempt)
      await this.#learnWay(current)
  }

  async #learnWay({ attempt, peer }: { readonly attempt: number; readonly peer: Peer }): Promise<void> {
    const isRelayed = await peer.isRelayed()
    if (isRelayed === undefined) return
    this.#wayKnownOf = attempt
    this.#options.relays.learn(isRelayed)
  }

  #arm(): void {
    clearTimeout(this.#timer)
    const deadline = this.#machine.deadline
    if (deadline === undefined) return
    const delay = Math.max(0, deadline - performance.now())
    this.#timer = setTimeout(() => void this.#wake(), delay)
  }

  /** A page that stood still is late with its own counting: what came meanwhile counts before anything is called late. */
  async #wake(): Promise<void> {
    await this.#count()
    this.#handle({ kind: 'woke' })
  }
}
