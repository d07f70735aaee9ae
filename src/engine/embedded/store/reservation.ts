// Which sequences an append may carry, whatever was lost with the process that wrote before.
//
// A part reaches readers before it reaches the disk. A process that dies in between leaves parts that somebody has
// heard and nobody holds, so their sequences must not be given to other parts. Sequences are therefore reserved in
// synced blocks before they are used; after an unclean stop the rest of the block is burnt, except for the writer
// that had it: it still holds what was not acknowledged, and sends the same bytes again. After a power cut parts
// are gone that it has been told are safe, so then it is burnt for everybody.

import { type Epoch, type Sequence, sequence } from '../../../base/units.ts'
import type { Manifest, ReservedBlock } from './manifest.ts'

/** Two seconds of parts: what an unclean stop costs a new writer at most. */
export const RESERVED_PARTS = 10
/** The next block is asked for while so many are left: a second, for a sync that takes a few milliseconds. */
const RESERVE_AHEAD_PARTS = 5

export class Reservation {
  readonly #manifest: Manifest
  readonly #bootId: string
  /** A block whose process ended before it was used up, or given back. */
  readonly #inherited: ReservedBlock | undefined
  #extending: Promise<void> | undefined

  /** `bootId` names this run of the machine; `newest` is the newest part found on the disk. */
  constructor(manifest: Manifest, bootId: string, newest: Sequence | undefined) {
    const { block } = manifest.facts
    this.#manifest = manifest
    this.#bootId = bootId
    this.#inherited = block !== undefined && block.to > (newest ?? -1) ? block : undefined
  }

  /** The smallest sequence that `writer` may append after `newest`. */
  appendFrom(newest: Sequence | undefined, writer: Epoch): Sequence {
    const afterNewest = newest === undefined ? 0 : newest + 1
    const block = this.#inherited
    if (block === undefined) return sequence(afterNewest)
    return sequence(Math.max(afterNewest, this.#isOf(block, writer) ? block.from : block.to + 1))
  }

  /** Whether `at` may be given to readers without waiting for {@link reserve}. Asks ahead for what comes next. */
  covers(at: Sequence, writer: Epoch): boolean {
    const { block } = this.#manifest.facts
    if (block === undefined || !this.#isOf(block, writer) || at > block.to) return false
    if (block.to - at < RESERVE_AHEAD_PARTS && this.#extending === undefined) {
      // When this fails, the append that needs it asks again, and is told.
      this.#extending = this.#extend(block, at)
        .catch(() => undefined)
        .finally(() => {
          this.#extending = undefined
        })
    }
    return true
  }

  /** Reserves `at` and what comes after it. */
  async reserve(at: Sequence, writer: Epoch): Promise<void> {
    await this.#extending
    const { block } = this.#manifest.facts
    if (block !== undefined && this.#isOf(block, writer)) {
      if (at > block.to) await this.#extend(block, at)
      return
    }
    const to = sequence(at + RESERVED_PARTS)
    await this.#manifest.record({ block: { from: at, to, epoch: writer, boot: this.#bootId } })
  }

  /** What to record at a clean stop: gives back what nobody can have seen. */
  givenBack(newest: Sequence | undefined): { block: ReservedBlock } | undefined {
    const { block } = this.#manifest.facts
    if (block === undefined) return undefined
    const last = newest ?? sequence(block.from - 1)
    const burntTo = this.#inherited?.to ?? last
    if (burntTo > last) return { block: { ...block, to: burntTo } }
    return { block: { ...block, to: last, boot: '' } }
  }

  #extend(block: ReservedBlock, at: Sequence): Promise<void> {
    return this.#manifest.record({ block: { ...block, to: sequence(at + RESERVED_PARTS) } })
  }

  #isOf(block: ReservedBlock, writer: Epoch): boolean {
    return block.epoch === writer && block.boot === this.#bootId
  }
}
