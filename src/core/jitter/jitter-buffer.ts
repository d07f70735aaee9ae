// Packets arrive when the network likes; sound is needed every 20 ms. The buffer holds each packet back just long
// enough that nearly all come in time, in order and once, and says what to do about those that don't.
//
//              oldest packet has waited for the target, or the target's worth is here
//     waiting ──────────────────────────────────────────────────────────────────────▶ playing
//        ▲                                                                              │
//        └──── DTX: the sender fell silent │ nothing came for `CONCEAL_FRAMES_MAX` ─────┘
//
// How it treats trouble:
// - lost (a later packet is here): recover from the next packet's in-band FEC, or conceal; time moves on.
// - late (nothing later is here): conceal, and wait; the delay grows by what was concealed.
// - a burst after a stall: what is staler than the target goes at once; nobody hears the past.
// - drift and a changed target: the caller is asked to shorten or lengthen a packet by a pitch period.
// - a restarted sender (another SSRC, or two packets in a row from far away, RFC 3550 appendix A.1): start anew.
//
// Packets may be 2.5 to 120 ms long. The caller pulls whenever it holds less than a frame of decoded sound, so it
// pulls twice in a tick for 10 ms packets and every third tick for 60 ms ones.

import { FRAME_MS, FRAME_SAMPLES, type Millis, millis, type Samples, samples } from '../../base/units.ts'
import { parseToc } from '../../media/opus/toc.ts'
import { unwrapNear } from '../../media/rtp/serial.ts'
import { LevelWindow } from './level-window.ts'
import { PacketStore, SPAN_PACKETS_MAX, type StoredPacket } from './packet-store.ts'
import { SequenceFollower } from './sequence-follower.ts'
import { TargetDelay } from './target-delay.ts'

/** What the buffer needs of an RTP packet. */
export interface ArrivedPacket {
  readonly sequenceNumber: number
  readonly timestamp: number
  readonly payload: Uint8Array
  /** When given, a change starts the buffer anew. */
  readonly ssrc?: number
}

/** What to play next; `duration` is how many samples of it. */
export type Pulled =
  /** Decode this. `lean` asks for it to be made a little shorter or longer, so that the delay nears its target. */
  | {
      readonly kind: 'packet'
      readonly payload: Uint8Array
      readonly lean: Lean
      /** True when packets before this one were let go to catch up: the sound jumps here. */
      readonly jumped: boolean
    }
  /** Lost; `next` is the packet after it, which may carry a copy (in-band FEC). `next` itself comes later. */
  | { readonly kind: 'recover'; readonly next: Uint8Array; readonly duration: Samples }
  /** Lost or late, and nothing to recover it from. */
  | { readonly kind: 'conceal'; readonly duration: Samples }
  /** Nothing to be heard, and nothing missing. */
  | { readonly kind: 'silence'; readonly duration: Samples }

export type Lean = 'hold' | 'shrink' | 'stretch'

/** Counts since the start; the two delays are of now. */
export interface JitterStats {
  /** From a punctual packet's arrival to the end of its sound. */
  readonly delayMs: Millis
  readonly targetMs: Millis
  /** Sequence numbers that the sender has used, as far as we know. */
  readonly expected: number
  /** Not there when their turn came. */
  readonly lost: number
  /** Came after their turn; they are among the lost as well. */
  readonly late: number
  readonly duplicated: number
  /** Here, but let go: to catch up, because the buffer was full, or because they are no Opus. */
  readonly dropped: number
}

/** Concealment in a row before the buffer gives up and waits for the sender. */
export const CONCEAL_FRAMES_MAX = 10
/** More than this above the target is skipped at once; less is made up by leaning. */
export const CATCH_UP_MS = 120
/**
 * The delay may be so far above its target without a correction. It can only be steered in whole packets, as the
 * caller pulls in whole frames: a zone narrower than a frame would be crossed to and fro for ever.
 */
const LEAN_ABOVE_MS = FRAME_MS + 2
/** Below it hardly at all: the margin is what lets the next packet, and its FEC, be here in time. */
const LEAN_BELOW_MS = 2
/** A pause in continuous sequence numbers is played as it is up to this; a longer one starts anew. */
const PAUSE_MAX = samples(48_000)
/** DTX: packets of at most two bytes announce that nothing follows (RFC 6716, section 2.1.9). */
const DTX_PACKET_BYTES = 2
const SAMPLES_PER_MS = 48

/** One sender's buffer. Holds at most {@link SPAN_PACKETS_MAX} packets; when full the oldest go. */
export class JitterBuffer {
  readonly #store = new PacketStore()
  readonly #follower = new SequenceFollower()
  readonly #window = new LevelWindow()
  #target = new TargetDelay()
  #ssrc: number | undefined
  /** The packet with the highest sequence that came; undefined before the first. */
  #newest: StoredPacket | undefined
  #newestAt = millis(0)
  /** Whose turn is next, and its media time. Once started, no packet before it is taken any more. */
  #next = 0
  #nextTimestamp = 0
  #started = false
  #delayMs = 0
  /** Media time is counted from the first packet, so that it is exact wherever the sender's counter began. */
  #origin: number | undefined
  #playing = false
  #waitingSince: Millis | undefined
  #lastDuration: Samples = samples(FRAME_SAMPLES)
  #lastWasDtx = false
  /** Concealed in a row. */
  #concealed = 0
  /** Of these, how many stood in for a packet that may yet come. */
  #owed = 0
  #jumped = false
  #expected = 0
  #lost = 0
  #late = 0
  #duplicated = 0
  #dropped = 0

