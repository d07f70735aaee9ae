// A listener without a page: the player's own link and parser, and a model of its buffer that turns late and
// missing parts into silence.

import { crc32c } from '../../src/base/bytes.ts'
import { PART_MS } from '../../src/base/units.ts'
import type { PartEvent } from '../../src/core/part/events.ts'
import { LiveStream } from '../../src/web/player/live-stream.ts'
import { StreamParser } from '../../src/web/player/stream-parser.ts'

/** What the player holds back by default (`web/player`). */
const TARGET_MS = 600

interface Taken {
  readonly sequence: number
  readonly atMs: number
  readonly checksum: number
  readonly events: readonly PartEvent[]
}

/** What one listener heard of an accident. */
export interface Accident {
  /** The longest silence: waiting for late parts, and holes. */
  readonly silenceMs: number
  /** Parts that never came. */
  readonly missing: number
  readonly connections: number
  /** From the kill to the arrival of the first part under slate; 0 when there was none. */
  readonly slateAfterMs: number
  /** From the kill to the arrival of the first part with voices after it; 0 when there was no slate. */
  readonly voicesAfterMs: number
}

/** For a certificate that a test made. */
const fetchTrustingly = (url: string, init: RequestInit): Promise<Response> =>
  fetch(url, { ...init, tls: { rejectUnauthorized: false } })

/** Listens from construction to `stop()`. */
export class Ear {
  readonly #stream: LiveStream
  readonly #taken: Taken[] = []
  #reconnectsAtMark = 0
  #over = false

  constructor(url: string, options: { readonly trustAnyCertificate?: boolean } = {}) {
    this.#stream = new LiveStream({
      url,
      ...(options.trustAnyCertificate === true ? { fetch: fetchTrustingly } : {}),
      now: () => performance.now(),
      random: Math.random,
      handlers: {
        init: () => {},
        note: () => {},
        part: ({ sequence, media, events }) => {
          this.#taken.push({ sequence, atMs: performance.now(), checksum: crc32c(media), events })
        },
        over: () => {
          this.#over = true
        },
      },
    })
    this.#stream.start()
  }

  get isOver(): boolean {
    return this.#over
  }

  stop(): void {
    this.#stream.stop()
  }

  /** True when parts come, the last of them `withinMs` ago at most, and the newest word about slate is that there is none. */
  hearsVoices(withinMs = 1_000): boolean {
    const newest = this.#taken.at(-1)
    if (newest === undefined || performance.now() - newest.atMs > withinMs) return false
    return slateAt(this.#taken, this.#taken.length - 1) === false
  }

  /** Where {@link since} begins to look. */
  mark(): number {
    this.#reconnectsAtMark = this.#stream.reconnects
    return this.#taken.length - 1
  }

  since(mark: number, killedAtMs: number): Accident {
    const parts = this.#taken.slice(mark)
    const { silenceMs, missing } = playThrough(parts)
    const slateAt = parts.find((part) => part.atMs > killedAtMs && saysSlate(part.events) === true)
    const voicesAt =
      slateAt && parts.find((part) => part.atMs > slateAt.atMs && saysSlate(part.events) === false)
    const after = (part: Taken | undefined) =>
      part === undefined ? Number.POSITIVE_INFINITY : part.atMs - killedAtMs
    return {
      silenceMs,
      missing,
      connections: this.#stream.reconnects - this.#reconnectsAtMark,
      slateAfterMs: after(slateAt),
      voicesAfterMs: after(voicesAt),
    }
  }

  /** Sequence and checksum of every part that came while the program was on. */
  programParts(): [sequence: number, checksum: number][] {
    const start = this.#taken.findIndex(({ events }) =>
      events.some((event) => (event.kind === 'snapshot' || event.kind === 'phase') && event.phase === 'live'),
    )
    return this.#taken.slice(start).map(({ sequence, checksum }) => [sequence, checksum])
  }

  /** The parts behind an HLS playlist of ours, by sequence. */
  static async readPlaylist(url: string): Promise<ReadonlyMap<number, number>> {
    const playlist = await (await fetch(url)).text()
    const parts = new Map<number, number>()
    const lines = playlist.split('\n')
    for (const [i, line] of lines.entries()) {
      // A gap is told before EXTINF, which is the line before the address.
      if (line === '' || line.startsWith('#') || lines[i - 2] === '#EXT-X-GAP') continue
      const answer = await fetch(new URL(line, url))
      if (!answer.ok) throw new Error(`${line}: ${answer.status} ${await answer.text()}`)
      const segment = await answer.bytes()
      for (const item of new StreamParser().push(segment)) {
        if (item.kind === 'part') parts.set(item.part.sequence, crc32c(item.part.media))
      }
    }
    return parts
  }
}

/** Plays parts as they came, behind a buffer that was full at the first: late means silence, and so does missing. */
export function playThrough(parts: readonly Pick<Taken, 'sequence' | 'atMs'>[]): {
  silenceMs: number
  missing: number
} {
  const [first] = parts
  if (first === undefined) return { silenceMs: Number.POSITIVE_INFINITY, missing: 0 }
  let playsAtMs = first.atMs + TARGET_MS
  let silenceMs = 0
  let missing = 0
  for (let i = 1; i < parts.length; i++) {
    const part = parts[i] as (typeof parts)[number]
    const hole = part.sequence - (parts[i - 1] as (typeof parts)[number]).sequence - 1
    const due = playsAtMs + PART_MS * (hole + 1)
    const wait = Math.max(0, part.atMs - due)
    missing += hole
    silenceMs = Math.max(silenceMs, wait + hole * PART_MS)
    playsAtMs = due + wait
  }
  return { silenceMs, missing }
}

/** The newest word about slate up to the part at `index`. */
function slateAt(parts: readonly Taken[], index: number): boolean | undefined {
  for (let i = index; i >= 0; i--) {
    const said = saysSlate((parts[i] as Taken).events)
    if (said !== undefined) return said
  }
  return undefined
}

function saysSlate(events: readonly PartEvent[]): boolean | undefined {
  for (const event of events.toReversed()) {
    if (event.kind === 'snapshot' || event.kind === 'slate') return event.slate
  }
  return undefined
}
