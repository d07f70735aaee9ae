// Writes down how late a scheduled program was on air, as the stage that began it measured it: the promise is
// "on time", so whether it was kept belongs to the space for good.

import { MimbarError } from '../../base/errors.ts'
import type { SpaceId } from '../../base/ids.ts'
import type { Observations } from './observations.ts'
import type { Spaces } from './spaces.ts'

/** Spaces whose answer is remembered, so that five reports a second don't each ask the database; then it asks anew. */
const SETTLED_MAX = 10_000

/** Told of every report of a stage. */
export class StartLateness {
  readonly #spaces: Spaces
  readonly #observations: Observations
  readonly #log: (line: string) => void
  /** Written, or being written, or not to be written. */
  readonly #settled = new Set<SpaceId>()

  constructor(spaces: Spaces, observations: Observations, log: (line: string) => void) {
    this.#spaces = spaces
    this.#observations = observations
    this.#log = log
  }

  /** A stage has reported on `space`. */
  note(space: SpaceId): void {
    const onAirAtMs = this.#observations.observed(space)?.programOnAirAtMs
    if (onAirAtMs === undefined || this.#settled.has(space)) return
    if (this.#settled.size >= SETTLED_MAX) this.#settled.clear()
    this.#settled.add(space)
    void this.#write(space, onAirAtMs).catch((error: unknown) => {
      // Without an engine, or before the start is written down here: the next report tries again.
      this.#settled.delete(space)
      if (!(error instanceof MimbarError)) throw error
    })
  }

  async #write(space: SpaceId, onAirAtMs: number): Promise<void> {
    await this.#spaces.change(space, (record) => {
      const { facts } = record
      if (facts.scheduledAtMs === undefined || facts.startLatenessMs !== undefined) return { record }
      if (facts.programStart === undefined) {
        throw new MimbarError('unavailable', 'The start of this program is not written down yet.')
      }
      const startLatenessMs = Math.round(onAirAtMs - facts.scheduledAtMs)
      return {
        record: { ...record, facts: { ...facts, startLatenessMs } },
        afterwards: () => this.#log(`space ${space} on air latenessMs=${startLatenessMs}`),
      }
    })
  }
}