  get stats(): JitterStats {
    return {
      delayMs: millis(this.#delayMs),
      targetMs: this.#target.targetMs,
      expected: this.#expected,
      lost: this.#lost,
      late: this.#late,
      duplicated: this.#duplicated,
      dropped: this.#dropped,
    }
  }

  /** How many packets wait now. */
  get size(): number {
    return this.#store.size
  }

  /** Takes in a packet at its arrival. Never throws. The payload is kept until it is pulled: pass a copy. */
  push(packet: ArrivedPacket, now: Millis): void {
    const duration = durationOf(packet.payload)
    if (duration === undefined) {
      this.#dropped += 1
      return
    }
    const sequence = this.#admit(packet)
    if (sequence === undefined) return
    const timestamp = unwrapNear(packet.timestamp, this.#newest?.timestamp ?? packet.timestamp, 32)
    this.#origin ??= timestamp
    this.#target.arrived((timestamp - this.#origin) / SAMPLES_PER_MS, duration / SAMPLES_PER_MS, now)
    if (this.#started && sequence < this.#next) {
      this.#late += 1
      return
    }
    this.#keep({ sequence, timestamp, duration, payload: packet.payload }, now)
  }

  /**
   * What to play next; call it until a frame is full. `held` is how much decoded sound the caller still has, which
   * is part of the delay that {@link stats} tell.
   */
  pull(now: Millis, held: Samples = samples(0)): Pulled {
    if (!this.#playing && !this.#begin(now)) return this.#silence(samples(FRAME_SAMPLES))
    this.#settleDebts()
    if (this.#msFrom(this.#nextTimestamp) > this.#target.targetMs + CATCH_UP_MS) this.#catchUp()
    const packet = this.#store.get(this.#next)
    if (packet !== undefined) return this.#pauseBefore(packet) ?? this.#play(packet, now, held)
    return this.#store.size > 0 ? this.#passOver() : this.#bridge()
  }

  /** The unwrapped sequence number; undefined when the packet is not to be played. */
  #admit(packet: ArrivedPacket): number | undefined {
    if (packet.ssrc !== this.#ssrc) this.#restart()
    this.#ssrc = packet.ssrc
    const followed = this.#follower.follow(packet.sequenceNumber)
    switch (followed.kind) {
      case 'duplicate':
        this.#duplicated += 1
        return undefined
      case 'stray':
        this.#dropped += 1
        return undefined
      case 'restarted':
        this.#startAnew()
        return followed.sequence
      case 'admitted':
        return followed.sequence
    }
  }

  #keep(packet: StoredPacket, now: Millis): void {
    const newest = this.#newest
    if (newest === undefined || packet.sequence > newest.sequence) {
      this.#expected += newest === undefined ? 1 : packet.sequence - newest.sequence
      this.#newest = packet
      this.#newestAt = now
    }
    const firstHeld = (this.#newest as StoredPacket).sequence - SPAN_PACKETS_MAX + 1
    if (packet.sequence < firstHeld) {
      this.#dropped += 1
      return
    }
    if (this.#playing && this.#next < firstHeld) this.#skipTo(firstHeld)
    else this.#dropped += this.#store.dropBefore(firstHeld)
    this.#store.put(packet)
    if (!this.#playing) this.#waitingSince ??= now
  }

  /** From `waiting` to `playing`, if it is time. */
  #begin(now: Millis): boolean {
    const oldest = this.#store.oldest()
    if (oldest === undefined || this.#waitingSince === undefined) return false
    const target = this.#target.targetMs
    const waited = this.#msFrom(oldest.timestamp) + now - this.#newestAt
    // The second test is for senders whose timestamps make no sense.
    if (waited < target && now - this.#waitingSince < target) return false
    if (this.#started) this.#skipTo(oldest.sequence)
    this.#started = true
    this.#next = oldest.sequence
    this.#nextTimestamp = oldest.timestamp
    this.#playing = true
    this.#window.reset()
    return true
  }

  /** From `playing` to `waiting`: the sender is silent, or gone. */
  #stop(): void {
    this.#playing = false
    this.#waitingSince = undefined
    this.#concealed = 0
    this.#owed = 0
  }

  #restart(): void {
    this.#follower.reset()
    this.#startAnew()
  }

  #startAnew(): void {
    this.#stop()
    this.#dropped += this.#store.size
    this.#store.clear()
    this.#target = new TargetDelay()
    this.#newest = undefined
    this.#origin = undefined
    this.#started = false
    this.#lastWasDtx = false
  }

  /** Lets go of what is staler than the target, but never of the newest packet. */
  #catchUp(): void {
    const newest = this.#newest as StoredPacket
    let to = this.#next
    for (let sequence = newest.sequence; sequence > this.#next; sequence--) {
      const packet = this.#store.get(sequence)
      if (packet === undefined) continue
      if (to !== this.#next && this.#msFrom(packet.timestamp) > this.#target.targetMs) break
      to = sequence
    }
    const first = this.#store.get(to)
    if (first === undefined || to === this.#next) return
    this.#skipTo(to)
    this.#nextTimestamp = first.timestamp
    this.#owed = 0
    this.#jumped = true
    this.#window.reset()
  }

  #skipTo(sequence: number): void {
    const dropped = this.#store.dropBefore(sequence)
    this.#dropped += dropped
    this.#lost += sequence - this.#next - dropped
    this.#nextTimestamp += (sequence - this.#next) * this.#lastDuration
    this.#next = sequence
  }

  /** What was concealed while waiting stands for packets that turn out to be lost: they need no second stand-in. */
  #settleDebts(): void {
    while (this.#owed > 0 && this.#store.size > 0 && this.#store.get(this.#next) === undefined) {
      this.#owed -= 1
      this.#loseNext()
    }
  }

  #loseNext(): void {
    this.#lost += 1
    this.#next += 1
    this.#nextTimestamp += this.#lastDuration
  }

  /** The silence that the sender left before `packet`, a frame at a time; undefined when there is none (left). */
  #pauseBefore(packet: StoredPacket): Pulled | undefined {
    let pause = packet.timestamp - this.#nextTimestamp
    if (pause <= this.#lastDuration / 2 || pause > PAUSE_MAX) return undefined
    const alreadyPlayed = Math.min(pause, this.#owed * this.#lastDuration)
    this.#owed = 0
    this.#nextTimestamp += alreadyPlayed
    pause -= alreadyPlayed
    if (pause === 0) return undefined
    const step = samples(Math.min(pause, FRAME_SAMPLES))
    this.#nextTimestamp += step
    return this.#silence(step)
  }

  #play(packet: StoredPacket, now: Millis, held: Samples): Pulled {
    // A media time that jumped, back or far ahead, is a new beginning; the level so far means nothing for it.
    if (Math.abs(packet.timestamp - this.#nextTimestamp) > PAUSE_MAX) this.#window.reset()
    // From the arrival of the newest packet to the end of its sound, as things go now.
    this.#window.note(this.#msFrom(packet.timestamp) + now - this.#newestAt, now)
    this.#delayMs = this.#window.peak + held / SAMPLES_PER_MS
    this.#store.take(packet.sequence)
    this.#next = packet.sequence + 1
    this.#nextTimestamp = packet.timestamp + packet.duration
    this.#lastDuration = packet.duration
    this.#lastWasDtx = packet.payload.length <= DTX_PACKET_BYTES
    this.#concealed = 0
    this.#owed = 0
    const jumped = this.#jumped
    this.#jumped = false
    return { kind: 'packet', payload: packet.payload, lean: this.#lean(), jumped }
  }

  /** How the delay stands to its target. One answer other than `hold` for each look at the level. */
  #lean(): Lean {
    if (!this.#window.isFull) return 'hold'
    const excess = this.#window.peak - this.#target.targetMs
    if (excess <= LEAN_ABOVE_MS && excess >= -LEAN_BELOW_MS) return 'hold'
    this.#window.reset()
    return excess > 0 ? 'shrink' : 'stretch'
  }

  /** The next packet is lost: a later one is here already. */
  #passOver(): Pulled {
    this.#loseNext()
    this.#concealed += 1
    const following = this.#store.get(this.#next)
    if (following !== undefined)
      return { kind: 'recover', next: following.payload, duration: this.#lastDuration }
    if (this.#concealed > CONCEAL_FRAMES_MAX) return this.#silence(this.#lastDuration)
    return { kind: 'conceal', duration: this.#lastDuration }
  }

  /** Nothing is here: late, lost, or the sender is silent. */
  #bridge(): Pulled {
    if (this.#lastWasDtx || this.#concealed >= CONCEAL_FRAMES_MAX) {
      this.#stop()
      return this.#silence(samples(FRAME_SAMPLES))
    }
    this.#concealed += 1
    this.#owed += 1
    return { kind: 'conceal', duration: this.#lastDuration }
  }

  #silence(duration: Samples): Pulled {
    return { kind: 'silence', duration }
  }

  /** Milliseconds of media from `timestamp` to the end of the newest packet. */
  #msFrom(timestamp: number): number {
    const newest = this.#newest
    return newest === undefined ? 0 : (newest.timestamp + newest.duration - timestamp) / SAMPLES_PER_MS
  }
}

/** Samples in the packet; undefined when it is no Opus packet. */
function durationOf(payload: Uint8Array): Samples | undefined {
  try {
    return parseToc(payload).duration
  } catch {
    // Anyone may send anything: the packet counts as dropped, and its turn will be concealed.
    return undefined
  }
}
