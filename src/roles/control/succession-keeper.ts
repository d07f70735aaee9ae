// Hands the room on while the host is away, and back when the host returns: applies `core/seat/succession.ts` to every
// report of a stage. It needs no timer, as time in which no stage is heard does not count. Who holds the room is a
// fact, kept with the space; how long somebody has been away is not, so a control that starts anew waits once more.

import type { Clock } from '../../base/clock.ts'
import { MimbarError } from '../../base/errors.ts'
import type { SpaceId } from '../../base/ids.ts'
import { holderOf, type Watched, watch } from '../../core/seat/succession.ts'
import type { SpaceFacts } from '../../core/space/facts.ts'
import { type Observations, REPORTERS_MAX } from './observations.ts'
import type { SpaceRecord } from './space-store.ts'
import type { Spaces } from './spaces.ts'

/** Who has been away for longer does not hold the room, unless `--host-away-s` says otherwise. */
export const HOST_AWAY_MS = 10_000

export interface SuccessionKeeperOptions {
  readonly spaces: Spaces
  readonly observations: Observations
  readonly clock: Clock
  readonly log: (line: string) => void
  readonly hostAwayMs: number
}

/** Told of every report of a stage. */
export class SuccessionKeeper {
  readonly #options: SuccessionKeeperOptions
  /** Spaces that are on; of more than `REPORTERS_MAX` the one that was quiet for longest is forgotten. */
  readonly #watched = new Map<SpaceId, Watched>()
  readonly #writing = new Set<SpaceId>()

  constructor(options: SuccessionKeeperOptions) {
    this.#options = options
  }

  /** A stage has reported on `space`. */
  note(space: SpaceId): void {
    const { spaces, observations, clock } = this.#options
    const report = observations.observed(space)
    const record = spaces.store.load(space)
    const before = this.#watched.get(space)
    this.#watched.delete(space)
    if (record === undefined || report === undefined || !isOn(record.facts)) return
    const connected = report.seats.filter((seat) => seat.connection === 'connected').map(({ id }) => id)
    const sighting = {
      host: record.hostSeat,
      seats: record.facts.seats,
      connected,
      hostCame: record.hostCame,
    }
    this.#watched.set(space, watch(before, sighting, clock.now()))
    if (this.#watched.size > REPORTERS_MAX) {
      const oldest = this.#watched.keys().next()
      if (!oldest.done) this.#watched.delete(oldest.value)
    }
    if (this.#succeed(record) === record || this.#writing.has(space)) return
    this.#writing.add(space)
    void this.#write(space)
      .catch((error: unknown) => {
        // Deleted meanwhile, or no engine: the next report tries again.
        if (!(error instanceof MimbarError)) throw error
      })
      .finally(() => this.#writing.delete(space))
  }

  async #write(space: SpaceId): Promise<void> {
    await this.#options.spaces.change<void>(space, (before) => {
      const record = this.#succeed(before)
      return { record, afterwards: () => this.#tell(before.facts, record.facts) }
    })
  }

  /** `record` as it should be by what was last watched; the same when it is so. */
  #succeed(record: SpaceRecord): SpaceRecord {
    const { facts, hostSeat } = record
    const watched = this.#watched.get(facts.id)
    if (watched === undefined || !isOn(facts)) return record
    const { holder: before, ...others } = facts
    const holder = holderOf(facts, hostSeat, watched, this.#options.hostAwayMs)
    if (holder === before && record.hostCame === watched.hostCame) return record
    return {
      ...record,
      hostCame: watched.hostCame,
      facts: holder === before ? facts : holder === undefined ? others : { ...others, holder },
    }
  }

  #tell(before: SpaceFacts, { id, holder }: SpaceFacts): void {
    if (holder === before.holder) return
    this.#options.log(
      `space ${id} room held by ${holder === undefined ? 'its host' : `seat ${holder}, host away`}`,
    )
  }
}

/** The room has to be held from when people meet in it until it is over. */
const isOn = ({ phase }: SpaceFacts): boolean => phase === 'lobby' || phase === 'live'
