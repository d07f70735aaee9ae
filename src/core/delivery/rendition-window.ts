// One rendition of a space, as the newest parts have it: what of the program is there, on the grid that all renditions
// share. A track may lie in later parts than those whose sound it is (`Rendition.lagParts`); here that is undone, so
// that segment 41 is the same two seconds in each of them, and the lagging one is just not as far.

import { type Sequence, sequence } from '../../base/units.ts'
import type { Part } from '../part/part.ts'
import { carrierOf, type Rendition } from '../part/tracks.ts'
import type { PartWindow } from './part-window.ts'
import { PARTS_PER_PARTIAL, partialsEnd } from './partials.ts'

/** Sequences here count the program's parts, wherever their sound lies in the log. */
export class RenditionWindow {
  readonly rendition: Rendition
  readonly #window: PartWindow

  constructor(window: PartWindow, rendition: Rendition) {
    this.#window = window
    this.rendition = rendition
  }

  /** The newest part whose sound can be there; undefined while there is none. */
  get newest(): Sequence | undefined {
    const newest = this.#window.newest?.sequence
    const { lagParts } = this.rendition
    return newest === undefined || newest < lagParts ? undefined : sequence(newest - lagParts)
  }

  /** Who wrote the log's newest part; 0 while there is none. */
  get newestEpoch(): number {
    return this.#window.newest?.epoch ?? 0
  }

  /** The first sequence of the window, and whether the log begins with it; the same for all renditions. */
  get beginning(): { readonly first: Sequence; readonly isLogs: boolean } | undefined {
    const { coveredFrom, isEmpty, start } = this.#window
    if (isEmpty || coveredFrom === undefined) return undefined
    const first = this.#window.at(start).sequence
    return first > coveredFrom ? { first, isLogs: true } : { first: coveredFrom, isLogs: false }
  }

  /** From this sequence on, the window holds all that the log has of this rendition. */
  get coveredFrom(): Sequence | undefined {
    const from = this.#window.coveredFrom
    return from === undefined ? undefined : sequence(Math.max(0, from - this.rendition.lagParts))
  }

  /** Of the parts with `from` ≤ sequence < `to`, those that are there with this track in them. */
  partsOf(from: Sequence, to: Sequence): readonly Part[] {
    return this.#carriers(from, to).filter((part) => this.#carries(part))
  }

  /** True when the log has sound of [from, to), and all of it in this track as well. */
  isWhole(from: Sequence, to: Sequence): boolean {
    const carriers = this.#carriers(from, to)
    return carriers.length > 0 && carriers.every((part) => this.#carries(part))
  }

  #carriers(from: Sequence, to: Sequence): readonly Part[] {
    const { track } = this.rendition
    return [...this.#window.between(carrierOf(track, from), carrierOf(track, to))]
  }

  #carries(part: Part): boolean {
    return (part.tracks.get(this.rendition.track)?.length ?? 0) > 0
  }
}

/** The sequence with which the log must end at least, for the rendition's partials to end at ordinal `end`. */
export const logEndFor = (end: number, { lagParts }: Rendition): number => end * PARTS_PER_PARTIAL + lagParts

/**
 * Where the partials of `other` ended when those of `rendition` came to end at ordinal `end`. It follows from the grid, so
 * that all edges say the same. One that is made on demand, and is not made now, is as far as soon as somebody asks for it.
 */
export function endBeside(end: number, rendition: Rendition, other: Rendition): number {
  const newest = logEndFor(end, rendition) - other.lagParts - 1
  return newest < 0 ? 0 : partialsEnd(sequence(newest), false)
}
