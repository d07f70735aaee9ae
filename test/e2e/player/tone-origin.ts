// A small origin for the player's tests: it speaks the public protocol with real parts (encoded and packaged as a
// stage does), and does on purpose what networks and crashes do by accident.

import { concatBytes } from '../../../src/base/bytes.ts'
import { parseSpaceId } from '../../../src/base/ids.ts'
import {
  epoch,
  PART_MS,
  PARTS_PER_SEGMENT,
  SEGMENT_MS,
  type Sequence,
  sequence,
  sequenceAt,
  wallMillis,
} from '../../../src/base/units.ts'
import type { ListenPageData } from '../../../src/core/api/api.ts'
import { fillPage, type PageAsset, type PageTemplate } from '../../../src/core/page/page.ts'
import type { PartEvent, SnapshotSeat } from '../../../src/core/part/events.ts'
import { packagePart } from '../../../src/core/part/packager.ts'
import { encodeNote } from '../../../src/core/stream/note-box.ts'
import type { EdgeNote } from '../../../src/core/stream/notes.ts'
import { HEARTBEAT_BOX } from '../../../src/media/cmaf/between.ts'
import { initSegment } from '../../../src/media/cmaf/init.ts'
import { ToneProgram } from './tones.ts'

export const SPACE = parseSpaceId('tones')
const BURST_PARTS = 4
/** Minutes of a test; older parts stay for the replay. */
const PARTS_MAX = 3_000

interface Listener {
  readonly controller: ReadableStreamDefaultController<Uint8Array>
  next: Sequence
  lastBytesAtMs: number
}

/** What a page is told at first, where it differs from a live space. */
export type PageFacts = Partial<ListenPageData['space']>

export class ToneOrigin {
  readonly #page: PageTemplate
  readonly #assets: ReadonlyMap<string, PageAsset>
  readonly #server: Bun.Server<undefined>
  readonly #timer: ReturnType<typeof setInterval>
  readonly #program = new ToneProgram()
  readonly #parts = new Map<Sequence, Uint8Array>()
  readonly #listeners = new Set<Listener>()
  readonly gridStartMs = wallMillis(Math.floor((Date.now() - 20_000) / SEGMENT_MS) * SEGMENT_MS)
  readonly startedAtMs = this.gridStartMs
  #made: Sequence
  #flushMs = 200
  #lastFlushAtMs = 0
  #frozen = false
  #skipping = false
  #silent = false
  #refusing = false
  #ended = false
  #seats: readonly SnapshotSeat[] = []
  facts: PageFacts = {}
  /** Every request for the pushed stream, by its query. */
  readonly streamRequests: string[] = []
  /** When snapshots were on air, and how many seats they named. */
  readonly snapshotTimes: { readonly atSeconds: number; readonly seats: number }[] = []
  /** Every path asked for. */
  readonly paths: string[] = []

