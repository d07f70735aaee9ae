// The live playlist of one rendition and its parts, as its players ask for them: printed once for each state of the live
// edge and kind of answer. However many ask, they share the bytes.

import { encodeUtf8 } from '../../../base/bytes.ts'
import { type Millis, sequence } from '../../../base/units.ts'
import { PARTIAL_MS, partialSpan } from '../../../core/delivery/partials.ts'
import { endBeside, RenditionWindow } from '../../../core/delivery/rendition-window.ts'
import { segmentOf, segmentSpan } from '../../../core/delivery/segments.ts'
import { RENDITIONS, type Rendition, type RenditionTrack } from '../../../core/part/tracks.ts'
import { PARTIALS_LISTED_S, type RenditionReport } from '../../../media/hls/playlist.ts'
import { asBody, etagOf } from '../answers.ts'
import type { EdgeCounters } from '../metrics.ts'
import type { SpaceReader } from '../stream/space-reader.ts'
import { endOf, listedEnd, livePlaylistText, type PlaylistKind, reportOf } from './live-playlist.ts'
import { playlistUri, renditionsIn } from './renditions.ts'
import { joinParts, type SegmentBytes } from './segment-bytes.ts'

/** A playlist as it is sent. */
export interface PrintedPlaylist {
  readonly body: Uint8Array
  readonly etag: string
  readonly gzipped: Uint8Array
  readonly gzippedEtag: string
  /** It has its last line. */
  readonly isEnded: boolean
}

export function printPlaylist(text: string, isEnded: boolean): PrintedPlaylist {
  const body = encodeUtf8(text)
  const gzipped = Bun.gzipSync(asBody(body))
  return { body, etag: etagOf(body), gzipped, gzippedEtag: etagOf(gzipped), isEnded }
}

/** As far as playlists list them, and as long again for players that are late (section 6.2.2). */
const PARTIALS_KEPT_MAX = 2 * Math.ceil((PARTIALS_LISTED_S * 1000) / PARTIAL_MS)

/** For so long, what was asked for in vain is not offered, and nobody is held for it. */
const IN_VAIN_MS = 10_000

export class RenditionPlaylist {
  readonly rendition: Rendition
  readonly #reader: SpaceReader
  readonly #window: RenditionWindow
  readonly #counters: EdgeCounters
  readonly #printed = new Map<PlaylistKind, PrintedPlaylist | undefined>()
  /** Those that were asked for; a player asks for the newest. */
  readonly #partials = new Map<number, SegmentBytes>()
  #state = ''
  #inVainAt = Number.NEGATIVE_INFINITY

  constructor(reader: SpaceReader, track: RenditionTrack, counters: EdgeCounters) {
    this.rendition = RENDITIONS[track]
    this.#reader = reader
    this.#window = new RenditionWindow(reader.window, this.rendition)
    this.#counters = counters
  }

  /** Ordinal after the last partial that is there. */
  get end(): number {
    return listedEnd({ window: this.#window, isSealed: this.#reader.isSealed })
  }

  /** True while there is a playlist, and its last complete segment has sound. */
  get isMade(): boolean {
    const { newest } = this.#window
    if (newest === undefined || this.printed('plain') === undefined) return false
    const last = segmentSpan(segmentOf(sequence(newest + 1)) - 1)
    return this.#window.partsOf(last.from, last.to).length > 0
  }

  /** True while it was asked for a moment ago, and is not made all the same. */
  isInVain(now: Millis): boolean {
    return now - this.#inVainAt < IN_VAIN_MS && !this.#reader.isProduced(this.rendition.track)
  }

  /** Somebody has waited in vain for its first part. */
  notedInVain(now: Millis): void {
    this.#inVainAt = now
  }

  /** The playlist as it is now; undefined while there is none. */
  printed(kind: PlaylistKind): PrintedPlaylist | undefined {
    this.#forgetOld()
    if (!this.#printed.has(kind)) this.#printed.set(kind, this.#print(kind))
    return this.#printed.get(kind)
  }

  /** A complete Partial Segment's bytes; undefined when a part of it is missing, or it has left the window. */
  partial(ordinal: number): SegmentBytes | undefined {
    const { facts, isSealed } = this.#reader
    if (facts === undefined || ordinal >= this.end) return undefined
    const known = this.#partials.get(ordinal)
    if (known !== undefined) return known
    const span = partialSpan(ordinal, endOf(this.#window, facts, isSealed))
    const parts = this.#window.partsOf(span.from, span.to)
    if (parts.length < span.to - span.from) return undefined
    const joined = joinParts(parts, this.rendition.track)
    if (joined === undefined) return undefined
    this.#partials.set(ordinal, joined)
    if (this.#partials.size > PARTIALS_KEPT_MAX) {
      this.#partials.delete(this.#partials.keys().next().value as number)
    }
    return joined
  }

  /**
   * Segment `number` while the window has it: `missing` when no part of it has the track, `incomplete` when more of it
   * may come, `left` when only the log can tell.
   */
  segment(number: number): SegmentBytes | 'missing' | 'incomplete' | 'left' {
    const { facts, isSealed } = this.#reader
    const { newest, coveredFrom } = this.#window
    const span = segmentSpan(number, undefined, facts?.programEnd)
    if (newest === undefined) return 'incomplete'
    if (newest < span.to - 1 && !(isSealed && newest >= span.from)) return 'incomplete'
    if (coveredFrom === undefined || span.from < coveredFrom) return 'left'
    return joinParts(this.#window.partsOf(span.from, span.to), this.rendition.track) ?? 'missing'
  }

  #print(kind: PlaylistKind): PrintedPlaylist | undefined {
    const { facts, isSealed, isReady } = this.#reader
    if (facts === undefined || !isReady) return undefined
    const live = { window: this.#window, facts, isSealed, reports: this.#reports() }
    const text = livePlaylistText(live, kind)
    if (text === undefined) return undefined
    this.#counters.playlistsPrinted += 1
    return printPlaylist(text, isSealed)
  }

  /** Every other rendition of the log, as it was when this one came as far as it is. */
  #reports(): readonly RenditionReport[] {
    return renditionsIn(this.#reader.head?.tracks ?? [])
      .filter((track) => track !== this.rendition.track)
      .map((track) => reportOf(playlistUri(track), endBeside(this.end, this.rendition, RENDITIONS[track])))
      .filter(({ lastMsn }) => lastMsn >= 0)
  }

  /** Everything that a playlist is printed from, in short: it changes once for each partial, not for each part. */
  #forgetOld(): void {
    const { facts, isSealed, isReady } = this.#reader
    const { newestEpoch, beginning } = this.#window
    const first = beginning === undefined ? '' : segmentOf(beginning.first)
    const state = `${this.end} ${newestEpoch} ${first} ${isSealed} ${isReady} ${facts?.programEnd} ${facts?.gridStartMs}`
    if (state === this.#state) return
    this.#state = state
    this.#printed.clear()
  }
}
