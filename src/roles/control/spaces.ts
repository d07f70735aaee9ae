// Every change of a space goes through here, one at a time for each space: database, then Roster. When the engine
// does not answer, the database goes back to what it said before and the caller is told; should control die between
// the two, the next start makes the Roster follow the database.

import type { Database } from 'bun:sqlite'
import { randomBytes } from 'node:crypto'
import { backoffDelay, NEIGHBOUR_BACKOFF } from '../../base/backoff.ts'
import type { Clock } from '../../base/clock.ts'
import { hasCode, MimbarError } from '../../base/errors.ts'
import { idFromRandom, parseSeatId, parseSpaceId, type SeatId, type SpaceId } from '../../base/ids.ts'
import type { WallMillis } from '../../base/units.ts'
import { announce } from '../../core/announcement/announcement.ts'
import type { NewSpace } from '../../core/api/api.ts'
import type { SeatRole } from '../../core/seat/roles.ts'
import type { SpaceFacts } from '../../core/space/facts.ts'
import { gridStartAt, parseScheduledAt, parseTitle } from '../../core/space/new-space.ts'
import { planStart } from '../../core/space/planned-start.ts'
import type { Engine } from '../../engine/ports.ts'
import type { Patience } from './patience.ts'
import { PictureStore } from './picture-store.ts'
import { RemovalStore } from './removals.ts'
import { findDifferences, forgetSpace, publishFacts, revisionOf, withPatience } from './roster-writer.ts'
import { SecretStore } from './secrets.ts'
import { type SpaceRecord, SpaceStore } from './space-store.ts'

/** Changes of one space that wait for each other; more are turned away with `too-many`. */
export const CHANGES_WAITING_MAX = 64

export interface SpacesOptions {
  readonly database: Database
  readonly engine: Engine
  readonly clock: Clock
  /** Called after the facts of a space have changed, or the space is gone. */
  readonly onChange: (id: SpaceId) => void
  readonly signal: AbortSignal
  readonly patience: Patience
  readonly log: (line: string) => void
}

/** What a change of a space does besides changing its facts. */
export interface Change<T> {
  readonly record: SpaceRecord
  /** Runs in the same transaction as the facts. */
  readonly alongside?: () => T
  /** Undoes `alongside` when the Roster could not be told. */
  readonly undo?: (result: T) => void
  /** Runs once everybody has been told. */
  readonly afterwards?: (result: T) => void
}

export class Spaces {
  readonly secrets: SecretStore
  readonly removals: RemovalStore
  readonly pictures: PictureStore
  readonly #store: SpaceStore
  readonly #options: SpacesOptions
  readonly #queues = new Map<SpaceId, { tail: Promise<unknown>; waiting: number }>()
  /** Documents that may differ from the database; the loop in {@link heal} works them off. */
  readonly #unsure = new Set<SpaceId>()
  #healing: Promise<void> | undefined

  constructor(options: SpacesOptions) {
    this.#options = options
    this.#store = new SpaceStore(options.database)
    this.secrets = new SecretStore(options.database)
    this.removals = new RemovalStore(options.database)
    this.pictures = new PictureStore(options.database)
  }

  get store(): SpaceStore {
    return this.#store
  }

  /** Runs `work`, all of it or nothing. */
  inTransaction<T>(work: () => T): T {
    return this.#options.database.transaction(work)()
  }

  /** Throws `not-found`. */
  get(id: SpaceId): SpaceRecord {
    const record = this.#store.load(id)
    if (record === undefined) throw new MimbarError('not-found', 'There is no space by this name.')
    return record
  }

