// WebRTC as the stage sees it: an offer goes in, an answer and a session come out. Everything that node-datachannel
// wants handled with care is handled here and in `session.ts`:
//   - one UDP port for every connection of the process (a second process cannot share it);
//   - we are always the answerer, and a track is added before the offer is applied, else the answer echoes every codec;
//   - an exception that leaves a callback aborts the process, and an object nobody refers to goes silent.

import nodeDataChannel, { type Audio, type PeerConnection, type Track } from 'node-datachannel'
import { MimbarError } from '../../../base/errors.ts'
import {
  addHostCandidates,
  announceAddress,
  hostAddresses,
  iceCredentials,
} from '../../../media/sdp/sdp-answer.ts'
import { AUDIO_LEVEL_URI, type AudioOffer, writeOffer } from '../../../media/sdp/sdp-offer.ts'
import { guarded } from './guarded.ts'
import { MediaSession, type SessionListener } from './session.ts'
import type { StunFront } from './stun-front.ts'

/** From offer to answer; gathering host candidates takes a few milliseconds. */
export const ANSWER_TIMEOUT_MS = 5_000
/** Mono speech with in-band FEC; `usedtx=0` keeps packets coming, so that their absence means loss. */
export const OPUS_PROFILE =
  'minptime=20;ptime=20;stereo=0;sprop-stereo=0;useinbandfec=1;usedtx=0;maxaveragebitrate=48000'
/** Connections of one process, backstop above `SEATS_MAX` of the few spaces it can serve. */
export const SESSIONS_MAX = 256

export interface EndpointOptions {
  /** The one UDP port. */
  readonly udpPort: number
  /** Local address to bind; `0.0.0.0` for every interface. */
  readonly bindAddress: string
  /** What browsers are told to send to, when the machine is behind NAT. */
  readonly announcedAddress?: string | undefined
  /** For people who come through a relay, where there is one. The endpoint closes it. */
  readonly front?: StunFront | undefined
}

export interface OfferRequest {
  readonly offer: AudioOffer
  /** SSRC of what we send back; chosen by the caller, who owns randomness. */
  readonly ssrc: number
  readonly listener: SessionListener
}

export interface Answered {
  readonly sdp: string
  readonly session: MediaSession
}

/** Everything WebRTC of one stage process; owns its sessions until they close. */
export class WebRtcEndpoint {
  readonly #options: EndpointOptions
  /** Strong references: a connection that is garbage-collected goes silent after a second. */
  readonly #sessions = new Set<MediaSession>()
  /** Of those who come through a relay: ends their way through the front. */
  readonly #admissions = new Map<MediaSession, () => void>()

  constructor(options: EndpointOptions) {
    this.#options = options
  }

  get sessions(): number {
    return this.#sessions.size
  }

  /** Answers once, with every candidate in it. `unavailable` when the library does not answer in time. */
  async answerOffer(request: OfferRequest): Promise<Answered> {
    if (this.#sessions.size >= SESSIONS_MAX)
      throw new MimbarError('too-many', 'This stage has no room for another connection.')
    const { udpPort, bindAddress, announcedAddress } = this.#options
    const connection = new nodeDataChannel.PeerConnection('stage', {
      iceServers: [],
      enableIceUdpMux: true,
      portRangeBegin: udpPort,
      portRangeEnd: udpPort,
      disableAutoNegotiation: true,
      ...(bindAddress === '0.0.0.0' ? {} : { bindAddress }),
    })
    const session = this.#adopt(connection, request)
    try {
      const sdp = await localAnswer(connection, request.offer)
      const announced = announcedAddress ? announceAddress(sdp, announcedAddress) : sdp
      return { sdp: this.#openFront(request.offer, sdp, announced, session), session }
    } catch (error) {
      session.close()
      if (error instanceof MimbarError) throw error
      throw new MimbarError('bad-request', 'The WebRTC library does not accept this offer.', { cause: error })
    }
  }

  /** Closes every session. */
  close(): void {
    for (const session of [...this.#sessions]) session.close()
    this.#options.front?.close()
  }

  /**
   * The answer, which tells who comes through a relay of the front as well. A relay that stands beside us reaches our
   * own addresses, one that is elsewhere the announced one.
   */
  #openFront(offer: AudioOffer, own: string, announced: string, session: MediaSession): string {
    const { front, bindAddress } = this.#options
    const login = iceCredentials(own)
    const isRelayed = offer.candidates.some(({ type }) => type === 'relay')
    if (front === undefined || !isRelayed || login === undefined || session.state === 'closed')
      return announced
    this.#admissions.set(session, front.admit({ ...login, remoteUfrag: offer.iceUfrag }))
    const addresses = [...new Set([...hostAddresses(announced), ...hostAddresses(own)])]
    const reached = addresses.filter((address) => bindAddress.includes(':') || !address.includes(':'))
    return addHostCandidates(announced, reached, front.port)
  }

  #forget(session: MediaSession): void {
    this.#sessions.delete(session)
    this.#admissions.get(session)?.()
    this.#admissions.delete(session)
  }

  #adopt(connection: PeerConnection, { offer, ssrc, listener }: OfferRequest): MediaSession {
    const track = addTrack(connection, offer, ssrc)
    const session = new MediaSession(connection, track, offer.direction === 'sendrecv', {
      packet: (bytes) => listener.packet(bytes),
      state: (state) => {
        if (state === 'closed') this.#forget(session)
        listener.state(state)
      },
    })
    this.#sessions.add(session)
    return session
  }
}

function addTrack(connection: PeerConnection, offer: AudioOffer, ssrc: number): Track {
  const returns = offer.direction === 'sendrecv'
  const audio: Audio = new nodeDataChannel.Audio(offer.mid, returns ? 'SendRecv' : 'RecvOnly')
  audio.addOpusCodec(offer.payloadType, OPUS_PROFILE)
  if (offer.audioLevelId !== undefined)
    audio.parseSdpLine(`a=extmap:${offer.audioLevelId} ${AUDIO_LEVEL_URI}`)
  if (returns) audio.addSSRC(ssrc, 'mimbar', 'mimbar', 'mix-minus')
  return connection.addTrack(audio)
}

function localAnswer(connection: PeerConnection, offer: AudioOffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const timeout = setTimeout(() => {
      reject(new MimbarError('unavailable', `No answer within ${ANSWER_TIMEOUT_MS} ms.`))
    }, ANSWER_TIMEOUT_MS)
    const settle = (state: string) => {
      const answer = state === 'complete' ? connection.localDescription() : null
      if (!answer) return
      clearTimeout(timeout)
      resolve(answer.sdp)
    }
    connection.onGatheringStateChange(guarded('gathering', settle))
    try {
      connection.setRemoteDescription(writeOffer(offer), 'offer')
      connection.setLocalDescription('answer')
      settle(connection.gatheringState())
    } catch (error) {
      clearTimeout(timeout)
      reject(error)
    }
  })
}
