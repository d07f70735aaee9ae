// As much of an HTTP/1.1 client as a synthetic listener needs: one response, read as it comes (RFC 9112, sections 4
// and 7.1). Bodies are handed on as ranges of what arrived, never copied: a swarm's cost is its own listeners' limit.
//
//     head ─▶ size ─▶ data ─▶ end-of-chunk ─▶ size …  ─▶ trailer ─▶ done
//        ├──▶ counted (Content-Length) ─▶ done
//        └──▶ plain (until the connection ends)

import { MimbarError } from '../../base/errors.ts'

/** What a listener decides by. */
export interface ResponseHead {
  readonly status: number
  /** Seconds, where the server gave a number of them. */
  readonly retryAfterS: number | undefined
}

export interface ResponseSink {
  head(head: ResponseHead): void
  /** `bytes[from…to)` belong to the body. */
  body(bytes: Uint8Array, from: number, to: number): void
  /** The body is complete; one without a length ends with the connection instead. */
  end(): void
}

/** A head of ours has some 500 bytes; a CDN adds as much again. */
const HEAD_BYTES_MAX = 16 * 1024
/** Hex digits of a chunk's size: 256 MB. */
const SIZE_DIGITS_MAX = 7
const LF = 0x0a
const CR = 0x0d

type State =
  | 'head'
  | 'size'
  | 'extension'
  | 'data'
  | 'end-of-chunk'
  | 'trailer'
  | 'counted'
  | 'plain'
  | 'done'

export class HttpResponseReader {
  #state: State = 'head'
  #head = ''
  #left = 0
  #digits = 0
  #lineIsEmpty = true

  /** True exactly between two chunks: what comes next means the same to every reader that is there. */
  get isBetweenChunks(): boolean {
    return this.#state === 'size' && this.#digits === 0
  }

  /** Reads on. Throws `corrupt` on what is not HTTP/1.1, or beyond the limits; the connection is of no more use. */
  push(bytes: Uint8Array, sink: ResponseSink): void {
    for (let at = 0; at < bytes.length; ) at = this.#step(bytes, at, sink)
  }

  /** Takes at least one byte, and returns where to go on. */
  #step(bytes: Uint8Array, at: number, sink: ResponseSink): number {
    switch (this.#state) {
      case 'head':
        return this.#takeHead(bytes, at, sink)
      case 'plain':
        sink.body(bytes, at, bytes.length)
        return bytes.length
      case 'data': {
        const to = Math.min(bytes.length, at + this.#left)
        this.#left -= to - at
        if (this.#left === 0) this.#state = 'end-of-chunk'
        sink.body(bytes, at, to)
        return to
      }
      case 'counted': {
        const to = Math.min(bytes.length, at + this.#left)
        this.#left -= to - at
        sink.body(bytes, at, to)
        if (this.#left === 0) this.#finish(sink)
        return to
      }
      case 'done':
        throw new MimbarError('corrupt', 'Bytes after the end of a response.')
      default:
        this.#takeLineByte(bytes[at] as number, sink)
        return at + 1
    }
  }

  #takeHead(bytes: Uint8Array, at: number, sink: ResponseSink): number {
    const searchFrom = Math.max(0, this.#head.length - 3)
    for (let i = at; i < bytes.length; i++) this.#head += String.fromCharCode(bytes[i] as number)
    const end = this.#head.indexOf('\r\n\r\n', searchFrom)
    if (end < 0) {
      if (this.#head.length > HEAD_BYTES_MAX) throw new MimbarError('corrupt', 'A head without an end.')
      return bytes.length
    }
    const next = bytes.length - (this.#head.length - end - 4)
    const text = this.#head.slice(0, end)
    this.#head = ''
    const isChunked = /^transfer-encoding:[^\n]*\bchunked\b/im.test(text)
    const length = /^content-length:[ \t]*([0-9]{1,10})[ \t]*\r?$/im.exec(text)?.[1]
    this.#left = isChunked ? 0 : Number(length ?? 0)
    this.#state = isChunked ? 'size' : length === undefined ? 'plain' : 'counted'
    sink.head(parseHead(text))
    if (this.#state === 'counted' && this.#left === 0) this.#finish(sink)
    return next
  }

  #takeLineByte(byte: number, sink: ResponseSink): void {
    switch (this.#state) {
      case 'size':
        if (byte === LF) this.#beginChunk()
        else if (byte === 0x3b || byte === 0x20) this.#state = 'extension'
        else if (byte !== CR) this.#takeDigit(byte)
        return
      case 'extension':
        if (byte === LF) this.#beginChunk()
        return
      case 'end-of-chunk':
        if (byte !== CR && byte !== LF) throw new MimbarError('corrupt', 'A chunk that goes on.')
        if (byte === LF) this.#state = 'size'
        return
      default: // trailer
        if (byte === LF && this.#lineIsEmpty) this.#finish(sink)
        else if (byte !== CR) this.#lineIsEmpty = byte === LF
    }
  }

  #finish(sink: ResponseSink): void {
    this.#state = 'done'
    sink.end()
  }

  #takeDigit(byte: number): void {
    const digit = hexDigit(byte)
    this.#digits += 1
    if (digit < 0 || this.#digits > SIZE_DIGITS_MAX)
      throw new MimbarError('corrupt', 'Not the size of a chunk.')
    this.#left = this.#left * 16 + digit
  }

  #beginChunk(): void {
    if (this.#digits === 0) throw new MimbarError('corrupt', 'A chunk without a size.')
    this.#digits = 0
    this.#state = this.#left === 0 ? 'trailer' : 'data'
    this.#lineIsEmpty = true
  }
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const lower = byte | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x61 + 10 : -1
}

function parseHead(text: string): ResponseHead {
  const status = /^HTTP\/1\.[01] ([1-5][0-9]{2})\b/.exec(text)?.[1]
  if (status === undefined) throw new MimbarError('corrupt', 'Not an HTTP response.')
  const retryAfter = /^retry-after:[ \t]*([0-9]{1,6})[ \t]*\r?$/im.exec(text)?.[1]
  return { status: Number(status), retryAfterS: retryAfter === undefined ? undefined : Number(retryAfter) }
}
