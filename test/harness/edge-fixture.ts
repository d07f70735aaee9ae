// An edge over a real engine, served on a unix socket as in production: spaces are made by writing their facts, and
// parts are appended by whoever tests. Everything is taken down by `stop`.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseSpaceId, type SpaceId } from '../../src/base/ids.ts'
import type { Running } from '../../src/base/lifetime.ts'
import {
  type Epoch,
  epoch,
  PART_SAMPLES,
  type Sequence,
  sequence,
  type WallMillis,
  wallMillis,
} from '../../src/base/units.ts'
import type { Pages, PageTemplate } from '../../src/core/page/page.ts'
import { packagePart, programHeaders } from '../../src/core/part/packager.ts'
import type { GapReason, Part, TrackId } from '../../src/core/part/part.ts'
import { RENDITIONS } from '../../src/core/part/tracks.ts'
import { type SpaceFacts, spaceKey } from '../../src/core/space/facts.ts'
import { decodeNote } from '../../src/core/stream/note-box.ts'
import type { EdgeNote } from '../../src/core/stream/notes.ts'
import { openEmbeddedEngine } from '../../src/engine/embedded/engine.ts'
import { connectEngine } from '../../src/engine/embedded/remote/client.ts'
import { serveEngine } from '../../src/engine/embedded/remote/server.ts'
import { type Engine, RING_PARTS_DEFAULT } from '../../src/engine/ports.ts'
import { framesIn } from '../../src/media/aac/program.ts'
import { BoxReader } from '../../src/media/cmaf/reader.ts'
import { parsePartTime } from '../../src/media/cmaf/walk.ts'
import { SILENT_PACKET } from '../../src/media/opus/program.ts'
import { type EdgeRole, startEdgeRole } from '../../src/roles/edge/edge-role.ts'
import type { EdgeRoleOptions } from '../../src/roles/edge/edge-role-options.ts'
import { randomPort } from './random-port.ts'
import { until } from './until.ts'

const template = (name: string): PageTemplate => ({
  html: `<!doctype html><html><head><!--mimbar:head--></head><body class="${name}"><!--mimbar:data--></body></html>`,
  contentSecurityPolicy: "default-src 'none'",
})

/** Pages with the marks of the real ones, and nothing else. */
export const PLAIN_PAGES: Pages = {
  home: template('home'),
  listen: template('listen'),
  stage: template('stage'),
  operator: template('operator'),
  count: template('count'),
  absent: template('absent'),
  assets: new Map([
    [
      '/assets/hls-0123456789.js',
      {
        path: '/assets/hls-0123456789.js',
        contentType: 'text/javascript; charset=utf-8',
        body: new TextEncoder().encode('export const hls = "hls ".repeat(99)'),
      },
    ],
  ]),
}

/** A part of silence, with events of about `padding` bytes so that parts differ and can be made large. */
export function silentPart(n: number, by: number, gap?: GapReason, padding = 0, tracks?: LowAndAac): Part {
  const event = { kind: 'listeners', listeners: n, padding: 'x'.repeat(padding) } as const
  return packagePart({
    sequence: sequence(n),
    epoch: epoch(by),
    ...(gap === undefined ? {} : { gap }),
    packets: new Array<Uint8Array>(10).fill(SILENT_PACKET),
    events: [event],
    ...(tracks === 'low' || tracks === 'low and aac' ? { lowPackets: LOW_PACKETS } : {}),
    ...(tracks === 'low and aac' && n > 0 ? { aacFrames: aacFramesOf(n) } : {}),
  })
}

/** Parts of today have the low-bitrate track, and AAC while it is wanted; those of logs from before have neither. */
export type LowAndAac = 'low and aac' | 'low' | 'neither'

/** As silent as the other track's, in another byte. */
const LOW_PACKETS = new Array<Uint8Array>(10).fill(Uint8Array.of(0xf8, 0xff, 0xff))

function aacFramesOf(carrier: number): Uint8Array[] {
  const of = sequence(carrier - RENDITIONS['aac.mp4'].lagParts)
  return Array.from({ length: framesIn(of) }, (_, i) => Uint8Array.of(0x01, carrier & 255, i))
}

