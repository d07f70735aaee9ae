// How one visit went, told once when it is over: whether sound came, how soon, and how often it stopped. Nothing that
// says who. The edge adds it up (`POST /live/:space/report`) and forgets it.

import { NETWORKS, type Network, type PageReport } from '../../core/count/page-report.ts'
import type { SpacePhase } from '../../core/space/facts.ts'
import type { PlaybackStatus } from '../player/playback.ts'
import type { PageState } from './page-state.ts'

const SOUNDING: readonly PageState[] = [
  'lobby-in',
  'live',
  'catching-up',
  'behind',
  'opening',
  'held',
  'slate',
  'reconnecting',
]
const FAILED: readonly PageState[] = ['failed', 'unsupported']
/** Who leaves sooner has changed their mind, not lost their patience. */
const PATIENCE_MS = 2_000

export interface ListeningOutcomeOptions {
  /** Monotonic, ms. */
  readonly now: () => number
  readonly tell: (report: PageReport) => void
}

/** From the first press to the end of the visit. Tells at most one failure and one end. */
export class ListeningOutcome {
  readonly #options: ListeningOutcomeOptions
  #pressedAtMs: number | undefined
  #firstAudioMs: number | undefined
  /** Of a replay, which is told only when its listener reports a problem. */
  #firstReplayMs: number | undefined
  #gaps = 0
  #isOnAir = false
  #hasFailed = false
  #isTold = false

  constructor(options: ListeningOutcomeOptions) {
    this.#options = options
  }

  /** The listener wants to listen. */
  pressed(): void {
    this.#pressedAtMs ??= this.#options.now()
  }

  /** How things stand now. */
  see(state: PageState, phase: SpacePhase, { stalls }: Pick<PlaybackStatus, 'stalls'>): void {
    this.#isOnAir = phase === 'live' || phase === 'lobby'
    this.#gaps = Math.max(this.#gaps, stalls)
    if (this.#pressedAtMs !== undefined && SOUNDING.includes(state)) {
      this.#firstAudioMs ??= Math.round(this.#options.now() - this.#pressedAtMs)
    }
    if (this.#pressedAtMs !== undefined && state === 'replaying') {
      this.#firstReplayMs ??= Math.round(this.#options.now() - this.#pressedAtMs)
    }
    const wants = this.#pressedAtMs !== undefined || state === 'unsupported'
    if (!FAILED.includes(state) || this.#hasFailed || !this.#isOnAir || !wants) return
    this.#hasFailed = true
    if (this.#firstAudioMs === undefined)
      this.#options.tell({ kind: 'could-not-play', network: networkNow() })
  }

  /** As far as it went. `firstAudioMs`: absent while no sound has come. */
  measured(): { readonly firstAudioMs?: number; readonly gaps: number } {
    const firstAudioMs = this.#firstAudioMs ?? this.#firstReplayMs
    return { gaps: this.#gaps, ...(firstAudioMs === undefined ? {} : { firstAudioMs }) }
  }

  /** The page is left. */
  left(): void {
    if (this.#isTold || this.#pressedAtMs === undefined) return
    const firstAudioMs = this.#firstAudioMs
    if (firstAudioMs !== undefined) {
      this.#isTold = true
      this.#options.tell({ kind: 'played', firstAudioMs, gaps: this.#gaps, network: networkNow() })
      return
    }
    const waitedMs = this.#options.now() - this.#pressedAtMs
    if (!this.#isOnAir || this.#hasFailed || waitedMs < PATIENCE_MS) return
    this.#isTold = true
    this.#options.tell({ kind: 'gave-up', network: networkNow() })
  }
}

/** Sends a report so that it survives the page's end. What does not arrive is not counted. */
export function tellReport(space: string, report: PageReport): void {
  const bounded =
    report.firstAudioMs === undefined
      ? report
      : { ...report, firstAudioMs: Math.min(600_000, report.firstAudioMs) }
  navigator.sendBeacon(`/live/${space}/report`, JSON.stringify(bounded))
}

/** By the Network Information API, which not every browser has. */
export function networkNow(): Network {
  const { connection } = navigator as { readonly connection?: { readonly type?: string } }
  const type = connection?.type
  return NETWORKS.find((network) => network === type) ?? 'unknown'
}
