// People in a room who send Opus packets that were encoded beforehand, over real WebRTC, and count what comes back: the
// same ones for every server that is compared, so that what differs is the server.

import { type Dbov, FRAME_MS, FRAME_SAMPLES } from '../../src/base/units.ts'
import { parseRtp, writeRtp } from '../../src/media/rtp/rtp.ts'
import { OFFERED, WebRtcClient, type WebRtcClientOptions } from '../../src/rehearsal/webrtc-client.ts'

/** A packet of 20 ms, and its level. */
export interface Said {
  readonly payload: Uint8Array
  readonly level: Dbov
}

/** How one of them exchanges offer for answer. */
export type Exchange = WebRtcClientOptions['exchange']

export interface TalkersOptions {
  readonly count: number
  readonly exchange: (talker: number) => Exchange
  /** What a talker says in the frame of that index. */
  readonly speech: (talker: number, frame: number) => Said
  /** Told of every packet that comes back. Must not throw. */
  readonly heard?: (talker: number, payload: Uint8Array) => void
}

/** After a hiccup at most this many frames are sent late; the rest is skipped. */
const CATCH_UP_FRAMES_MAX = 10
const SILENT_BELOW_DBOV = -50

/** Call `stop` at the end. */
export class Talkers {
  readonly #options: TalkersOptions
  readonly #clients: WebRtcClient[] = []
  #packetsBack = 0
  #bytesBack = 0
  #frame = 0
  #timer: ReturnType<typeof setTimeout> | undefined

  /** One after the other, as nobody's arrival is measured; all of them talk when this resolves. */
  static async join(options: TalkersOptions): Promise<Talkers> {
    const talkers = new Talkers(options)
    try {
      for (let i = 0; i < options.count; i++) await talkers.#join(i)
    } catch (error) {
      talkers.stop()
      throw error
    }
    talkers.#talk()
    return talkers
  }

  private constructor(options: TalkersOptions) {
    this.#options = options
  }

  /** Packets and Opus bytes that came back so far, to all of them. */
  get back(): { readonly packets: number; readonly bytes: number } {
    return { packets: this.#packetsBack, bytes: this.#bytesBack }
  }

  stop(): void {
    clearTimeout(this.#timer)
    for (const client of this.#clients) client.close()
  }

  async #join(talker: number): Promise<void> {
    const client = await WebRtcClient.connect({
      ssrc: 0x4d49_0000 + talker,
      exchange: this.#options.exchange(talker),
      received: (bytes) => {
        const rtp = parseRtp(bytes)
        if (rtp.kind !== 'rtp') return
        this.#packetsBack += 1
        this.#bytesBack += rtp.payload.length
        this.#options.heard?.(talker, rtp.payload)
      },
      closed: () => {},
    })
    this.#clients.push(client)
  }

  /** Paced by the clock: timers of 20 ms drift. */
  #talk(): void {
    const startedAt = performance.now()
    const tick = () => {
      const due = Math.floor((performance.now() - startedAt) / FRAME_MS) + 1
      this.#frame = Math.max(this.#frame, due - CATCH_UP_FRAMES_MAX)
      for (; this.#frame < due; this.#frame++) {
        for (const [talker, client] of this.#clients.entries()) this.#say(talker, client)
      }
      this.#timer = setTimeout(tick, Math.max(0, startedAt + this.#frame * FRAME_MS - performance.now()))
    }
    tick()
  }

  #say(talker: number, client: WebRtcClient): void {
    const { payload, level } = this.#options.speech(talker, this.#frame)
    client.send(
      writeRtp({
        payloadType: OFFERED.payloadType,
        sequenceNumber: this.#frame & 0xffff,
        timestamp: (this.#frame * FRAME_SAMPLES) >>> 0,
        ssrc: 0x4d49_0000 + talker,
        marker: false,
        payload,
        level: { dbov: level, voice: level > SILENT_BELOW_DBOV },
        levelId: OFFERED.levelId,
      }),
    )
  }
}
