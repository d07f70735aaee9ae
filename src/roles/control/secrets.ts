// Secrets of links, sessions and seats. Each has 160 random bits, so one round of SHA-256 is enough to keep it: a
// slow password hash protects what people make up, and nobody makes these up.

import type { Database } from 'bun:sqlite'
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { SeatId, SpaceId } from '../../base/ids.ts'
import type { WallMillis } from '../../base/units.ts'
import type { SeatRole } from '../../core/seat/roles.ts'

const SECRET_BYTES = 20
/** Longer ones are not ours; they are not hashed. */
const SECRET_CHARACTERS_MAX = 128
/** Browsers that are signed in as operator at once; the oldest session goes. */
export const OPERATOR_SESSIONS_MAX = 20

/** What a secret opens. */
export type SecretOwner =
  | { readonly kind: 'operator' }
  | { readonly kind: 'operator-session' }
  | { readonly kind: SeatRole; readonly space: SpaceId }
  | { readonly kind: 'seat'; readonly space: SpaceId; readonly seat: SeatId }

/** 160 random bits in 27 characters that need no escaping in a URL, a cookie or a header. */
export function newSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url')
}

/** SHA-256 of `secret`: what is kept of it, and what comparisons are made on. */
export function hashSecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}

/** Compares in constant time. */
export function isSecret(presented: string, hash: Uint8Array): boolean {
  return presented.length <= SECRET_CHARACTERS_MAX && timingSafeEqual(hashSecret(presented), hash)
}

interface Row {
  readonly hash: Uint8Array
  readonly expires_at_ms: number | null
}

/** The `secrets` table. Every method is one synchronous statement; callers group them in transactions. */
export class SecretStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Makes a new secret for `owner` and keeps its hash. The return value is the only copy of the secret. */
  issue(owner: SecretOwner, now: WallMillis, expiresAtMs?: WallMillis): string {
    const secret = newSecret()
    this.#database
      .query(
        'INSERT INTO secrets (hash, kind, space, seat, created_at_ms, expires_at_ms) VALUES (?, ?, ?, ?, ?, ?)',
      )
      .run(hashSecret(secret), ...columnsOf(owner), now, expiresAtMs ?? null)
    return secret
  }

  /** True when `presented` is a secret of `owner` that is neither revoked nor past its time. */
  isValid(presented: string, owner: SecretOwner, now: WallMillis): boolean {
    return this.#standing(owner, now).some((row) => isSecret(presented, row.hash))
  }

  /** True when `presented` once was a secret of `owner` and was revoked: a link that was made anew. */
  isRevoked(presented: string, owner: SecretOwner): boolean {
    return this.#database
      .query<Row, [string, string | null, string | null]>(
        'SELECT hash, expires_at_ms FROM secrets WHERE kind = ? AND space IS ? AND seat IS ? AND revoked_at_ms IS NOT NULL',
      )
      .all(...columnsOf(owner))
      .some((row) => isSecret(presented, row.hash))
  }

  has(owner: SecretOwner, now: WallMillis): boolean {
    return this.#standing(owner, now).length > 0
  }

  /** Revokes every secret of `owner`, except `keep`. */
  revoke(owner: SecretOwner, now: WallMillis, keep?: string): void {
    this.#database
      .query(
        'UPDATE secrets SET revoked_at_ms = ? WHERE kind = ? AND space IS ? AND seat IS ? AND revoked_at_ms IS NULL AND hash IS NOT ?',
      )
      .run(now, ...columnsOf(owner), keep === undefined ? null : hashSecret(keep))
  }

  /** Revokes that one secret of `owner`. */
  revokeOne(owner: SecretOwner, secret: string, now: WallMillis): void {
    this.#database
      .query(
        'UPDATE secrets SET revoked_at_ms = ? WHERE kind = ? AND space IS ? AND seat IS ? AND hash = ? AND revoked_at_ms IS NULL',
      )
      .run(now, ...columnsOf(owner), hashSecret(secret))
  }

  /** Makes those secrets of `owner` good again that were revoked at that moment. */
  unrevoke(owner: SecretOwner, revokedAtMs: WallMillis): void {
    this.#database
      .query(
        'UPDATE secrets SET revoked_at_ms = NULL WHERE kind = ? AND space IS ? AND seat IS ? AND revoked_at_ms = ?',
      )
      .run(...columnsOf(owner), revokedAtMs)
  }

  /**
   * Forgets what nobody can use: seats that were left, sessions that ended or are too many. The last token of a seat
   * from which somebody was removed is kept as long as the removal is: undoing it makes the token good again, and a
   * block knows the browser by it.
   */
  prune(now: WallMillis): void {
    this.#database.run(
      `DELETE FROM secrets WHERE kind = 'seat' AND (revoked_at_ms IS NOT NULL OR NOT EXISTS
         (SELECT 1 FROM seats WHERE seats.space = secrets.space AND seats.id = secrets.seat))
         AND NOT EXISTS (SELECT 1 FROM removals WHERE removals.space = secrets.space
           AND removals.seat = secrets.seat AND removals.removed_at_ms = secrets.revoked_at_ms)`,
    )
    this.#database.run(
      `DELETE FROM secrets WHERE kind = 'operator-session' AND (revoked_at_ms IS NOT NULL OR expires_at_ms <= ?
         OR hash NOT IN (SELECT hash FROM secrets WHERE kind = 'operator-session' AND revoked_at_ms IS NULL
                         ORDER BY created_at_ms DESC LIMIT ${OPERATOR_SESSIONS_MAX}))`,
      [now],
    )
  }

  #standing(owner: SecretOwner, now: WallMillis): Row[] {
    return this.#database
      .query<Row, [string, string | null, string | null, number]>(
        `SELECT hash, expires_at_ms FROM secrets WHERE kind = ? AND space IS ? AND seat IS ?
           AND revoked_at_ms IS NULL AND (expires_at_ms IS NULL OR expires_at_ms > ?)`,
      )
      .all(...columnsOf(owner), now)
  }
}

function columnsOf(owner: SecretOwner): [kind: string, space: string | null, seat: string | null] {
  return [owner.kind, 'space' in owner ? owner.space : null, 'seat' in owner ? owner.seat : null]
}
