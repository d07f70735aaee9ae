// How a sound check stands, and when to stop waiting for it. A machine without a clock or a network of its own.
//
//     idle ─▶ asking ─answer▶ connecting ─▶ speak ─▶ recording ─▶ playing ─▶ judged
//                │                │ not up in time, although HTTP answered ─▶ judged: udp-blocked
//                └────────────────┴─ refused, no answer, or lost on the way ─▶ failed

import { type Millis, millis } from '../../../base/units.ts'
import { findingsOf, type OwnMeasures } from '../../../core/sound-check/findings.ts'
import {
  CHECK_MAX_MS,
  CHECK_OPENING_MAX_MS,
  type SoundCheckReport,
  type SoundFinding,
} from '../../../core/sound-check/sound-check.ts'

export type CheckStanding =
  | { readonly kind: 'idle' }
  | { readonly kind: 'asking' | 'connecting' | 'speak' | 'recording' | 'playing' }
  /** Nothing found means fine. */
  | { readonly kind: 'judged'; readonly found: readonly SoundFinding[] }
  | {
      readonly kind: 'failed'
      readonly why: 'refused' | 'unreachable' | 'lost'
      /** The server's words, when it refused. */
      readonly detail?: string
    }

export type CheckEvent =
  | { readonly kind: 'started' }
  | { readonly kind: 'answered' }
  /** Without words there was no answer at all. */
  | { readonly kind: 'refused'; readonly detail?: string }
  | { readonly kind: 'connected' }
  /** The browser gave the connection up. */
  | { readonly kind: 'broken' }
  | { readonly kind: 'reported'; readonly report: SoundCheckReport; readonly own: OwnMeasures }
  /** The stage knows nothing of this check any more. */
  | { readonly kind: 'forgotten' }
  /** By the person; or what was judged is no longer what is used. */
  | { readonly kind: 'stopped' }
  | { readonly kind: 'woke' }

/** A control that has not answered by then is as good as gone. */
export const ANSWER_WITHIN_MS = 8_000
/** ICE is up within a second where UDP passes; who waits longer is told why. Less than the stage waits for a sound. */
export const CONNECT_WITHIN_MS = CHECK_OPENING_MAX_MS - 500
/** From the connection to the last report. */
export const WHOLE_WITHIN_MS = CHECK_MAX_MS + 5_000

const STANDING_OF = { waiting: 'speak', recording: 'recording', playing: 'playing' } as const

/** One page's check; may be started again when it is over. */
export class CheckMachine {
  #standing: CheckStanding
  #deadline: Millis | undefined

  /** `found`: what the check of before came to, if one is remembered. */
  constructor(found?: readonly SoundFinding[]) {
    this.#standing = found === undefined ? { kind: 'idle' } : { kind: 'judged', found }
  }

  get standing(): CheckStanding {
    return this.#standing
  }

  /** True while there is a connection to keep. */
  get isGoing(): boolean {
    const { kind } = this.#standing
    return kind !== 'idle' && kind !== 'judged' && kind !== 'failed'
  }

  /** When to call `handle({ kind: 'woke' })`. */
  get deadline(): Millis | undefined {
    return this.isGoing ? this.#deadline : undefined
  }

  handle(event: CheckEvent, now: Millis): CheckStanding {
    if (event.kind === 'started') {
      if (!this.isGoing) this.#become({ kind: 'asking' }, now + ANSWER_WITHIN_MS)
    } else if (event.kind === 'stopped') this.#become({ kind: 'idle' })
    else if (this.isGoing) this.#hear(event, now)
    return this.#standing
  }

  #hear(event: Exclude<CheckEvent, { kind: 'started' | 'stopped' }>, now: Millis): void {
    const isUp = this.#standing.kind !== 'asking' && this.#standing.kind !== 'connecting'
    switch (event.kind) {
      case 'answered':
        if (this.#standing.kind === 'asking') this.#become({ kind: 'connecting' }, now + CONNECT_WITHIN_MS)
        break
      case 'connected':
        if (!isUp) this.#become({ kind: 'speak' }, now + WHOLE_WITHIN_MS)
        break
      case 'refused':
        this.#become(refusal(event.detail))
        break
      case 'reported':
        if (isUp) this.#report(event.report, event.own)
        break
      case 'broken':
      case 'forgotten':
        this.#giveUp()
        break
      case 'woke':
        if (this.#deadline !== undefined && now >= this.#deadline) this.#giveUp()
        break
    }
  }

  #report(report: SoundCheckReport, own: OwnMeasures): void {
    if (report.phase !== 'done') this.#standing = { kind: STANDING_OF[report.phase] }
    else if (report.measured === undefined) this.#become({ kind: 'failed', why: 'lost' })
    else this.#become({ kind: 'judged', found: findingsOf(report.measured, own) })
  }

  #giveUp(): void {
    // The offer was answered over HTTP, so the server is there; only media does not come through.
    if (this.#standing.kind === 'connecting') this.#become({ kind: 'judged', found: ['udp-blocked'] })
    else this.#become({ kind: 'failed', why: this.#standing.kind === 'asking' ? 'unreachable' : 'lost' })
  }

  #become(standing: CheckStanding, deadline?: number): void {
    this.#standing = standing
    this.#deadline = deadline === undefined ? undefined : millis(deadline)
  }
}

const refusal = (detail: string | undefined): CheckStanding =>
  detail === undefined ? { kind: 'failed', why: 'unreachable' } : { kind: 'failed', why: 'refused', detail }
