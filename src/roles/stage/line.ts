// One connection of a seat with all that belongs to it: WebRTC session, jitter buffer and decoder, and the RTP that
// goes back. A seat that reconnects gets a new line; nothing of the old one is carried over.

import type { Millis } from '../../base/units.ts'
import { FRAME_SAMPLES } from '../../base/units.ts'
import { parseRtp, writeRtp } from '../../media/rtp/rtp.ts'
import type { AudioOffer } from '../../media/sdp/sdp-offer.ts'
import { type ChannelStats, SpeakerChannel } from './speaker-channel.ts'
import type { WebRtcEndpoint } from './webrtc/endpoint.ts'
import type { MediaSession, SessionState } from './webrtc/session.ts'

export interface LineOptions {
  readonly id: string
  readonly offer: AudioOffer
  readonly endpoint: WebRtcEndpoint
  readonly now: () => Millis
  readonly random: () => number
  /** The first packet of sound has come: this line can take over from an older one. */
  heard(line: Line): void
  closed(line: Line): void
}

/** Owned by the seat's place; frees its decoder when it closes. */
export class Line {
  readonly id: string
  readonly openedAt: Millis
  readonly #options: LineOptions
  readonly #channel = new SpeakerChannel()
  readonly #ssrc: number
  readonly #timestampStart: number
  #sequenceNumber: number
  #session: MediaSession | undefined
  #heardAt: Millis | undefined
  #isClosed = false

  private constructor(options: LineOptions) {
    this.id = options.id
    this.#options = options
    this.openedAt = options.now()
    // SSRC, first sequence number and first timestamp are random (RFC 3550, section 5.1); zero is no SSRC.
    this.#ssrc = 1 + Math.floor(options.random() * (2 ** 32 - 1))
    this.#sequenceNumber = Math.floor(options.random() * 2 ** 16)
    this.#timestampStart = Math.floor(options.random() * 2 ** 32)
  }

  /** Answers the offer. Throws what the endpoint throws; nothing is left behind then. */
  static async open(options: LineOptions): Promise<{ readonly line: Line; readonly sdp: string }> {
    const line = new Line(options)
    try {
      const { sdp, session } = await options.endpoint.answerOffer({
        offer: options.offer,
        ssrc: line.#ssrc,
        listener: { packet: (bytes) => line.#onPacket(bytes), state: (state) => line.#onState(state) },
      })
      line.#session = session
      return { line, sdp }
    } catch (error) {
      line.close()
      throw error
    }
  }

  /** When the newest packet of sound came. */
  get heardAt(): Millis | undefined {
    return this.#heardAt
  }

  get stats(): ChannelStats {
    return this.#channel.stats
  }

  /** This tick's 960 samples; the channel's memory. */
  pull(now: Millis): Float32Array {
    return this.#channel.pull(now)
  }

  /** True when the seat wants to hear the stage. */
  get returns(): boolean {
    return this.#session?.returns === true && this.#session.state === 'connected'
  }

  /** Sends one packet of what this seat hears. `frame` counts 20 ms from anywhere. */
  send(payload: Uint8Array, frame: number): void {
    this.#session?.send(
      writeRtp({
        payloadType: this.#options.offer.payloadType,
        sequenceNumber: this.#sequenceNumber,
        timestamp: (this.#timestampStart + frame * FRAME_SAMPLES) % 2 ** 32,
        ssrc: this.#ssrc,
        marker: false,
        payload,
      }),
    )
    this.#sequenceNumber = (this.#sequenceNumber + 1) & 0xffff
  }

  /** Idempotent. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#session?.close()
    this.#channel.close()
    this.#options.closed(this)
  }

  #onPacket(bytes: Uint8Array): void {
    if (this.#isClosed) return
    const { offer, now } = this.#options
    const packet = parseRtp(bytes, offer.audioLevelId === undefined ? {} : { level: offer.audioLevelId })
    if (packet.kind !== 'rtp' || packet.payloadType !== offer.payloadType) return
    const isFirst = this.#heardAt === undefined
    this.#heardAt = now()
    this.#channel.push(packet, this.#heardAt)
    if (isFirst) this.#options.heard(this)
  }

  #onState(state: SessionState): void {
    if (state === 'closed') this.close()
  }
}
