// One socket of a synthetic listener: from connect() to whatever ends it. It reads and checks; what a loss means,
// and when to try again, its listener decides.

import type { Socket } from 'bun'
import type { Sequence } from '../../base/units.ts'
import type { Place } from '../../core/door/waiting.ts'
import { parsePlace } from '../../core/door/waiting-answers.ts'
import type { EdgeNote, ResumePoint } from '../../core/stream/notes.ts'
import { BoxFollower, type BoxSink } from './box-follower.ts'
import { HttpResponseReader, type ResponseHead, type ResponseSink } from './http-response.ts'
import type { SwarmScope } from './swarm-scope.ts'

/** How a connection ended, when it was not its listener who ended it. */
export type ConnectionEnd =
  | { readonly kind: 'failed' } // it could not be made, or broke before an answer
  | {
      readonly kind: 'answered'
      readonly status: number
      readonly retryAfterS: number | undefined
      /** In the line, where one was given. */
      readonly place?: Place | undefined
    }
  | { readonly kind: 'broken' } // what came was not a stream of parts
  | { readonly kind: 'closed' }

/** Who is told. */
export interface ConnectionOwner {
  /** Parts `first` to `last`, in order and without a hole between them. */
  took(connection: StreamConnection, first: Sequence, last: Sequence): void
  /** All parts of what had arrived were told. */
  caughtUp(connection: StreamConnection): void
  note(connection: StreamConnection, note: EdgeNote): void
  over(connection: StreamConnection, end: ConnectionEnd): void
  /** What the next part should be; to recognise a flush by. */
  readonly next: number
}

/** What is said instead of a stream: a problem document, in a few hundred bytes. */
const REFUSAL_BYTES_MAX = 8 * 1024

type StreamSocket = Socket<StreamConnection>

/** One for all sockets. */
const HANDLERS = {
  binaryType: 'buffer' as const,
  open(socket: StreamSocket) {
    socket.data.connected(socket)
  },
  handshake(socket: StreamSocket, success: boolean) {
    socket.data.shookHands(success)
  },
  data(socket: StreamSocket, bytes: Buffer) {
    socket.data.received(bytes)
  },
  close(socket: StreamSocket) {
    socket.data.closed()
  },
  end(socket: StreamSocket) {
    socket.data.closed()
  },
  error(socket: StreamSocket) {
    socket.data.closed()
  },
  connectError(socket: StreamSocket) {
    socket.data.closed()
  },
}

export class StreamConnection implements ResponseSink, BoxSink {
  readonly #scope: SwarmScope
  readonly #owner: ConnectionOwner
  readonly #request: string
  readonly #http = new HttpResponseReader()
  readonly #boxes = new BoxFollower()
  readonly openedAtMs: number
  /** It asked to go on after a part; the first ones may be known already. */
  readonly isResumed: boolean
  lastBytesAtMs: number
  gotPart = false
  /** Parts that the edge said it left out, until the jump over them comes. */
  skipsTold = 0
  #socket: StreamSocket | undefined
  #status = 0
  #retryAfterS: number | undefined
  /** What was said instead of a stream. */
  #refusal = ''
  #isOver = false
  /** The run of parts in what is being read, to be remembered when it is nothing but parts. */
  #first: Sequence | undefined
  #last: Sequence | undefined
  #isPlainRun = false
  /** It was told that it gets the low-bitrate track. */
  #isLow = false

  constructor(
    scope: SwarmScope,
    owner: ConnectionOwner,
    from: ResumePoint | undefined,
    ticket: string | undefined,
  ) {
    this.#scope = scope
    this.#owner = owner
    this.#request = scope.requestFor(from, ticket)
    this.isResumed = from !== undefined
    this.openedAtMs = scope.now()
    this.lastBytesAtMs = this.openedAtMs
    scope.tally.connects += 1
    const { tls } = scope
    Bun.connect<StreamConnection>({
      hostname: scope.nextAddress(),
      port: scope.plan.target.port,
      ...(tls === undefined ? {} : { tls: { ...tls, rejectUnauthorized: true } }),
      data: this,
      socket: HANDLERS,
    }).catch(() => this.closed())
  }

  get isAnswered(): boolean {
    return this.#status === 200
  }