  /** Makes a space and its secrets. `conflict` when the id is taken; `unavailable` without an engine. */
  async create(asked: NewSpace): Promise<{ record: SpaceRecord } & Readonly<Record<SeatRole, string>>> {
    const now = this.#options.clock.wall()
    const id = parseSpaceId(asked.id ?? idFromRandom(randomBytes(10)))
    const facts: SpaceFacts = {
      id,
      title: parseTitle(asked.title),
      ...announce({}, asked),
      phase: 'scheduled',
      recorded: asked.recorded,
      createdAtMs: now,
      ...(asked.scheduledAtMs === undefined
        ? {}
        : { scheduledAtMs: parseScheduledAt(asked.scheduledAtMs, now) }),
      gridStartMs: gridStartAt(now),
      ...(asked.arrivals === undefined ? {} : { arrivals: asked.arrivals }),
      seats: [],
    }
    const record: SpaceRecord = {
      facts: planStart(facts, asked.start ?? 'manual', now),
      hostSeat: newSeatId(),
      encoderSeat: newSeatId(),
      hostCame: false,
    }
    return this.#inTurn(id, async () => {
      if (this.#store.load(id) !== undefined) {
        throw new MimbarError('conflict', 'A space by this name exists already.')
      }
      // A document without a row is a deleted space whose log may still be there, on another grid.
      const stale = await this.#patiently(() => revisionOf(this.#options.engine, id))
      if (stale !== 0) await this.#patiently(() => forgetSpace(this.#options.engine, id))
      const secrets = await this.#commit(undefined, 0, {
        record,
        alongside: () => ({
          host: this.secrets.issue({ kind: 'host', space: id }, now),
          cohost: this.secrets.issue({ kind: 'cohost', space: id }, now),
          speaker: this.secrets.issue({ kind: 'speaker', space: id }, now),
        }),
      })
      return { record, ...secrets }
    })
  }

  /**
   * Applies `change` to the newest record of the space. A change that returns the record as it was, with nothing
   * alongside, writes nothing. Throws what `change` throws, `not-found`, or `unavailable` with nothing done.
   */
  async change<T>(id: SpaceId, change: (record: SpaceRecord, now: WallMillis) => Change<T>): Promise<T> {
    return this.#inTurn(id, async () => {
      const before = this.get(id)
      const wanted = change(before, this.#options.clock.wall())
      if (wanted.record === before) {
        const result = this.#options.database.transaction(() => wanted.alongside?.())() as T
        wanted.afterwards?.(result)
        return result
      }
      const revision = await this.#patiently(() => revisionOf(this.#options.engine, id))
      return this.#commit(before, revision, wanted)
    })
  }

  /**
   * Removes a space that is scheduled or ended, its links and its log. `conflict` while it is on. Once the database
   * has forgotten the space it is gone for people; should the engine fall silent in that moment, its log follows
   * when the engine is back.
   */
  async delete(id: SpaceId): Promise<void> {
    await this.#inTurn(id, async () => {
      const { facts } = this.get(id)
      if (facts.phase === 'live' || facts.phase === 'lobby') {
        throw new MimbarError('conflict', 'A space that is on cannot be deleted; end it first.')
      }
      await this.#patiently(() => revisionOf(this.#options.engine, id))
      this.#store.delete(id)
      this.#unsure.add(id)
      this.#options.onChange(id)
    })
    await Promise.race([this.heal(), sleep(this.#options.patience.engineMs, this.#options.signal)])
  }

  /**
   * Compares every document of the Roster with the database and repairs what differs; once, at the start. Waits
   * for an engine that is not there yet; resolves early when control stops.
   */
  async reconcile(): Promise<void> {
    for (let attempt = 0; !this.#options.signal.aborted; attempt++) {
      try {
        const truth = new Map(this.#store.all().map(({ facts }) => [facts.id, facts]))
        for (const id of await findDifferences(this.#options.engine, truth)) this.#unsure.add(id)
        return await this.heal()
      } catch (error) {
        if (!hasCode(error, 'unavailable')) throw error
        await sleep(backoffDelay(attempt, Math.random(), NEIGHBOUR_BACKOFF), this.#options.signal)
      }
    }
  }

  /** Resolves when every change that is under way has ended, one way or the other. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.#queues.values()].map((queue) => queue.tail))
    await this.#healing
  }

  /** Makes the Roster follow the database wherever it may not. Runs until that is so, or until control stops. */
  heal(): Promise<void> {
    this.#healing ??= this.#heal().finally(() => {
      this.#healing = undefined
    })
    return this.#healing
  }

  async #heal(): Promise<void> {
    for (let attempt = 0; this.#unsure.size > 0 && !this.#options.signal.aborted; ) {
      const [id] = this.#unsure
      try {
        await this.#inTurn(id as SpaceId, () => this.#publish(id as SpaceId))
        this.#unsure.delete(id as SpaceId)
        attempt = 0
      } catch (error) {
        if (!(error instanceof MimbarError)) throw error
        if (attempt === 0) this.#options.log(`control cannot tell the roster of ${id} yet: ${error.message}`)
        await sleep(backoffDelay(attempt++, Math.random(), NEIGHBOUR_BACKOFF), this.#options.signal)
      }
    }
  }

  async #publish(id: SpaceId): Promise<void> {
    const record = this.#store.load(id)
    if (record === undefined) await forgetSpace(this.#options.engine, id)
    else await publishFacts(this.#options.engine, id, record.facts)
  }

  async #commit<T>(before: SpaceRecord | undefined, revision: number, change: Change<T>): Promise<T> {
    const { database, engine } = this.#options
    const id = change.record.facts.id
    const result = database.transaction(() => {
      this.#store.save(change.record)
      return change.alongside?.()
    })() as T
    try {
      await this.#patiently(() => publishFacts(engine, id, change.record.facts, revision))
    } catch (error) {
      database.transaction(() => {
        if (before === undefined) this.#store.delete(id)
        else this.#store.save(before)
        change.undo?.(result)
      })()
      // The write may have arrived although its answer did not.
      this.#unsure.add(id)
      void this.heal()
      throw error
    }
    change.afterwards?.(result)
    this.#options.onChange(id)
    return result
  }

  #patiently<T>(work: () => Promise<T>): Promise<T> {
    return withPatience(this.#options.clock, this.#options.patience.engineMs, work)
  }

  async #inTurn<T>(id: SpaceId, work: () => Promise<T>): Promise<T> {
    const queue = this.#queues.get(id) ?? { tail: Promise.resolve(), waiting: 0 }
    if (queue.waiting >= CHANGES_WAITING_MAX) {
      throw new MimbarError('too-many', 'Too many changes of this space are under way; try again.')
    }
    this.#queues.set(id, queue)
    queue.waiting += 1
    const turn = queue.tail.then(work, work)
    queue.tail = turn
    try {
      return await turn
    } finally {
      queue.waiting -= 1
      if (queue.waiting === 0) this.#queues.delete(id)
    }
  }
}

/** A seat id that nobody has: 50 random bits. */
export function newSeatId(): SeatId {
  return parseSeatId(idFromRandom(randomBytes(10)))
}

function sleep(waitMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, waitMs)
    signal.addEventListener('abort', done)
  })
}
