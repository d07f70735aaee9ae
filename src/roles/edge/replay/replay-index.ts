// Which segments of one program the log has, and who wrote them: what a replay's playlist is printed from. The log
// tells by runs of parts, without reading them: for the whole program once, and then only for what came since.

import { MimbarError } from '../../../base/errors.ts'
import { type Sequence, sequence } from '../../../base/units.ts'
import { completeSegments, segmentOf } from '../../../core/delivery/segments.ts'
import type { SpaceFacts } from '../../../core/space/facts.ts'
import { HELD_RANGES_MAX, type HeldRange, type LogHead, type PartLog } from '../../../engine/ports.ts'
import { type MediaPlaylist, type PlaylistSegment, writePlaylist } from '../../../media/hls/playlist.ts'
import { listSegment } from '../hls/live-playlist.ts'
import { initUri } from '../hls/segment-names.ts'

export class ReplayIndex {
  readonly #log: PartLog
  readonly #start: Sequence
  /** Epoch of the newest part of each segment from the program's first on; 0 or absent: no part. */
  readonly #epochs: number[] = []
  #knownTo: Sequence
  #asking: Promise<LogHead> | undefined

  /** `start` is the program's first sequence. */
  constructor(log: PartLog, start: Sequence) {
    this.#log = log
    this.#start = start
    this.#knownTo = start
  }

  /** Asks for what was appended since the last time. Called twice at once, it asks once. */
  update(facts: SpaceFacts): Promise<LogHead> {
    this.#asking ??= this.#ask(facts).finally(() => {
      this.#asking = undefined
    })
    return this.#asking
  }

  /** Prints the program so far; `sealed`: nothing more comes. Throws `unavailable` before the first segment. */
  playlist(facts: SpaceFacts, sealed: boolean): string {
    const newest = sequence(this.#knownTo - 1)
    const segments = this.#segments(facts, newest, sealed)
    if (segments.length === 0) throw new MimbarError('unavailable', 'Nothing of this program is there yet.')
    // EVENT to the end, although a finished one could be VOD: the type of a playlist must not change (6.2.1).
    const playlist: MediaPlaylist = {
      kind: 'event',
      isEnded: sealed,
      mapUri: initUri(facts.gridStartMs, 'opus.mp4'),
      segments,
    }
    return writePlaylist(playlist)
  }

  #segments(facts: SpaceFacts, newest: Sequence, sealed: boolean): readonly PlaylistSegment[] {
    const first = segmentOf(this.#start)
    return completeSegments(this.#start, facts.programEnd, newest, sealed).map((span) =>
      listSegment(facts, span, this.#epochs[span.number - first] ?? 0, 'opus.mp4'),
    )
  }

  async #ask(facts: SpaceFacts): Promise<LogHead> {
    const head = await this.#log.head(facts.id)
    const end = sequence(Math.min((head.newest ?? -1) + 1, facts.programEnd ?? Number.POSITIVE_INFINITY))
    while (this.#knownTo < end) {
      const ranges = await this.#log.held(facts.id, this.#knownTo, end)
      for (const range of ranges) this.#note(range)
      const isCutShort = ranges.length === HELD_RANGES_MAX
      this.#knownTo = isCutShort ? (ranges[HELD_RANGES_MAX - 1] as HeldRange).to : end
    }
    return head
  }

  // Oldest first, so that the newest part of a segment has the last word.
  #note({ from, to, epoch }: HeldRange): void {
    const first = segmentOf(this.#start)
    for (let number = segmentOf(from); number <= segmentOf(sequence(to - 1)); number++) {
      this.#epochs[number - first] = epoch
    }
  }
}
