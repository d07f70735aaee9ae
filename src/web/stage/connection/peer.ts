// One attempt at a connection: a peer connection that makes one offer, is answered once, and is thrown away.
// Everything is in the offer and everything is in the answer; nothing trickles (RFC 9725, section 4.3.2 allows it).

import type { Problem } from '../../../core/api/api.ts'
import { problemFrom } from '../../api/call.ts'

export interface PeerOptions {
  readonly url: string
  /** For who has no cookie yet. */
  readonly bearer?: string | undefined
  readonly track: MediaStreamTrack
  readonly stream: MediaStream
  /** Relays that may be needed; gathering waits for them, so none where the way is known to be direct. */
  readonly iceServers: Promise<readonly RTCIceServer[]>
  onAnswered(): void
  /** With the server's problem; undefined when there was no answer that could be used. */
  onRefused(problem: Problem | undefined): void
  onChanged(to: 'connected' | 'disconnected' | 'failed'): void
  /** The program without oneself. */
  onSound(stream: MediaStream): void
}

interface InboundStats {
  readonly type: string
  readonly packetsReceived?: number
  readonly packetsLost?: number
}
interface PairStats {
  readonly nominated?: boolean
  readonly state?: string
  readonly localCandidateId?: string
  /** Seconds. */
  readonly currentRoundTripTime?: number
}

/** Host candidates are there within milliseconds, a relay's after a few round trips; what is slower is done without. */
const GATHER_WITHIN_MS = 2_000
/** An SDP answer for one audio line is a few KB. */
const ANSWER_LENGTH_MAX = 64 * 1024

/** Lives until `close`, which is idempotent; after it no callback is called any more. */
export class Peer {
  /** Made once the relays are known. */
  #connection: RTCPeerConnection | undefined
  readonly #abort = new AbortController()
  readonly #options: PeerOptions
  #sender: RTCRtpSender | undefined
  #track: MediaStreamTrack
  #session: string | undefined

  constructor(options: PeerOptions) {
    this.#options = options
    this.#track = options.track
    void this.#negotiate()
  }

  /** RTP packets received so far. */
  async countPackets(): Promise<number> {
    let packets = 0
    const report = await this.#stats()
    report.forEach((stats: { type: string; packetsReceived?: number }) => {
      if (stats.type === 'inbound-rtp') packets += stats.packetsReceived ?? 0
    })
    return packets
  }

  /** Where the session is at our door; undefined until it was answered. */
  get session(): string | undefined {
    return this.#session
  }

  /** Packets of the way back since the start, and the round trip as ICE measures it. */
  async measure(): Promise<{ received: number; lost: number; roundTripMs?: number }> {
    const found: { received: number; lost: number; roundTripMs?: number } = { received: 0, lost: 0 }
    const report = await this.#stats()
    report.forEach((stats: InboundStats & PairStats) => {
      if (stats.type === 'inbound-rtp') {
        found.received += stats.packetsReceived ?? 0
        found.lost += stats.packetsLost ?? 0
      }
      if (stats.type === 'candidate-pair' && stats.nominated && stats.currentRoundTripTime !== undefined)
        found.roundTripMs = stats.currentRoundTripTime * 1_000
    })
    return found
  }

  /** True when the sound goes through a relay. Undefined while nothing is connected. */
  async isRelayed(): Promise<boolean | undefined> {
    const report = await this.#stats()
    let local: string | undefined
    report.forEach((stats: PairStats & { readonly type: string }) => {
      if (stats.type === 'candidate-pair' && stats.nominated && stats.state === 'succeeded')
        local = stats.localCandidateId
    })
    return local === undefined ? undefined : report.get(local)?.candidateType === 'relay'
  }

  /** Another microphone, without a new connection. */
  async replaceTrack(track: MediaStreamTrack): Promise<void> {
    this.#track = track
    await this.#sender?.replaceTrack(track)
  }

  /** With `goodbye` the stage is told, so that the seat is empty at once and not after a time-out. */
  close(goodbye = false): void {
    if (this.#closed) return
    this.#abort.abort()
    this.#connection?.close()
    if (goodbye && this.#session !== undefined) {
      // Nobody waits for the answer: the stage notices by itself, only later.
      fetch(this.#session, { method: 'DELETE', keepalive: true, headers: this.#authorization }).catch(
        () => {},
      )
    }
  }

  #open(relays: readonly RTCIceServer[]): RTCPeerConnection {
    const { stream, onSound, onChanged } = this.#options
    const connection = new RTCPeerConnection({ iceServers: [...relays] })
    this.#connection = connection
    this.#sender = connection.addTransceiver(this.#track, { direction: 'sendrecv', streams: [stream] }).sender
    connection.addEventListener('track', ({ track }) => onSound(new MediaStream([track])))
    connection.addEventListener('connectionstatechange', () => {
      const state = connection.connectionState
      if (this.#closed) return
      if (state === 'connected' || state === 'disconnected' || state === 'failed') onChanged(state)
    })
    return connection
  }

  async #stats(): Promise<RTCStatsReport> {
    return (await this.#connection?.getStats()) ?? new Map()
  }

  get #authorization(): Record<string, string> {
    const { bearer } = this.#options
    return bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }
  }

  get #closed(): boolean {
    return this.#abort.signal.aborted
  }

  async #negotiate(): Promise<void> {
    const { url, iceServers, onAnswered, onRefused } = this.#options
    try {
      const relays = await iceServers
      if (this.#closed) return
      const connection = this.#open(relays)
      await connection.setLocalDescription()
      await gathered(connection, this.#abort.signal)
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/sdp', ...this.#authorization },
        body: connection.localDescription?.sdp ?? '',
        signal: this.#abort.signal,
      })
      if (!response.ok) {
        const problem = await problemFrom(response)
        if (!this.#closed) onRefused(problem)
        return
      }
      const location = response.headers.get('location')
      if (location !== null) this.#session = sameOrigin(new URL(location, response.url))
      const sdp = await response.text()
      if (this.#closed) return
      if (sdp.length > ANSWER_LENGTH_MAX) return onRefused(undefined)
      await connection.setRemoteDescription({ type: 'answer', sdp })
      if (!this.#closed) onAnswered()
    } catch {
      // No network, an answer that is not SDP, or closed meanwhile: the same to the caller, who tries again.
      if (!this.#closed) onRefused(undefined)
    }
  }
}

/** The session's path at our own door, whatever host the server believes it has. */
function sameOrigin(location: URL): string {
  return location.pathname + location.search
}

function gathered(connection: RTCPeerConnection, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (connection.iceGatheringState === 'complete') return resolve()
    const done = () => {
      clearTimeout(timer)
      resolve()
    }
    const timer = setTimeout(done, GATHER_WITHIN_MS)
    signal.addEventListener('abort', done, { once: true })
    connection.addEventListener('icegatheringstatechange', () => {
      if (connection.iceGatheringState === 'complete') done()
    })
  })
}
