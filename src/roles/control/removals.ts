// Seats that others have emptied. For a moment a removal can be undone; a block is one that stays, and by which the
// browser that held the seat is known again. That is all a block can know: a browser that has forgotten its cookies
// is a new person, until the invitation is made anew.

import type { Database } from 'bun:sqlite'
import type { SeatId, SpaceId } from '../../base/ids.ts'
import { type WallMillis, wallMillis } from '../../base/units.ts'
import type { SeatFacts } from '../../core/space/facts.ts'

/** For how long a removal can be undone: the 10 s that the page offers, and what a slow network takes. */
export const UNDO_WITHIN_MS = 15_000
/** Blocks that a space keeps; of more, the oldest is forgotten. Undoing a block has no other limit. */
export const BLOCKS_MAX = 100

export interface Removal {
  readonly space: SpaceId
  /** As it was. */
  readonly seat: SeatFacts
  readonly removedAtMs: WallMillis
  readonly blocked: boolean
}

interface Row {
  readonly facts: string
  readonly removed_at_ms: number
  readonly blocked: number
}

/** The `removals` table. Every method is one or two synchronous statements; callers group them in transactions. */
export class RemovalStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Keeps `removal`, over one of the same seat. */
  put({ space, seat, removedAtMs, blocked }: Removal): void {
    this.#database
      .query(
        'INSERT OR REPLACE INTO removals (space, seat, facts, removed_at_ms, blocked) VALUES (?, ?, ?, ?, ?)',
      )
      .run(space, seat.id, JSON.stringify(seat), removedAtMs, blocked ? 1 : 0)
  }

  /** The removal of `seat` while it can be undone. */
  find(space: SpaceId, seat: SeatId, now: WallMillis): Removal | undefined {
    const row = this.#database
      .query<Row, [string, string, number]>(
        'SELECT * FROM removals WHERE space = ? AND seat = ? AND (blocked = 1 OR removed_at_ms >= ?)',
      )
      .get(space, seat, now - UNDO_WITHIN_MS)
    return row === null ? undefined : removalOf(space, row)
  }

  /** Who is blocked from `space`, the newest first. */
  blocked(space: SpaceId): readonly Removal[] {
    return this.#database
      .query<Row, [string]>(
        'SELECT * FROM removals WHERE space = ? AND blocked = 1 ORDER BY removed_at_ms DESC, seat',
      )
      .all(space)
      .map((row) => removalOf(space, row))
  }

  forget(space: SpaceId, seat: SeatId): void {
    this.#database.query('DELETE FROM removals WHERE space = ? AND seat = ?').run(space, seat)
  }

  /** Forgets what can no longer be undone, and blocks of `space` beyond their number. */
  prune(space: SpaceId, now: WallMillis): void {
    this.#database.run('DELETE FROM removals WHERE blocked = 0 AND removed_at_ms < ?', [now - UNDO_WITHIN_MS])
    for (const { seat } of this.blocked(space).slice(BLOCKS_MAX)) this.forget(space, seat.id)
  }
}

function removalOf(space: SpaceId, row: Row): Removal {
  return {
    space,
    seat: JSON.parse(row.facts) as SeatFacts,
    removedAtMs: wallMillis(row.removed_at_ms),
    blocked: row.blocked === 1,
  }
}
