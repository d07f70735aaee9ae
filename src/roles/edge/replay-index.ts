// Which segments of one program the log has, and who wrote them: what a replay's playlist is printed from. Found by
// reading the log once, in the background of the first request, and then only what came since.

import { MimbarError } from '../../base/errors.ts'
import { type Sequence, sequence } from '../../base/units.ts'
import { completeSegments, segmentOf } from '../../core/delivery/segments.ts'
import type { SpaceFacts } from '../../core/space/facts.ts'
import type { LogHead, PartLog } from '../../engine/ports.ts'
import { type MediaPlaylist, type PlaylistSegment, writePlaylist } from '../../media/hls/playlist.ts'
import { listSegment } from './live-playlist.ts'
import { initUri } from './segment-names.ts'

export class ReplayIndex {
  readonly #log: PartLog
  readonly #start: Sequence
  /** Epoch of the newest part of each segment from the program's first on; 0 or absent: no part. */
  readonly #epochs: number[] = []
  #scannedTo: Sequence
  #scanning: Promise<LogHead> | undefined

  /** `start` is the program's first sequence. */
  constructor(log: PartLog, start: Sequence) {
    this.#log = log
    this.#start = start
    this.#scannedTo = start
  }

  /** Reads what was appended since the last time. Asked twice at once, it reads once. */
  update(facts: SpaceFacts): Promise<LogHead> {
    this.#scanning ??= this.#scan(facts).finally(() => {
      this.#scanning = undefined
    })
    return this.#scanning
  }

  /** Prints the program so far; `sealed`: nothing more comes. Throws `unavailable` before the first segment. */
  playlist(facts: SpaceFacts, sealed: boolean): string {
    const newest = sequence(this.#scannedTo - 1)
    const segments = this.#segments(facts, newest, sealed)
    if (segments.length === 0) throw new MimbarError('unavailable', 'Nothing of this program is there yet.')
    // EVENT to the end, although a finished one could be VOD: the type of a playlist must not change (6.2.1).
    const playlist: MediaPlaylist = {
      kind: 'event',
      isEnded: sealed,
      mapUri: initUri(facts.gridStartMs),
      segments,
    }
    return writePlaylist(playlist)
  }

  #segments(facts: SpaceFacts, newest: Sequence, sealed: boolean): readonly PlaylistSegment[] {
    const first = segmentOf(this.#start)
    return completeSegments(this.#start, facts.programEnd, newest, sealed).map((span) =>
      listSegment(facts, span, this.#epochs[span.number - first] ?? 0),
    )
  }

  async #scan(facts: SpaceFacts): Promise<LogHead> {
    const head = await this.#log.head(facts.id)
    const end = Math.min((head.newest ?? -1) + 1, facts.programEnd ?? Number.POSITIVE_INFINITY)
    if (end <= this.#scannedTo) return head
    const first = segmentOf(this.#start)
    for await (const part of this.#log.read(facts.id, this.#scannedTo, sequence(end))) {
      this.#epochs[segmentOf(part.sequence) - first] = part.epoch
      this.#scannedTo = sequence(part.sequence + 1)
    }
    this.#scannedTo = sequence(end)
    return head
  }
}
