// One question after another over one connection that is kept, as a browser keeps it: how a synthetic listener asks for
// the line it stands in, and how one that polls asks for playlists and parts.

import type { Socket } from 'bun'
import { HttpResponseReader, type ResponseHead, type ResponseSink } from './http-response.ts'
import type { SwarmScope } from './swarm-scope.ts'

/** A line, a playlist or a segment is far smaller; whoever sends more is not from Mimbar. */
const BODY_BYTES_MAX = 512 * 1024
/** A held reload is answered within three target durations (RFC 8216bis, section 6.2.5.2); all else sooner. */
const ANSWER_LIMIT_MS = 8_000

/** A whole answer. */
export interface Answer {
  readonly status: number
  readonly retryAfterS: number | undefined
  readonly body: Buffer
}

type AskerSocket = Socket<Asker>

const HANDLERS = {
  binaryType: 'buffer' as const,
  open: (socket: AskerSocket) => socket.data.connected(socket),
  handshake: (socket: AskerSocket, success: boolean) => socket.data.shookHands(socket, success),
  data: (socket: AskerSocket, bytes: Buffer) => socket.data.received(socket, bytes),
  close: (socket: AskerSocket) => socket.data.closed(socket),
  end: (socket: AskerSocket) => socket.data.closed(socket),
  error: (socket: AskerSocket) => socket.data.closed(socket),
  connectError: (socket: AskerSocket) => socket.data.closed(undefined),
}

export class Asker implements ResponseSink {
  readonly #scope: SwarmScope
  readonly #answered: (answer: Answer | undefined) => void
  #socket: AskerSocket | undefined
  #isConnecting = false
  #isClosed = false
  /** A server may close a kept connection just when it is asked again; that once is not its fault. */
  #isKept = false
  #question: string | undefined
  #askedAtMs = 0
  #response = new HttpResponseReader()
  #head: ResponseHead | undefined
  #pieces: Buffer[] = []
  #bytes = 0

  /** `answered` is called once for each question, with nothing when no answer came. */
  constructor(scope: SwarmScope, answered: (answer: Answer | undefined) => void) {
    this.#scope = scope
    this.#answered = answered
  }

  get isAsking(): boolean {
    return this.#question !== undefined
  }

  /** Asks for `path`; not before the question before was answered. */
  ask(path: string): void {
    this.#question = path
    this.#askedAtMs = this.#scope.now()
    this.#head = undefined
    this.#pieces = []
    this.#bytes = 0
    this.#response = new HttpResponseReader()
    if (this.#socket !== undefined) this.#say()
    else this.#connect()
  }

  /** Several times a second: a question without an answer is given up. */
  sweep(now: number): void {
    if (this.#question === undefined || now - this.#askedAtMs < ANSWER_LIMIT_MS) return
    const socket = this.#socket
    this.#socket = undefined
    socket?.terminate()
    this.#isConnecting = false
    this.#tell(undefined)
  }

  /** Hangs up; nobody is told any more. */
  close(): void {
    this.#isClosed = true
    this.#question = undefined
    this.#socket?.terminate()
    this.#socket = undefined
  }

  #connect(): void {
    if (this.#isConnecting) return
    this.#isConnecting = true
    this.#isKept = false
    const { tls } = this.#scope
    Bun.connect<Asker>({
      hostname: this.#scope.nextAddress(),
      port: this.#scope.plan.target.port,
      ...(tls === undefined ? {} : { tls: { ...tls, rejectUnauthorized: true } }),
      data: this,
      socket: HANDLERS,
    }).catch(() => this.closed(undefined))
  }

  #say(): void {
    if (this.#question !== undefined) this.#socket?.write(this.#scope.questionFor(this.#question))
  }

  connected(socket: AskerSocket): void {
    // Whoever was given up in between is not needed any more.
    if (this.#isClosed || !this.#isConnecting || this.#socket !== undefined) {
      socket.terminate()
      return
    }
    this.#socket = socket
    if (this.#scope.tls === undefined) this.#stand()
  }

  shookHands(socket: AskerSocket, success: boolean): void {
    if (!success) socket.terminate()
    else if (socket === this.#socket) this.#stand()
  }

  #stand(): void {
    this.#isConnecting = false
    this.#say()
  }

  received(socket: AskerSocket, bytes: Buffer): void {
    if (this.#isClosed || socket !== this.#socket) return
    this.#scope.tally.bytes += bytes.length
    try {
      this.#response.push(bytes, this)
    } catch {
      // Not HTTP, or more than was asked for: as good as no answer.
      socket.terminate()
      this.closed(socket)
    }
  }

  head(head: ResponseHead): void {
    this.#head = head
  }

  body(bytes: Uint8Array, from: number, to: number): void {
    this.#bytes += to - from
    if (this.#bytes <= BODY_BYTES_MAX) this.#pieces.push(Buffer.from(bytes.subarray(from, to)))
    else this.#socket?.terminate()
  }

  end(): void {
    const head = this.#head
    this.#isKept = true
    if (head !== undefined) this.#tell({ ...head, body: Buffer.concat(this.#pieces) })
  }

  /** `socket` is absent when there never was one. */
  closed(socket: AskerSocket | undefined): void {
    if (this.#isClosed || (socket !== undefined && socket !== this.#socket)) return
    const wasKept = this.#isKept && this.#head === undefined
    this.#socket = undefined
    this.#isConnecting = false
    if (this.#question === undefined) return
    if (wasKept) this.#connect()
    else this.#tell(undefined)
  }

  #tell(answer: Answer | undefined): void {
    this.#question = undefined
    this.#answered(answer)
  }
}
