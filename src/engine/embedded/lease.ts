// The Lease: epochs in SQLite, so that they only grow; expiry on the monotonic clock, so that setting the wall
// clock takes nobody's space away.
//
//     free ──acquire──▶ held by A, epoch e ──release, or ttl without renewal──▶ free
//                            └──acquire by B over e──▶ held by B, epoch e + 1
//
// A held lease survives a restart: nobody knows how much of its time was left, so it gets all of it again.

import type { Database } from 'bun:sqlite'
import type { Clock } from '../../base/clock.ts'
import { MimbarError } from '../../base/errors.ts'
import { parseSpaceId, type SpaceId } from '../../base/ids.ts'
import { type Epoch, epoch, type Millis, millis, wallMillis } from '../../base/units.ts'
import type { LeaseAnswer, LeaseHolder, LeasePort, LeaseRequest } from '../ports.ts'
import { translateSqlite } from './database.ts'
import { OneAtATimeEach } from './one-at-a-time.ts'

/** Longer would leave a space silent for longer when its stage dies with the standby. */
const TTL_MS_MAX = 60_000
const HOLDER_CHARS_MAX = 100

/** What a lease needs of the log that it guards. */
export interface Fence {
  /** The newest epoch that the log has seen; 0 when none. */
  newestEpoch(space: SpaceId): Promise<Epoch>
  fence(space: SpaceId, newest: Epoch): void
}

interface Row {
  readonly space: SpaceId
  readonly epoch: Epoch
  readonly holder: string | null
  readonly ttl_ms: number
}

interface Held {
  readonly holder: string
  readonly epoch: Epoch
  readonly ttl: Millis
  readonly deadline: Millis
}

export class SqliteLease implements LeasePort {
  readonly #database: Database
  readonly #clock: Clock
  readonly #fence: Fence
  readonly #turns = new OneAtATimeEach<SpaceId>()
  readonly #held = new Map<SpaceId, Held>()

  /** The caller owns `database`, and closes it. */
  constructor(database: Database, clock: Clock, fence: Fence) {
    this.#database = database
    this.#clock = clock
    this.#fence = fence
    const rows = database.query('SELECT * FROM lease WHERE holder IS NOT NULL').all() as Row[]
    for (const row of rows) this.#hold(row.space, row.holder as string, row.epoch, millis(row.ttl_ms))
  }

  async acquire(request: LeaseRequest): Promise<LeaseAnswer> {
    checkRequest(request)
    return this.#turns.run(request.space, async () => {
      const { space, holder, ttl, over } = request
      const held = this.#valid(space)
      if (held?.holder === holder) {
        this.#extend(space, held, ttl)
        this.#fence.fence(space, held.epoch)
        return { kind: 'acquired', epoch: held.epoch }
      }
      if (held !== undefined && held.epoch !== over) return { kind: 'held', ...this.#shown(held) }
      const seen = await this.#fence.newestEpoch(space)
      const next = epoch(Math.max(seen, leasedEpoch(this.#database, space)) + 1)
      this.#write(space, next, holder, ttl)
      this.#hold(space, holder, next, ttl)
      this.#fence.fence(space, next)
      return { kind: 'acquired', epoch: next }
    })
  }

  async renew(space: SpaceId, held: Epoch, ttl: Millis): Promise<boolean> {
    checkTtl(ttl)
    const current = this.#valid(space)
    if (current?.epoch !== held) return false
    this.#extend(space, current, ttl)
    return true
  }

  release(space: SpaceId, held: Epoch): Promise<void> {
    return this.#turns.run(space, async () => {
      const current = this.#held.get(space)
      if (current?.epoch !== held) return
      this.#write(space, held, null, current.ttl)
      this.#held.delete(space)
    })
  }

  async holder(space: SpaceId): Promise<LeaseHolder | undefined> {
    const held = this.#valid(space)
    return held === undefined ? undefined : this.#shown(held)
  }

  #valid(space: SpaceId): Held | undefined {
    const held = this.#held.get(space)
    return held !== undefined && this.#clock.now() < held.deadline ? held : undefined
  }

  #hold(space: SpaceId, holder: string, held: Epoch, ttl: Millis): void {
    this.#held.set(space, { holder, epoch: held, ttl, deadline: millis(this.#clock.now() + ttl) })
  }

  // Renewals are not written: after a restart the lease gets its whole time again anyway.
  #extend(space: SpaceId, held: Held, ttl: Millis): void {
    if (ttl !== held.ttl) this.#write(space, held.epoch, held.holder, ttl)
    this.#hold(space, held.holder, held.epoch, ttl)
  }

  #write(space: SpaceId, held: Epoch, holder: string | null, ttl: Millis): void {
    translateSqlite(() =>
      this.#database
        .query(
          'INSERT INTO lease VALUES (?1, ?2, ?3, ?4) ' +
            'ON CONFLICT (space) DO UPDATE SET epoch = ?2, holder = ?3, ttl_ms = ?4',
        )
        .run(space, held, holder, ttl),
    )
  }

  #shown(held: Held): LeaseHolder {
    const leftMs = held.deadline - this.#clock.now()
    return {
      holder: held.holder,
      epoch: held.epoch,
      expiresAtMs: wallMillis(Math.round(this.#clock.wall() + leftMs)),
    }
  }
}

/** The newest epoch that the lease of `space` has given out; 0 when none. */
export function leasedEpoch(database: Database, space: SpaceId): Epoch {
  const row = translateSqlite(
    () => database.query('SELECT * FROM lease WHERE space = ?').get(space) as Row | null,
  )
  return row?.epoch ?? epoch(0)
}

function checkRequest({ space, holder, ttl }: LeaseRequest): void {
  parseSpaceId(space)
  checkTtl(ttl)
  if (typeof holder === 'string' && holder.length > 0 && holder.length <= HOLDER_CHARS_MAX) return
  throw new MimbarError('bad-request', `A holder has a name of 1 to ${HOLDER_CHARS_MAX} characters.`)
}

function checkTtl(ttl: Millis): void {
  if (Number.isInteger(ttl) && ttl > 0 && ttl <= TTL_MS_MAX) return
  throw new MimbarError('bad-request', `A lease lasts from 1 to ${TTL_MS_MAX} whole milliseconds.`)
}
