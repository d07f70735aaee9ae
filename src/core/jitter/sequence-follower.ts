// Which packet of the stream is this? Sequence numbers wrap, arrive twice, and jump when a sender restarts; here
// they become numbers that only grow, and each is let through once (RFC 3550, appendix A.1).

import { unwrapNear } from '../../media/rtp/serial.ts'

/**
 * - `admitted`: new; `sequence` is unwrapped.
 * - `duplicate`: was here before.
 * - `stray`: far from the stream. If the next packet follows it, the stream has moved there.
 * - `restarted`: the second packet of a stream that begins anew; numbers before it mean nothing any more.
 */
export type Followed =
  | { readonly kind: 'admitted' | 'restarted'; readonly sequence: number }
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'stray' }

/** Farther ahead or behind than this is another stream, once a second packet agrees. */
const DROPOUT_MAX = 3_000
const MISORDER_MAX = 100
/** How far back a duplicate is told from a packet that is merely late. */
const SEEN_MAX = 1_024

const DUPLICATE: Followed = { kind: 'duplicate' }
const STRAY: Followed = { kind: 'stray' }

/** Follows the sequence numbers of one SSRC. */
export class SequenceFollower {
  readonly #seen = new Float64Array(SEEN_MAX).fill(Number.NaN)
  #highest: number | undefined
  /** What the packet after the last stray one would be called. */
  #suspect: number | undefined

  /** Places one packet by its 16-bit number. */
  follow(sequenceNumber: number): Followed {
    const sequence = unwrapNear(sequenceNumber, this.#highest ?? sequenceNumber, 16)
    const ahead = sequence - (this.#highest ?? sequence)
    if (ahead > DROPOUT_MAX || ahead < -MISORDER_MAX) {
      const agrees = sequenceNumber === this.#suspect
      this.#suspect = (sequenceNumber + 1) & 0xffff
      if (!agrees) return STRAY
      this.reset()
      this.#note(sequenceNumber)
      return { kind: 'restarted', sequence: sequenceNumber }
    }
    this.#suspect = undefined
    if (this.#seen[slotOf(sequence)] === sequence) return DUPLICATE
    this.#note(sequence)
    return { kind: 'admitted', sequence }
  }

  /** Forgets the stream: the next packet begins another. */
  reset(): void {
    this.#seen.fill(Number.NaN)
    this.#highest = undefined
    this.#suspect = undefined
  }

  #note(sequence: number): void {
    this.#seen[slotOf(sequence)] = sequence
    this.#highest = Math.max(this.#highest ?? sequence, sequence)
  }
}

const slotOf = (sequence: number): number => ((sequence % SEEN_MAX) + SEEN_MAX) % SEEN_MAX
