// Raised hands as rows. What a hand's token is compared with is its hash; the token itself is nowhere.

import type { Database } from 'bun:sqlite'
import type { HandId, SeatId, SpaceId } from '../../../base/ids.ts'
import { wallMillis } from '../../../base/units.ts'
import type { Hand } from '../../../core/hand/hands.ts'

/** A hand, and what its token is compared with. */
export interface KeptHand {
  readonly hand: Hand
  readonly tokenHash: Uint8Array
}

interface HandRow {
  readonly id: HandId
  readonly name: string
  readonly token_hash: Uint8Array
  readonly state: Hand['state']
  readonly raised_at_ms: number
  readonly changed_at_ms: number
  readonly seat: SeatId | null
}

/** The `hands` table. Synchronous; callers group calls in transactions. */
export class HandStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  of(space: SpaceId): readonly KeptHand[] {
    return this.#database
      .query<HandRow, [string]>('SELECT * FROM hands WHERE space = ? ORDER BY raised_at_ms, id')
      .all(space)
      .map((row) => ({
        hand: {
          id: row.id,
          name: row.name,
          state: row.state,
          raisedAtMs: wallMillis(row.raised_at_ms),
          changedAtMs: wallMillis(row.changed_at_ms),
          ...(row.seat === null ? {} : { seat: row.seat }),
        },
        tokenHash: row.token_hash,
      }))
  }

  /** Writes a hand as it is, over what was there. */
  save(space: SpaceId, { hand, tokenHash }: KeptHand): void {
    this.#database
      .query(
        `INSERT INTO hands (space, id, name, token_hash, state, raised_at_ms, changed_at_ms, seat)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (space, id) DO UPDATE SET state = excluded.state, changed_at_ms = excluded.changed_at_ms,
                                               seat = excluded.seat`,
      )
      .run(
        space,
        hand.id,
        hand.name,
        tokenHash,
        hand.state,
        hand.raisedAtMs,
        hand.changedAtMs,
        hand.seat ?? null,
      )
  }

  delete(space: SpaceId, id: HandId): void {
    this.#database.query('DELETE FROM hands WHERE space = ? AND id = ?').run(space, id)
  }
}
