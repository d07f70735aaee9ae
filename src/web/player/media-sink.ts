// Bytes into an <audio> element by Media Source Extensions. A SourceBuffer takes one operation at a time, so what
// comes meanwhile waits and goes in as one.

import { concatBytes } from '../../base/bytes.ts'
import type { BufferedRanges } from './pace.ts'

/** Three minutes of parts; nobody waits that long for a SourceBuffer, so something broke. */
export const PENDING_BYTES_MAX = 2 * 1024 * 1024

export interface MediaSinkOptions {
  readonly audio: HTMLAudioElement
  /** `MediaSource`, or `ManagedMediaSource` where only that exists. */
  readonly source: typeof MediaSource
  /** With codec, as `isTypeSupported` accepted it. */
  readonly mimeType: string
  /** It can take nothing more: a new sink is needed. */
  readonly failed: () => void
}

/** Attached from construction to `close()`; the element plays what was appended. */
export class MediaSink {
  readonly #options: MediaSinkOptions
  readonly #source: MediaSource
  readonly #url: string
  #buffer: SourceBuffer | undefined
  #pending: Uint8Array[] = []
  #pendingBytes = 0
  #trimBefore: number | undefined
  #ending = false
  #closed = false

  constructor(options: MediaSinkOptions) {
    this.#options = options
    this.#source = new options.source()
    this.#url = URL.createObjectURL(this.#source)
    this.#source.addEventListener('sourceopen', () => this.#open(), { once: true })
    // ManagedMediaSource opens only where no remote playback could take over.
    options.audio.disableRemotePlayback = true
    options.audio.src = this.#url
  }

  get buffered(): BufferedRanges {
    const ranges: (readonly [number, number])[] = []
    if (this.#closed || this.#source.readyState === 'closed' || this.#buffer === undefined) return ranges
    const { buffered } = this.#buffer
    for (let i = 0; i < buffered.length; i++) ranges.push([buffered.start(i), buffered.end(i)])
    return ranges
  }

  append(bytes: Uint8Array): void {
    if (this.#closed) return
    this.#pending.push(bytes)
    this.#pendingBytes += bytes.length
    if (this.#pendingBytes > PENDING_BYTES_MAX) this.#fail()
    else this.#work()
  }

  /** Forgets what was played before that time. */
  trim(beforeSeconds: number): void {
    this.#trimBefore = beforeSeconds
    this.#work()
  }

  /** Nothing more will come: the element fires `ended` when it has played the rest. */
  end(): void {
    this.#ending = true
    this.#work()
  }

  /** Lets go of the element's source. Idempotent. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#pending = []
    URL.revokeObjectURL(this.#url)
  }

  #open(): void {
    if (this.#closed) return
    try {
      this.#buffer = this.#source.addSourceBuffer(this.#options.mimeType)
    } catch {
      // The type was probed; a browser that refuses it now has taken the element away.
      this.#fail()
      return
    }
    this.#buffer.addEventListener('updateend', () => this.#work())
    this.#buffer.addEventListener('error', () => this.#fail())
    this.#work()
  }

  #work(): void {
    const buffer = this.#buffer
    if (this.#closed || buffer === undefined || buffer.updating || this.#source.readyState !== 'open') return
    try {
      if (this.#trimBefore !== undefined) this.#remove(buffer, this.#trimBefore)
      else if (this.#pending.length > 0) this.#appendPending(buffer)
      else if (this.#ending) this.#source.endOfStream()
    } catch (error) {
      this.#appendFailed(error)
    }
  }

  #remove(buffer: SourceBuffer, before: number): void {
    this.#trimBefore = undefined
    if (before > 0) buffer.remove(0, before)
  }

  #appendPending(buffer: SourceBuffer): void {
    const bytes = concatBytes(this.#pending)
    // Emptied only once the browser took it: a full buffer is trimmed and asked again.
    buffer.appendBuffer(bytes as Uint8Array<ArrayBuffer>)
    this.#pending = []
    this.#pendingBytes = 0
  }

  #appendFailed(error: unknown): void {
    const isFull = error instanceof DOMException && error.name === 'QuotaExceededError'
    const playhead = this.#options.audio.currentTime
    const oldest = this.buffered[0]?.[0]
    if (isFull && oldest !== undefined && oldest < playhead - 2) this.trim(playhead - 1)
    else this.#fail()
  }

  #fail(): void {
    if (this.#closed) return
    this.close()
    this.#options.failed()
  }
}
