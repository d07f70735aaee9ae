// A space that begins by itself, and who listens to it: who was in its lobby before hears the beginning on the stream
// that it has. Shared by the test of a few accidents and by `scripts/on-time.ts`, which has a hundred.

import { PART_MS, type Sequence, wallMillis, wallTimeOf } from '../../src/base/units.ts'
import type { CreatedSpace } from '../../src/core/api/api.ts'
import type { PartEvent } from '../../src/core/part/events.ts'
import { LiveStream } from '../../src/web/player/live-stream.ts'
import { playThrough } from '../harness/ear.ts'
import type { RunningMimbar } from '../harness/running-mimbar.ts'

interface Arrival {
  readonly sequence: Sequence
  /** Wall clock. */
  readonly atMs: number
  readonly events: readonly PartEvent[]
}

/** Everything that one listener was given, from its construction to `stop`. */
export class Listener {
  readonly arrivals: Arrival[] = []
  readonly bornAtMs = Date.now()
  #gridStartMs = 0
  readonly #stream: LiveStream
  #reconnectsBefore = 0
  #arrivalsBefore = 0

  constructor(url: string) {
    this.#stream = new LiveStream({
      url,
      now: () => performance.now(),
      random: Math.random,
      handlers: {
        init: () => {},
        note: (note) => {
          if (note.kind === 'hello') this.#gridStartMs = note.gridStartMs ?? this.#gridStartMs
        },
        part: ({ sequence, events }) => this.arrivals.push({ sequence, atMs: Date.now(), events }),
        over: () => {},
      },
    })
    this.#stream.start()
  }

  /** From here on {@link reconnects} and what follows count: an edge that has not heard of the space yet is asked again. */
  mark(): void {
    this.#reconnectsBefore = this.#stream.reconnects
    this.#arrivalsBefore = Math.max(0, this.arrivals.length - 1)
  }

  get reconnects(): number {
    return this.#stream.reconnects - this.#reconnectsBefore
  }

  /** The longest silence since {@link mark}, behind a player's buffer. */
  get silenceMs(): number {
    return playThrough(this.arrivals.slice(this.#arrivalsBefore)).silenceMs
  }

  /** What it was given of the program, and how many parts never came in between. */
  get programParts() {
    const { firstLive } = this
    const parts = firstLive === undefined ? [] : this.arrivals.slice(this.arrivals.indexOf(firstLive))
    return {
      sequences: new Set<number>(parts.map(({ sequence }) => sequence)),
      first: parts[0]?.sequence ?? Number.POSITIVE_INFINITY,
      last: parts.at(-1)?.sequence ?? Number.NEGATIVE_INFINITY,
      missing: playThrough(parts).missing,
    }
  }

  /** The first part that says that the program is on. */
  get firstLive(): Arrival | undefined {
    return this.arrivals.find(({ events }) =>
      events.some((event) => (event.kind === 'snapshot' || event.kind === 'phase') && event.phase === 'live'),
    )
  }

  /** When the part of the program that {@link firstLive} is was said, by the space's own clock. */
  get beginsAtMs(): number | undefined {
    const first = this.firstLive
    return first && wallTimeOf(first.sequence, wallMillis(this.#gridStartMs))
  }

  /**
   * How long after `secondMs` the program was in this listener's hands, beyond the part itself, which must be over
   * before it can come. Undefined while it has not.
   */
  latenessMs(secondMs: number): number | undefined {
    const first = this.firstLive
    return first && first.atMs - secondMs - PART_MS
  }

  stop = () => this.#stream.stop()
}

/** The next whole second that is at least `aheadMs` away. */
export const secondAhead = (aheadMs: number): number => Math.ceil((Date.now() + aheadMs) / 1_000) * 1_000

/** Makes a recorded space that begins by itself at `scheduledAtMs`. */
export function planSpace(mimbar: RunningMimbar, id: string, scheduledAtMs: number): Promise<CreatedSpace> {
  return mimbar.createSpace({ id, title: 'On the second', recorded: true, scheduledAtMs, start: 'automatic' })
}

/** The address of its stream. */
export const streamOf = (mimbar: RunningMimbar, id: string): string =>
  `${mimbar.publicUrl}/live/${id}/opus.mp4`

/** From what the stages print: who took the space last; undefined when nobody did. */
export function holderOf(mimbar: RunningMimbar, id: string): string | undefined {
  return [...mimbar.output().matchAll(new RegExp(`space ${id} held stage=(\\S+)`, 'g'))].at(-1)?.[1]
}
