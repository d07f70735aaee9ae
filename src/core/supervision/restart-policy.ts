// When a role that died is started again: at once after an accident, slower and slower when it keeps dying.

import { type BackoffOptions, backoffDelay } from '../../base/backoff.ts'
import { type Millis, millis } from '../../base/units.ts'

/** Who ran this long was well: its death is an accident and not a habit. */
export const STEADY_MS = 10_000
/** A role that cannot live is tried about every five seconds for ever: its machine may recover. */
const RESTART_BACKOFF: BackoffOptions = { firstMs: 100, factor: 1.8, maxMs: 5_000 }

/** How often a role died young, one death after the other. */
export interface RestartRecord {
  readonly earlyDeaths: number
}

export const NEVER_DIED: RestartRecord = { earlyDeaths: 0 }

/** The record after a death at the age of `uptime`, and the wait before the next start. */
export function afterDeath(
  record: RestartRecord,
  uptime: Millis,
  random: number,
): { readonly record: RestartRecord; readonly wait: Millis } {
  if (uptime >= STEADY_MS) return { record: NEVER_DIED, wait: millis(0) }
  const wait =
    record.earlyDeaths === 0 ? millis(0) : backoffDelay(record.earlyDeaths - 1, random, RESTART_BACKOFF)
  return { record: { earlyDeaths: record.earlyDeaths + 1 }, wait }
}