export class EdgeFixture {
  readonly folder: string
  readonly engine: Engine & Running
  readonly engineSocket: string
  readonly controlSocket: string
  edge!: EdgeRole
  readonly #client: Engine & Running
  #served: Running
  readonly #streams: StreamClient[] = []
  /** What was appended, by space and sequence. */
  readonly appended = new Map<SpaceId, Map<number, Part>>()

  static async start(options: Partial<EdgeRoleOptions> = {}): Promise<EdgeFixture> {
    const folder = await mkdtemp(join(tmpdir(), 'mimbar-edge-'))
    const engine = await openEmbeddedEngine({ dataFolder: join(folder, 'data'), bootId: 'one' })
    const served = await serveEngine(engine, { socketPath: join(folder, 'engine.sock') })
    const fixture = new EdgeFixture(folder, engine, served)
    fixture.edge = await fixture.startEdge(options)
    return fixture
  }

  private constructor(folder: string, engine: Engine & Running, served: Running) {
    this.folder = folder
    this.engine = engine
    this.#served = served
    this.engineSocket = join(folder, 'engine.sock')
    this.controlSocket = join(folder, 'control.sock')
    this.#client = connectEngine({ socketPath: this.engineSocket })
  }

  /** Another edge over the same engine; resolves once it is ready. */
  async startEdge(options: Partial<EdgeRoleOptions> = {}): Promise<EdgeRole> {
    const edge = await startEdgeRole({
      edgeId: 'edge-0',
      engine: this.#client,
      pages: PLAIN_PAGES,
      host: '127.0.0.1',
      port: randomPort(),
      reusePort: false,
      controlSocket: this.controlSocket,
      studioUrl: 'http://studio.test:8081',
      flushMs: 200,
      drainMs: 200,
      // What an edge offers under load is a matter of its own tests; here other tests load the same process.
      listParts: () => true,
      prefersLow: () => false,
      log: () => {},
      ...options,
    })
    if (options.tls === undefined) {
      await until('the edge is ready', async () => (await fetch(this.url('/readyz', edge))).ok)
    }
    return edge
  }

  /** The engine's socket goes away, as when the log role dies, and comes back after `ms`. */
  async interruptEngine(ms: number): Promise<void> {
    await this.#served.stop()
    await Bun.sleep(ms)
    this.#served = await serveEngine(this.engine, { socketPath: this.engineSocket })
  }

  url(path: string, edge: EdgeRole = this.edge): string {
    return `http://127.0.0.1:${edge.port}${path}`
  }

  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(this.url(path), { redirect: 'manual', ...init })
  }

  /** Writes the facts of a space; resolves once the edge knows them. */
  async space(name: string, changes: Partial<SpaceFacts> = {}): Promise<SpaceFacts> {
    const id = parseSpaceId(name)
    const now = await this.engine.roster.get(spaceKey(id))
    const facts: SpaceFacts = {
      id,
      title: `The space ${name}`,
      phase: 'live',
      recorded: true,
      createdAtMs: wallMillis(Date.now()),
      gridStartMs: gridStart(),
      programStart: sequence(0),
      seats: [],
      ...(now?.value as SpaceFacts | undefined),
      ...changes,
    }
    await this.engine.roster.put(spaceKey(id), facts, now?.revision ?? 0)
    await until(`the edge knows ${name}`, async () => {
      const text = await (
        await this.fetch(`/s/${name}`, { headers: { 'Accept-Encoding': 'identity' } })
      ).text()
      return (
        text.includes(`"phase":"${facts.phase}"`) &&
        text.includes(JSON.stringify(facts.title).replaceAll('<', '\\u003c'))
      )
    })
    return facts
  }

  /** Opens the log of a space; a program that is recorded is kept from its start. */
  async openLog(facts: SpaceFacts, by: Epoch = epoch(1)): Promise<void> {
    await this.engine.log.open(facts.id, {
      gridStartMs: facts.gridStartMs,
      tracks: programHeaders(),
      ringParts: RING_PARTS_DEFAULT,
    })
    if (facts.recorded && facts.programStart !== undefined) {
      await this.engine.log.keepFrom(facts.id, facts.programStart, by)
    }
  }

  /** Appends silent parts with `from` ≤ sequence < `to`. */
  async append(
    facts: SpaceFacts,
    from: number,
    to: number,
    {
      by = 1,
      gap,
      padding = 0,
      tracks = 'neither',
    }: { by?: number; gap?: GapReason; padding?: number; tracks?: LowAndAac } = {},
  ): Promise<void> {
    const appended = this.appended.get(facts.id) ?? new Map<number, Part>()
    this.appended.set(facts.id, appended)
    for (let n = from; n < to; n++) {
      const reason = n > from ? undefined : (gap ?? (appended.size === 0 ? 'first' : undefined))
      const part = silentPart(n, by, reason, padding, tracks)
      appended.set(n, part)
      await this.engine.log.append(facts.id, part)
    }
  }

  /** The bytes of the track that were appended with `from` ≤ sequence < `to`. */
  mp4(
    facts: SpaceFacts,
    from: Sequence | number,
    to: Sequence | number,
    track: TrackId = 'opus.mp4',
  ): Buffer {
    const parts: Uint8Array[] = []
    for (let n = from as number; n < to; n++) {
      const part = this.appended.get(facts.id)?.get(n)
      if (part !== undefined) parts.push(part.tracks.get(track) ?? new Uint8Array(0))
    }
    return Buffer.concat(parts)
  }

  /** A live space with its log open. */
  async liveSpace(name: string, changes: Partial<SpaceFacts> = {}): Promise<SpaceFacts> {
    const facts = await this.space(name, changes)
    await this.openLog(facts)
    return facts
  }

  async listen(path: string, edge: EdgeRole = this.edge): Promise<StreamClient> {
    const stream = await StreamClient.open(this.url(path, edge))
    this.#streams.push(stream)
    return stream
  }

  async stop(): Promise<void> {
    for (const stream of this.#streams) stream.close()
    await this.edge.stop()
    await this.#client.stop()
    await this.#served.stop()
    await this.engine.stop()
    await rm(this.folder, { recursive: true, force: true })
  }
}