  /** Ends it without telling its owner. */
  drop(): void {
    this.#isOver = true
    this.#socket?.terminate()
  }

  /** Takes nothing more from the socket, as if the phone had gone into a tunnel. */
  pause(): void {
    this.#socket?.pause()
  }

  resume(): void {
    this.lastBytesAtMs = this.#scope.now()
    this.#socket?.resume()
  }

  connected(socket: StreamSocket): void {
    this.#socket = socket
    if (this.#isOver) socket.terminate()
    else if (this.#scope.tls === undefined) this.#ask()
  }

  shookHands(success: boolean): void {
    if (this.#isOver) return
    if (success) this.#ask()
    else this.#socket?.terminate()
  }

  #ask(): void {
    const now = this.#scope.now()
    this.lastBytesAtMs = now
    this.#scope.durations.connected.record(now - this.openedAtMs)
    // Some 300 bytes into an empty socket: taken whole, or the connection is lost anyway.
    this.#socket?.write(this.#request)
  }

  received(bytes: Buffer): void {
    if (this.#isOver) return
    this.lastBytesAtMs = this.#scope.now()
    this.#scope.tally.bytes += bytes.length
    const isBetween = this.#http.isBetweenChunks && this.#boxes.isBetweenParts
    if (isBetween) {
      const known = this.#scope.flushes.find(bytes, this.#owner.next)
      if (known !== undefined) {
        this.#owner.took(this, known.first, known.last)
        this.#owner.caughtUp(this)
        return
      }
    }
    this.#read(bytes, isBetween)
  }

  /** The long way: for the first listener who gets these bytes, and for everyone whose bytes are his own. */
  #read(bytes: Buffer, startsBetween: boolean): void {
    this.#first = undefined
    this.#isPlainRun = startsBetween
    try {
      this.#http.push(bytes, this)
    } catch {
      // Whatever it was that came, it is not a stream that a player could follow.
      this.#end({ kind: 'broken' })
      return
    }
    if (this.#isOver || this.#first === undefined) return
    const endsBetween = this.#http.isBetweenChunks && this.#boxes.isBetweenParts
    if (this.#isPlainRun && endsBetween) {
      this.#scope.flushes.learn(bytes, this.#first, this.#last as Sequence)
    }
    this.#owner.caughtUp(this)
  }

  head({ status, retryAfterS }: ResponseHead): void {
    this.#status = status
    this.#retryAfterS = retryAfterS
    // A place is in the body; nothing of other refusals is of interest.
    if (status !== 200 && status !== 503) this.#end({ kind: 'answered', status, retryAfterS })
  }

  body(bytes: Uint8Array, from: number, to: number): void {
    if (this.#isOver) return
    if (this.#status === 200) this.#boxes.push(bytes, from, to, this)
    else if (this.#refusal.length + to - from > REFUSAL_BYTES_MAX) this.closed()
    else this.#refusal += Buffer.from(bytes.subarray(from, to)).toString('latin1')
  }

  end(): void {
    this.closed()
  }

  part(at: Sequence, checksum: number): void {
    if (!this.#scope.ledger.agrees(at, checksum, this.#isLow)) {
      this.#scope.tally.different += 1
      this.#isPlainRun = false
    }
    if (this.#first === undefined) this.#first = at
    else if (at !== (this.#last as number) + 1) this.#isPlainRun = false
    this.#last = at
    this.#owner.took(this, at, at)
  }

  note(note: EdgeNote): void {
    this.#isPlainRun = false
    if (note.kind === 'hello') this.#isLow = note.track === 'low.mp4'
    this.#owner.note(this, note)
  }

  closed(): void {
    if (this.#status === 200) this.#end({ kind: 'closed' })
    else if (this.#status === 0) this.#end({ kind: 'failed' })
    else
      this.#end({
        kind: 'answered',
        status: this.#status,
        retryAfterS: this.#retryAfterS,
        place: this.#place(),
      })
  }

  #place(): Place | undefined {
    try {
      return parsePlace(JSON.parse(this.#refusal))
    } catch {
      return undefined // a refusal without a place, or by something in between
    }
  }

  #end(end: ConnectionEnd): void {
    if (this.#isOver) return
    this.drop()
    this.#owner.over(this, end)
  }
}
