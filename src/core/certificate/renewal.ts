// When a certificate is obtained, renewed and worried about. Certificate authorities limit how often they are
// asked, by name and by week: a try that failed is followed by ever longer waits, across restarts as well.

import { type BackoffOptions, backoffDelay } from '../../base/backoff.ts'
import { type WallMillis, wallMillis } from '../../base/units.ts'

/** From `notBefore` to `notAfter` of a certificate (RFC 5280, section 4.1.2.5). */
export interface Validity {
  readonly notBeforeMs: WallMillis
  readonly notAfterMs: WallMillis
}

/** What earlier tries came to; kept on disk between processes. */
export interface TryRecord {
  /** Since the last success. */
  readonly failures: number
  readonly lastTryMs: WallMillis
  /** Not before this. */
  readonly nextTryMs: WallMillis
  /** Until then the authority itself asked us to wait (Retry-After); 0 when it did not. */
  readonly askedToWaitUntilMs: WallMillis
  /** Why the last try failed: a sentence for the operator. Absent after a success. */
  readonly lastError?: string
}

export const NEVER_TRIED: TryRecord = {
  failures: 0,
  lastTryMs: wallMillis(0),
  nextTryMs: wallMillis(0),
  askedToWaitUntilMs: wallMillis(0),
}

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

/** At most four or five tries in the first hour: Let's Encrypt allows five failed validations of a name in one. */
const TRY_BACKOFF: BackoffOptions = { firstMs: 2 * MINUTE_MS, factor: 4, maxMs: 360 * MINUTE_MS }
/** Somebody who starts Mimbar again has mended something, but a unit that restarts for ever has not. */
const TRY_AFTER_START_MS = MINUTE_MS
/** A limit by week is looked at again each day: it may have been lifted. */
const RETRY_AFTER_MS_MAX = DAY_MS
/** Expiry this near is worth a warning; for certificates of a few days, the last quarter of their life. */
const EXPIRY_WARNING_MS = 7 * DAY_MS

/** A third of the lifetime before the end, as Let's Encrypt advises: whatever is in the way has weeks to be mended. */
export function renewAt({ notBeforeMs, notAfterMs }: Validity): WallMillis {
  return wallMillis(notAfterMs - (notAfterMs - notBeforeMs) / 3)
}

/** True when renewal should long have happened. */
export function isExpiring({ notBeforeMs, notAfterMs }: Validity, now: WallMillis): boolean {
  return notAfterMs - now < Math.min(EXPIRY_WARNING_MS, (notAfterMs - notBeforeMs) / 4)
}

/** When to try next. `held` is a certificate that covers every name; without one it is as soon as allowed. */
export function nextTry(held: Validity | undefined, record: TryRecord): WallMillis {
  const wanted = held === undefined ? 0 : renewAt(held)
  return wallMillis(Math.max(wanted, record.nextTryMs))
}

/** The record of a try that begins now. It counts as failed until it has succeeded, so that a crash counts too. */
export function beganTry(record: TryRecord, now: WallMillis, random: number): TryRecord {
  return { ...failedTry(record, now, random, {}), lastError: 'The try did not end.' }
}

/** The record after a failure, `before` being the one from before that try. */
export function failedTry(
  before: TryRecord,
  now: WallMillis,
  random: number,
  { error, retryAfterMs = 0 }: { readonly error?: string; readonly retryAfterMs?: number },
): TryRecord {
  const asked = retryAfterMs === 0 ? 0 : now + Math.min(retryAfterMs, RETRY_AFTER_MS_MAX)
  const waited = now + backoffDelay(before.failures, random, TRY_BACKOFF)
  return {
    failures: before.failures + 1,
    lastTryMs: now,
    nextTryMs: wallMillis(Math.max(waited, asked)),
    askedToWaitUntilMs: wallMillis(asked),
    ...(error === undefined ? {} : { lastError: error }),
  }
}

/**
 * The record as a new process takes it up: it tries soon, but never before the authority's own word. One from the
 * future was written by a clock that was wrong.
 */
export function takenUp(record: TryRecord, now: WallMillis): TryRecord {
  if (record.lastTryMs > now) return NEVER_TRIED
  const soon = Math.max(record.lastTryMs + TRY_AFTER_START_MS, record.askedToWaitUntilMs)
  return { ...record, nextTryMs: wallMillis(Math.min(record.nextTryMs, soon)) }
}

/** Reads a record as JSON has it; anything else is `NEVER_TRIED`. */
export function parseTryRecord(found: unknown): TryRecord {
  if (typeof found !== 'object' || found === null) return NEVER_TRIED
  const { failures, lastTryMs, nextTryMs, askedToWaitUntilMs, lastError } = found as Record<string, unknown>
  const isWhole = [failures, lastTryMs, nextTryMs, askedToWaitUntilMs].every(Number.isFinite)
  if (!isWhole || (lastError !== undefined && typeof lastError !== 'string')) return NEVER_TRIED
  return found as TryRecord
}
