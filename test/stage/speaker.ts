// A person on stage for the stage's tests: a real WebRTC client that says a tone and keeps what it hears.

import nodeDataChannel, { type PeerConnection, type Track } from 'node-datachannel'
import type { SeatId, SpaceId } from '../../src/base/ids.ts'
import { FRAME_SAMPLES, SAMPLE_RATE_HZ } from '../../src/base/units.ts'
import { isRtcp, parseRtp, writeRtp } from '../../src/media/rtp/rtp.ts'
import { applyAnswer, withoutCandidates } from '../../src/rehearsal/quiet-offer.ts'
import {
  createDecoder,
  createEncoder,
  type OpusDecoder,
  type OpusEncoder,
} from '../../src/roles/stage/codec.ts'
import type { OfferAnswer } from '../../src/roles/stage/door.ts'
import { until } from '../harness/until.ts'

const SSRC = 0x4d494d42
const PAYLOAD_TYPE = 111
/** Two seconds are kept of what was heard. */
const HEARD_SAMPLES_MAX = 2 * SAMPLE_RATE_HZ

export interface SpeakerOptions {
  readonly socketPath: string
  readonly space: SpaceId
  readonly seat: SeatId
  readonly toneHz: number
  /** 0…1 of full scale. */
  readonly amplitude: number
  /** Like a WHIP encoder: wants nothing back. */
  readonly sendOnly?: boolean
  /** Not on stage yet: a sound check, at `/check`. */
  readonly check?: boolean
}

/** Call `leave` at the end. */
export class Speaker {
  readonly answer: OfferAnswer
  /** 0…1 of full scale, from the next packet on. */
  amplitude: number
  readonly #connection: PeerConnection
  readonly #track: Track
  readonly #options: SpeakerOptions
  readonly #encoder: OpusEncoder = createEncoder({
    bitrateBps: 48_000,
    complexity: 5,
    fec: { expectedLossPercent: 5 },
  })
  readonly #decoder: OpusDecoder = createDecoder()
  #heard = new Float32Array(0)
  #received = 0
  #receivedAt = 0
  #frame = 0
  #startedAt = 0
  #timer: ReturnType<typeof setTimeout> | undefined

  private constructor(
    connection: PeerConnection,
    track: Track,
    options: SpeakerOptions,
    answer: OfferAnswer,
  ) {
    this.#connection = connection
    this.#track = track
    this.#options = options
    this.amplitude = options.amplitude
    this.answer = answer
    track.onMessage((bytes) => this.#onMessage(bytes))
  }

  static async join(options: SpeakerOptions): Promise<Speaker> {
    const { connection, track, offer } = await makeOffer(options.sendOnly === true)
    const { socketPath, space, seat } = options
    const response = options.check
      ? await postCheck(socketPath, offer)
      : await postOffer(socketPath, space, seat, offer)
    if (response.status !== 201) {
      connection.close()
      throw new Error(`offer refused: ${response.status} ${await response.text()}`)
    }
    const answer = (await response.json()) as OfferAnswer
    const speaker = new Speaker(connection, track, options, answer)
    applyAnswer(connection, answer.sdp)
    await until('the track to open', () => track.isOpen(), 5_000)
    speaker.#startedAt = performance.now()
    speaker.#speak()
    return speaker
  }

  /** RTP packets that came back. */
  get received(): number {
    return this.#received
  }

  /** True when nothing has come back for 300 ms, although the stage sends a packet every 20 ms to who may hear it. */
  get isCutOff(): boolean {
    return performance.now() - this.#receivedAt > 300
  }

  /** The newest `samples` of what this person heard. */
  heard(samples: number): Float32Array {
    return this.#heard.slice(-samples)
  }

  /** Stops sending without a word to the other side. */
  fallSilent(): void {
    clearTimeout(this.#timer)
  }

  leave(): void {
    clearTimeout(this.#timer)
    this.#track.close()
    this.#connection.close()
    this.#decoder.close()
  }

  #speak(): void {
    const due = (performance.now() - this.#startedAt) / 20
    for (; this.#frame < due; this.#frame++) this.#send(this.#frame)
    this.#timer = setTimeout(
      () => this.#speak(),
      Math.max(1, this.#startedAt + this.#frame * 20 - performance.now()),
    )
  }

  #send(frame: number): void {
    const { toneHz } = this.#options
    const sound = new Float32Array(FRAME_SAMPLES)
    for (let i = 0; i < FRAME_SAMPLES; i++) {
      sound[i] =
        this.amplitude * Math.sin((2 * Math.PI * toneHz * (frame * FRAME_SAMPLES + i)) / SAMPLE_RATE_HZ)
    }
    if (!this.#track.isOpen()) return
    const packet = writeRtp({
      payloadType: PAYLOAD_TYPE,
      sequenceNumber: frame & 0xffff,
      timestamp: (frame * FRAME_SAMPLES) % 2 ** 32,
      ssrc: SSRC,
      marker: frame === 0,
      payload: this.#encoder.encode(sound),
    })
    this.#track.sendMessageBinary(Buffer.from(packet))
  }

  #onMessage(bytes: Uint8Array): void {
    if (isRtcp(bytes)) return
    const packet = parseRtp(bytes)
    if (packet.kind !== 'rtp') return
    this.#received += 1
    this.#receivedAt = performance.now()
    const sound = this.#decoder.decode(packet.payload)
    const kept = this.#heard.subarray(Math.max(0, this.#heard.length + sound.length - HEARD_SAMPLES_MAX))
    const grown = new Float32Array(kept.length + sound.length)
    grown.set(kept)
    grown.set(sound, kept.length)
    this.#heard = grown
  }
}

/** An offer as a browser would make it, ahead of its candidates. */
export async function makeOffer(
  sendOnly: boolean,
): Promise<{ connection: PeerConnection; track: Track; offer: string }> {
  const connection = new nodeDataChannel.PeerConnection('speaker', {
    iceServers: [],
    disableAutoNegotiation: true,
    bindAddress: '127.0.0.1',
  })
  const audio = new nodeDataChannel.Audio('0', sendOnly ? 'SendOnly' : 'SendRecv')
  audio.addOpusCodec(PAYLOAD_TYPE, 'minptime=10;useinbandfec=1')
  audio.addSSRC(SSRC, 'speaker', 'speaker', 'microphone')
  audio.parseSdpLine('a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level')
  const track = connection.addTrack(audio)
  connection.setLocalDescription('offer')
  await until('candidates', () => connection.gatheringState() === 'complete', 5_000)
  return { connection, track, offer: withoutCandidates(connection.localDescription()?.sdp ?? '') }
}

export function postCheck(socketPath: string, body: string): Promise<Response> {
  return fetch('http://stage/check', {
    unix: socketPath,
    method: 'POST',
    headers: { 'content-type': 'application/sdp' },
    body,
  })
}

export function postOffer(socketPath: string, space: string, seat: string, body: string): Promise<Response> {
  return fetch(`http://stage/offer?space=${space}&seat=${seat}`, {
    unix: socketPath,
    method: 'POST',
    headers: { 'content-type': 'application/sdp' },
    body,
  })
}
