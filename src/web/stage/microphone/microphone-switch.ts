// Whether my microphone is open, and what the server is told about it. The promise: a microphone never opens by
// itself. So closing is done here at once and reported until the server knows, while opening needs the person's
// press and gives way to every mute that comes after it. When the two sides disagree, both go to muted.

import { type BackoffOptions, backoffDelay } from '../../../base/backoff.ts'
import { type Millis, millis } from '../../../base/units.ts'

export type SwitchEvent =
  /** The seat was taken, or returned to in the same tab, with this mute state. */
  | { readonly kind: 'seated'; readonly muted: boolean }
  | { readonly kind: 'pressed'; readonly open: boolean }
  /** The server's answer to the change that was under way. */
  | { readonly kind: 'told'; readonly ok: boolean }
  /** The desired state that everyone sees; the host may have muted me. */
  | { readonly kind: 'viewed'; readonly muted: boolean }
  | { readonly kind: 'woke' }

export type SwitchEffect =
  | { readonly kind: 'set-track'; readonly open: boolean }
  | { readonly kind: 'tell'; readonly muted: boolean }
  /** The person pressed, and the server could not be told: the microphone is closed again. */
  | { readonly kind: 'opening-failed' }
  /** Somebody else closed it. */
  | { readonly kind: 'closed-by-host' }

/** Views that were on their way when the server agreed to a change still tell of the time before it. */
export const SETTLE_MS = 1_000
export const TELL_BACKOFF: BackoffOptions = { firstMs: 300, factor: 2, maxMs: 5_000 }

/** One microphone's switch; every method takes the time, none reads it. */
export class MicrophoneSwitch {
  #open = false
  #telling: { readonly muted: boolean } | undefined
  #agreedAt: Millis | undefined
  #failures = 0
  #tellAt: Millis | undefined

  get isOpen(): boolean {
    return this.#open
  }

  /** When to call `handle({ kind: 'woke' })`. */
  get deadline(): Millis | undefined {
    return this.#tellAt
  }

  /** `random` in [0, 1) spreads the retries. */
  handle(event: SwitchEvent, now: Millis, random: number): readonly SwitchEffect[] {
    switch (event.kind) {
      case 'seated':
        this.#open = !event.muted
        this.#telling = undefined
        this.#tellAt = undefined
        return [{ kind: 'set-track', open: this.#open }]
      case 'pressed':
        if (event.open === this.#open) return []
        this.#open = event.open
        this.#failures = 0
        return [{ kind: 'set-track', open: event.open }, ...this.#tell()]
      case 'told':
        return this.#hearAnswer(event.ok, now, random)
      case 'viewed':
        return this.#view(event.muted, now)
      case 'woke':
        if (this.#tellAt === undefined || now < this.#tellAt) return []
        return this.#tell()
    }
  }

  /** At most one change is under way; what was pressed meanwhile follows its answer. */
  #tell(): readonly SwitchEffect[] {
    if (this.#telling !== undefined) return []
    this.#tellAt = undefined
    this.#telling = { muted: !this.#open }
    return [{ kind: 'tell', muted: this.#telling.muted }]
  }

  #hearAnswer(ok: boolean, now: Millis, random: number): readonly SwitchEffect[] {
    const told = this.#telling
    if (told === undefined) return []
    this.#telling = undefined
    if (ok) {
      this.#failures = 0
      this.#agreedAt = now
      return told.muted === !this.#open ? [] : this.#tell()
    }
    if (this.#open) {
      this.#open = false
      // The server may have opened and only its answer was lost; or what failed was an older closing, and the press
      // since then has never left. Told again later, it would open over the head of a host who has muted meanwhile.
      this.#tellAt = millis(now + backoffDelay(this.#failures++, random, TELL_BACKOFF))
      return [{ kind: 'set-track', open: false }, { kind: 'opening-failed' }]
    }
    this.#tellAt = millis(now + backoffDelay(this.#failures++, random, TELL_BACKOFF))
    return []
  }

  #view(muted: boolean, now: Millis): readonly SwitchEffect[] {
    if (this.#telling !== undefined || this.#tellAt !== undefined) return []
    if (this.#agreedAt !== undefined && now - this.#agreedAt < SETTLE_MS) return []
    if (muted && this.#open) {
      this.#open = false
      return [{ kind: 'set-track', open: false }, { kind: 'closed-by-host' }]
    }
    return !muted && !this.#open ? this.#tell() : []
  }
}
