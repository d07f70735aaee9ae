// A WebRTC client in a few lines: one audio m-line, sent and received, RTP in the clear on our side of it. What
// node-datachannel needs to be told is kept in here: it forgets objects nobody refers to, an exception in a callback
// of its aborts the process, and it throws when something is sent on a track that has just closed.

import nodeDataChannel, { type PeerConnection, type Track } from 'node-datachannel'
import { MimbarError } from '../base/errors.ts'
import { isRtcp } from '../media/rtp/rtp.ts'
import { applyAnswer, candidatesIn, withoutCandidates } from './quiet-offer.ts'

/** Payload type and header extension id that we offer; the answer may use no others. */
export const OFFERED = { payloadType: 111, levelId: 1 } as const
const OPUS_FORMAT = 'minptime=20;ptime=20;stereo=0;sprop-stereo=0;useinbandfec=1;usedtx=0'
const LEVEL_EXTENSION = 'urn:ietf:params:rtp-hdrext:ssrc-audio-level'
const GATHER_TIMEOUT_MS = 3_000
const CONNECT_TIMEOUT_MS = 8_000

export interface WebRtcClientOptions {
  readonly ssrc: number
  /**
   * Exchanges the offer for an answer; rejects when there is none. The offer is without `candidates`, for the reason
   * in `quiet-offer.ts`: a server that cannot do without is to be told of them once the answer is here.
   */
  readonly exchange: (offer: string, candidates: readonly string[]) => Promise<string>
  /** An RTP packet came; the bytes may be reused after the call. Must not throw. */
  readonly received: (rtp: Uint8Array) => void
  /** The connection is over, once. A new one takes a new client. */
  readonly closed: () => void
}

/** One connection, from the offer to its end. */
export class WebRtcClient {
  // The library lets go of what JavaScript does not hold.
  readonly #connection: PeerConnection
  readonly #track: Track
  readonly #closed: () => void
  #isClosed = false

  /** Connects; `unavailable` when it takes too long or fails, and what `exchange` throws. */
  static async connect(options: WebRtcClientOptions): Promise<WebRtcClient> {
    const client = new WebRtcClient(options)
    try {
      const offer = await client.#offer()
      const answer = await options.exchange(withoutCandidates(offer), candidatesIn(offer))
      await client.#connected(answer)
      return client
    } catch (error) {
      client.close()
      throw error
    }
  }

  private constructor(options: WebRtcClientOptions) {
    this.#closed = options.closed
    this.#connection = new nodeDataChannel.PeerConnection('speaker', {
      iceServers: [],
      disableAutoNegotiation: true,
    })
    const audio = new nodeDataChannel.Audio('0', 'SendRecv')
    audio.addOpusCodec(OFFERED.payloadType, OPUS_FORMAT)
    audio.parseSdpLine(`a=extmap:${OFFERED.levelId} ${LEVEL_EXTENSION}`)
    audio.addSSRC(options.ssrc, 'speaker', 'speaker', 'voice')
    this.#track = this.#connection.addTrack(audio)
    this.#track.onMessage((bytes) => {
      if (this.#isClosed || isRtcp(bytes)) return
      try {
        options.received(bytes)
      } catch {
        // It promised not to throw; an exception that left this callback would end the process.
      }
    })
  }

  /** Sends one RTP packet; false when it could not be. */
  send(rtp: Uint8Array): boolean {
    if (this.#isClosed || !this.#track.isOpen()) return false
    try {
      return this.#track.sendMessageBinary(Buffer.from(rtp.buffer, rtp.byteOffset, rtp.byteLength))
    } catch {
      // It closed between the question and the call.
      return false
    }
  }

  /** Idempotent. `closed` is told once, also when the connection ends by itself. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#track.close()
    this.#connection.close()
    queueMicrotask(this.#closed)
  }

  /** The offer, complete. */
  async #offer(): Promise<string> {
    await settled('gathering', GATHER_TIMEOUT_MS, (done) => {
      this.#connection.onGatheringStateChange((state) => state === 'complete' && done())
      this.#connection.setLocalDescription('offer')
    })
    const offer = this.#connection.localDescription()
    if (offer === null) throw new MimbarError('unavailable', 'The WebRTC library made no offer.')
    return offer.sdp
  }

  async #connected(answer: string): Promise<void> {
    await settled('connecting', CONNECT_TIMEOUT_MS, (done, failed) => {
      this.#connection.onStateChange((state) => {
        if (state === 'connected') done()
        if (state === 'failed' || state === 'closed') {
          failed()
          this.close()
        }
      })
      applyAnswer(this.#connection, answer)
    })
  }
}

/** Runs `begin` and waits for its `done`; `unavailable` when it fails or takes too long. */
function settled(
  what: string,
  timeoutMs: number,
  begin: (done: () => void, failed: () => void) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (cause?: unknown) => {
      clearTimeout(timeout)
      reject(new MimbarError('unavailable', `WebRTC failed while ${what}.`, { cause }))
    }
    const timeout = setTimeout(fail, timeoutMs)
    const done = () => {
      clearTimeout(timeout)
      resolve()
    }
    try {
      begin(done, fail)
    } catch (cause) {
      fail(cause)
    }
  })
}
