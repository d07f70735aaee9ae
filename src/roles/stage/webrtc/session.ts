// One connection of one seat: RTP in, RTP out, and how it fares. A session never comes back: who lost it makes a new
// offer for the same seat.
//
//     connecting ──▶ connected ⇄ interrupted ──▶ closed

import type { PeerConnection, Track } from 'node-datachannel'
import { isRtcp } from '../../../media/rtp/rtp.ts'
import { guarded } from './guarded.ts'

/** `interrupted`: the library has lost the other side and may find it again by itself. */
export type SessionState = 'connecting' | 'connected' | 'interrupted' | 'closed'

export interface SessionListener {
  /** One RTP packet; the bytes are the listener's to keep. */
  packet(bytes: Uint8Array): void
  /** Every change; `closed` comes once and last. */
  state(state: SessionState): void
}

/** Made by the endpoint, which holds it until it closes. */
export class MediaSession {
  readonly #connection: PeerConnection
  readonly #track: Track
  readonly #returns: boolean
  readonly #listener: SessionListener
  #state: SessionState = 'connecting'
  #sendFailures = 0

  constructor(connection: PeerConnection, track: Track, returns: boolean, listener: SessionListener) {
    this.#connection = connection
    this.#track = track
    this.#returns = returns
    this.#listener = listener
    connection.onStateChange(guarded('state', (state) => this.#onState(state)))
    track.onMessage(guarded('packet', (bytes) => this.#onMessage(bytes)))
    track.onClosed(guarded('track', () => {}))
    track.onError(guarded('track', () => {}))
  }

  get state(): SessionState {
    return this.#state
  }

  /** True when this seat is sent the mix-minus. */
  get returns(): boolean {
    return this.#returns
  }

  /** Packets that the library refused although the track was open. */
  get sendFailures(): number {
    return this.#sendFailures
  }

  /** Sends one RTP packet; false when there is nobody to send to now. */
  send(packet: Uint8Array): boolean {
    if (!this.#returns || this.#state !== 'connected' || !this.#track.isOpen()) return false
    try {
      return this.#track.sendMessageBinary(Buffer.from(packet.buffer, packet.byteOffset, packet.byteLength))
    } catch {
      // The track closed between the question and the call; `onStateChange` says so in a moment.
      this.#sendFailures += 1
      return false
    }
  }

  /** Idempotent. */
  close(): void {
    if (this.#state === 'closed') return
    this.#track.close()
    this.#connection.close()
    this.#become('closed')
  }

  #onState(state: string): void {
    if (state === 'connected') this.#become('connected')
    else if (state === 'disconnected') this.#become('interrupted')
    else if (state === 'failed' || state === 'closed') this.close()
  }

  #onMessage(bytes: Uint8Array): void {
    // The library hands RTCP to the same callback (RFC 5761, section 4).
    if (this.#state === 'closed' || bytes.length < 12 || isRtcp(bytes)) return
    this.#listener.packet(bytes)
  }

  #become(state: SessionState): void {
    if (this.#state === state || this.#state === 'closed') return
    this.#state = state
    this.#listener.state(state)
  }
}
