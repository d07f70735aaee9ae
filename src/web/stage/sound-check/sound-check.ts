// The shell round the check machine: a peer connection to the stage, its reports, and the ears for an echo. The
// sentence is played through the page's one element, so through the very loudspeaker that the others will use.

import { signal } from '@preact/signals'
import { millis } from '../../../base/units.ts'
import type { OwnMeasures } from '../../../core/sound-check/findings.ts'
import type { SoundCheckReport, SoundFinding } from '../../../core/sound-check/sound-check.ts'
import { call } from '../../api/call.ts'
import { Peer } from '../connection/peer.ts'
import { StageRelays } from '../connection/relays.ts'
import type { Microphone } from '../microphone/microphone.ts'
import { type CheckEvent, CheckMachine, type CheckStanding } from './check-machine.ts'
import { Overhearing } from './overhear.ts'

export interface SoundCheckOptions {
  readonly sound: HTMLAudioElement
  /** What the check of before found, in this tab. */
  readonly found?: readonly SoundFinding[] | undefined
  onJudged(found: readonly SoundFinding[]): void
}

export interface SoundCheckStart {
  /** `POST` of the offer goes here. */
  readonly url: string
  /** Where relays are asked for, in case that no UDP gets through. */
  readonly relaysUrl: string
  /** The link's secret, of who has no seat yet. */
  readonly bearer?: string | undefined
  readonly microphone: Microphone
  /** Whether the system has muted the device, or it is gone. */
  isSilenced(): boolean
}

const ASK_EVERY_MS = 300

interface Going {
  readonly start: SoundCheckStart
  readonly peer: Peer
  readonly overhearing: Overhearing
  stream?: MediaStream
}

/** One for the life of the page; a check runs from `start` until it is judged, fails or is stopped. */
export class SoundCheck {
  readonly standing: ReturnType<typeof signal<CheckStanding>>
  readonly #options: SoundCheckOptions
  readonly #machine: CheckMachine
  #going: Going | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #asking: ReturnType<typeof setTimeout> | undefined

  constructor(options: SoundCheckOptions) {
    this.#options = options
    this.#machine = new CheckMachine(options.found)
    this.standing = signal<CheckStanding>(this.#machine.standing)
  }

  /** By a press: without one, browsers hold the sound back. */
  start(start: SoundCheckStart): void {
    if (this.#machine.isGoing) return
    this.#handle({ kind: 'started' })
    const peer: Peer = new Peer({
      url: start.url,
      bearer: start.bearer,
      track: start.microphone.track,
      stream: start.microphone.stream,
      iceServers: new StageRelays({ url: start.relaysUrl, bearer: start.bearer }).forNext(),
      onAnswered: () => this.#handle({ kind: 'answered' }),
      onRefused: (problem) =>
        this.#handle({ kind: 'refused', ...(problem === undefined ? {} : { detail: problem.detail }) }),
      onChanged: (to) => {
        if (to === 'failed') this.#handle({ kind: 'broken' })
        if (to !== 'connected' || !this.#machine.isGoing) return
        this.#handle({ kind: 'connected' })
        void this.#ask()
      },
      onSound: (stream) => {
        if (this.#going !== undefined) this.#going.stream = stream
        this.#options.sound.srcObject = stream
        // Held back all the same: then nothing is heard, and the page's words still say how it went.
        this.#options.sound.play().catch(() => {})
      },
    })
    this.#going = { start, peer, overhearing: new Overhearing() }
  }

  /** Ends what goes on, and forgets what was found. */
  stop(): void {
    this.#handle({ kind: 'stopped' })
  }

  #handle(event: CheckEvent): void {
    const standing = this.#machine.handle(event, millis(performance.now()))
    if (standing.kind === 'playing' && this.#going?.stream !== undefined)
      this.#going.overhearing.start(this.#going.stream, this.#going.start.microphone.stream)
    const wasGoing = this.#going !== undefined
    if (!this.#machine.isGoing) this.#letGo()
    this.standing.value = standing
    if (standing.kind === 'judged' && wasGoing) this.#options.onJudged(standing.found)
    clearTimeout(this.#timer)
    const deadline = this.#machine.deadline
    if (deadline === undefined) return
    this.#timer = setTimeout(
      () => this.#handle({ kind: 'woke' }),
      Math.max(0, Math.ceil(deadline - performance.now())),
    )
  }

  async #ask(): Promise<void> {
    const going = this.#going
    if (going === undefined) return
    const path = going.peer.session
    if (path !== undefined) {
      const [answer, own] = await Promise.all([
        call<SoundCheckReport>('GET', path, { bearer: going.start.bearer }),
        ownMeasures(going),
      ])
      if (this.#going !== going) return
      if (answer.kind === 'done') this.#handle({ kind: 'reported', report: answer.value, own })
      else if (answer.kind === 'refused' && answer.problem.status === 404) this.#handle({ kind: 'forgotten' })
    }
    // No answer is no news: the machine knows how long to wait for one.
    if (this.#going === going) this.#asking = setTimeout(() => void this.#ask(), ASK_EVERY_MS)
  }

  #letGo(): void {
    const going = this.#going
    if (going === undefined) return
    this.#going = undefined
    clearTimeout(this.#asking)
    going.overhearing.stop()
    going.peer.close(true)
    if (this.#options.sound.srcObject === going.stream) this.#options.sound.srcObject = null
  }
}

async function ownMeasures({ peer, overhearing, start }: Going): Promise<OwnMeasures> {
  const { received, lost, roundTripMs } = await peer.measure()
  const expected = received + lost
  return {
    lossBack: expected <= 0 ? 0 : Math.max(0, lost) / expected,
    overheard: [...overhearing.moments],
    deviceSilenced: start.isSilenced(),
    ...(roundTripMs === undefined ? {} : { roundTripMs }),
  }
}