/** A little over a minute ago, on a segment's boundary. */
export const gridStart = (): WallMillis => wallMillis(Math.floor((Date.now() - 80_000) / 2_000) * 2_000)

/** Reads a pushed CMAF stream as a player does. */
export class StreamClient {
  readonly response: Response
  readonly notes: EdgeNote[] = []
  readonly sequences: number[] = []
  /** In order: `hello`, `init`, `free`, a sequence, … */
  readonly log: (string | number)[] = []
  /** Everything but notes and heartbeats. */
  readonly media: Uint8Array[] = []
  heartbeats = 0
  /** The longest time without a byte so far. */
  longestSilenceMs = 0
  isEnded = false
  readonly #abort = new AbortController()

  static async open(url: string): Promise<StreamClient> {
    const abort = new AbortController()
    const response = await fetch(url, { signal: abort.signal })
    if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`)
    return new StreamClient(response, abort)
  }

  private constructor(response: Response, abort: AbortController) {
    this.response = response
    this.#abort = abort
    void this.#read()
  }

  kinds(): string[] {
    return this.notes.map((note) => note.kind)
  }

  close(): void {
    this.#abort.abort()
  }

  async #read(): Promise<void> {
    const reader = new BoxReader()
    let heardAt = performance.now()
    try {
      for await (const bytes of this.response.body as unknown as AsyncIterable<Uint8Array>) {
        this.longestSilenceMs = Math.max(this.longestSilenceMs, performance.now() - heardAt)
        heardAt = performance.now()
        for (const box of reader.push(bytes.slice())) this.#take(box)
      }
    } catch (error) {
      // Cut off, by us or by the edge, is an end like any other; a stream that cannot be read is not.
      if (!this.#abort.signal.aborted && !/closed|reset/i.test(String(error))) throw error
    }
    this.isEnded = true
  }

  #take(box: ReturnType<BoxReader['push']>[number]): void {
    if (box.kind === 'uuid') {
      const note = decodeNote(box.bytes)
      if (note === undefined) throw new Error('a uuid box that is no note')
      this.notes.push(note)
      this.log.push(note.kind)
      return
    }
    if (box.kind === 'free') {
      this.heartbeats += 1
      this.log.push('free')
      return
    }
    this.media.push(box.bytes)
    if (box.kind === 'init') this.log.push('init')
    if (box.kind === 'moof') {
      const at = parsePartTime(box.bytes).start / PART_SAMPLES
      this.sequences.push(at)
      this.log.push(at)
    }
  }
}