  constructor(page: PageTemplate, assets: ReadonlyMap<string, PageAsset>) {
    this.#page = page
    this.#assets = assets
    this.#made = sequence(sequenceAt(wallMillis(Date.now()), this.gridStartMs) - 2 * PARTS_PER_SEGMENT)
    this.#server = listen((request) => this.#answer(request))
    this.#timer = setInterval(() => this.#tick(), 20)
    this.#tick()
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.port}`
  }
  get pageUrl(): string {
    return `${this.url}/s/${SPACE}`
  }
  get listeners(): number {
    return this.#listeners.size
  }

  /** Media time of the oldest part. */
  get firstSecond(): number {
    return secondsOf(this.#parts.keys().next().value as Sequence)
  }

  speak(seats: readonly SnapshotSeat[]): void {
    this.#seats = seats
  }
  /** Network: nothing reaches anyone; later all of it does. */
  freeze(on: boolean): void {
    this.#frozen = on
    // What a network held back comes in order: the parts before any later heartbeat.
    if (!on) this.#flush(Date.now())
  }
  /** Log: parts are left out, a hole stays. */
  leaveOut(on: boolean): void {
    this.#skipping = on
  }
  /** Network: bytes stop for good on every open stream. */
  goSilent(on: boolean): void {
    this.#silent = on
  }
  /** Edge: every request for a stream gets this status. */
  refuse(on: boolean): void {
    this.#refusing = on
  }
  /** Edge killed. */
  drop(): void {
    for (const listener of this.#listeners) listener.controller.close()
    this.#listeners.clear()
  }
  /** Announced at once, used from the next flush. */
  setFlush(flushMs: number): void {
    this.tell({ kind: 'flush', flushMs })
    this.#flushMs = flushMs
  }
  tell(note: EdgeNote): void {
    for (const listener of this.#listeners) listener.controller.enqueue(encodeNote(note))
  }
  end(): void {
    this.#flush(Date.now())
    this.#ended = true
    this.tell({ kind: 'ended' })
    for (const listener of this.#listeners) listener.controller.close()
    this.#listeners.clear()
  }
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#server.stop(true)
  }

  #tick(): void {
    const now = Date.now()
    const head = sequenceAt(wallMillis(now), this.gridStartMs)
    while (this.#made < head && !this.#ended) this.#make()
    if (now - this.#lastFlushAtMs >= this.#flushMs) this.#flush(now)
    if (this.#frozen || this.#silent) return
    for (const listener of this.#listeners) {
      if (now - listener.lastBytesAtMs < 1_000) continue
      listener.controller.enqueue(HEARTBEAT_BOX)
      listener.lastBytesAtMs = now
    }
  }

  #make(): void {
    const at = this.#made
    this.#made = sequence(at + 1)
    const packets = this.#program.packets(at)
    if (this.#skipping) return
    const events: PartEvent[] = at % PARTS_PER_SEGMENT === 0 ? [this.#snapshot()] : []
    if (events.length > 0) this.snapshotTimes.push({ atSeconds: secondsOf(at), seats: this.#seats.length })
    const part = packagePart({ sequence: at, epoch: epoch(1), packets, events })
    this.#parts.set(at, part.tracks.get('opus.mp4') as Uint8Array)
    if (this.#parts.size > PARTS_MAX) this.#parts.delete(this.#parts.keys().next().value as Sequence)
  }

  #snapshot(): PartEvent {
    return {
      kind: 'snapshot',
      epoch: epoch(1),
      phase: 'live',
      startedAtMs: this.startedAtMs,
      recorded: this.facts.recorded ?? true,
      listeners: 1_234,
      slate: false,
      seats: this.#seats,
    }
  }

  #flush(now: number): void {
    this.#lastFlushAtMs = now
    if (this.#frozen || this.#silent) return
    for (const listener of this.#listeners) this.#send(listener, now)
  }

  #send(listener: Listener, now: number): void {
    for (; listener.next < this.#made; listener.next = sequence(listener.next + 1)) {
      const bytes = this.#parts.get(listener.next)
      if (bytes === undefined) continue
      listener.controller.enqueue(bytes)
      listener.lastBytesAtMs = now
    }
  }

  #answer(request: Request): Response {
    const url = new URL(request.url)
    this.paths.push(url.pathname)
    if (url.pathname === `/s/${SPACE}`) return this.#pageResponse()
    if (url.pathname === `/live/${SPACE}/opus.mp4`) return this.#streamResponse(url)
    if (url.pathname === `/replay/${SPACE}/index.m3u8`) return this.#playlist()
    const segment = /^\/replay\/tones\/(init|\d+)\.mp4$/.exec(url.pathname)
    if (segment?.[1]) return this.#segment(segment[1])
    const asset = this.#assets.get(url.pathname)
    if (asset) return new Response(asset.body.slice(), { headers: { 'content-type': asset.contentType } })
    return new Response('Not found', { status: 404 })
  }

  #pageResponse(): Response {
    const data: ListenPageData = {
      space: {
        id: SPACE,
        title: 'What the harbour knows: an evening with the people who work at night',
        phase: 'live',
        recorded: true,
        start: 'manual',
        startedAtMs: this.startedAtMs,
        replay: false,
        listeners: 1_233,
        ...this.facts,
      },
      seats: this.#seats.map(({ id, name, role }) => ({ id, name, role })),
      studioUrl: this.url,
      nowMs: Date.now(),
    }
    const html = fillPage(this.#page, { title: data.space.title, description: 'A test', data, space: SPACE })
    return new Response(html, {
      headers: {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': this.#page.contentSecurityPolicy,
      },
    })
  }

  /** As an edge does it: at the latest snapshot with at least {@link BURST_PARTS} from it on. */
  #joinPoint(): number {
    return Math.floor((this.#made - BURST_PARTS) / PARTS_PER_SEGMENT) * PARTS_PER_SEGMENT
  }

  #streamResponse(url: URL): Response {
    this.streamRequests.push(url.search)
    if (this.#ended) return new Response('Over', { status: 410 })
    if (this.#refusing) return new Response('Busy', { status: 503 })
    const from = /^\?from=1\.(\d+)&/.exec(url.search)?.[1]
    const next = sequence(from === undefined ? this.#joinPoint() : Number(from))
    let listener: Listener | undefined
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        listener = { controller, next, lastBytesAtMs: Date.now() }
        controller.enqueue(initSegment())
        const { gridStartMs } = this
        const newest = sequence(this.#made - 1)
        controller.enqueue(
          encodeNote({ kind: 'hello', flushMs: this.#flushMs, epoch: epoch(1), next, newest, gridStartMs }),
        )
        this.#send(listener, Date.now())
        this.#listeners.add(listener)
      },
      cancel: () => {
        if (listener) this.#listeners.delete(listener)
      },
    })
    return new Response(body, { headers: { 'content-type': 'audio/mp4', 'cache-control': 'no-store' } })
  }

  #segments(): Map<number, Uint8Array[]> {
    const segments = new Map<number, Uint8Array[]>()
    for (const [at, bytes] of this.#parts) {
      const key = Math.floor(at / PARTS_PER_SEGMENT)
      segments.set(key, [...(segments.get(key) ?? []), bytes])
    }
    return segments
  }

  #playlist(): Response {
    const lines = ['#EXTM3U', '#EXT-X-VERSION:7', '#EXT-X-TARGETDURATION:2', '#EXT-X-PLAYLIST-TYPE:VOD']
    lines.push('#EXT-X-MAP:URI="init.mp4"')
    for (const [key, parts] of this.#segments()) {
      lines.push(`#EXTINF:${((parts.length * PART_MS) / 1000).toFixed(3)},`, `${key}.mp4`)
    }
    lines.push('#EXT-X-ENDLIST')
    return new Response(`${lines.join('\n')}\n`, {
      headers: { 'content-type': 'application/vnd.apple.mpegurl' },
    })
  }

  #segment(name: string): Response {
    const bytes = name === 'init' ? initSegment() : concatBytes(this.#segments().get(Number(name)) ?? [])
    return new Response(bytes.slice(), { headers: { 'content-type': 'audio/mp4' } })
  }
}

const secondsOf = (at: Sequence) => (at * PART_MS) / 1000

/** A free port below the ephemeral range, where local clients would take it. */
function listen(answer: (request: Request) => Response): Bun.Server<undefined> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const port = 12_000 + Math.floor(Math.random() * 18_000)
    try {
      return Bun.serve({ port, hostname: '127.0.0.1', idleTimeout: 0, fetch: answer })
    } catch {
      // Taken: another one.
    }
  }
  throw new Error('No free port was found.')
}
