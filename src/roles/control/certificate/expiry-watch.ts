// Says loudly, once a day, that the certificate in use is about to end: the operator's own, or one whose renewal
// keeps failing. Whoever reads neither log nor metrics learns it from browsers, all at once.

import { readFileSync } from 'node:fs'
import type { Clock } from '../../../base/clock.ts'
import type { Running } from '../../../base/lifetime.ts'
import type { WallMillis } from '../../../base/units.ts'
import { isExpiring } from '../../../core/certificate/renewal.ts'
import type { TlsFiles } from '../../../host/tls-files.ts'
import { type HeldCertificate, heldOf } from '../../../host/tls-folder.ts'

const LOOK_EVERY_MS = 60 * 60_000
const DAY_MS = 86_400_000

export interface ExpiryWatchOptions {
  readonly files: TlsFiles
  readonly clock: Clock
  readonly log: (line: string) => void
  /** `LOOK_EVERY_MS` by default. */
  readonly lookEveryMs?: number
}

export interface ExpiryWatch extends Running {
  /** What the files hold now; undefined when they cannot be read, or don't fit (yet). */
  held(): HeldCertificate | undefined
}

/** Looks at once, and then every hour. */
export function startExpiryWatch(options: ExpiryWatchOptions): ExpiryWatch {
  const { files, clock, log, lookEveryMs = LOOK_EVERY_MS } = options
  let warnedAtMs: WallMillis | undefined
  const look = () => {
    const held = readFiles(files)
    const now = clock.wall()
    if (held === undefined || held.isTemporary || !isExpiring(held, now)) return
    if (warnedAtMs !== undefined && now - warnedAtMs < DAY_MS) return
    warnedAtMs = now
    log(`WARNING: ${expiry(held, now)} Renew it now, or browsers will turn everybody away ("mimbar doctor").`)
  }
  look()
  const timer = setInterval(look, lookEveryMs)
  return {
    held: () => readFiles(files),
    stop: async () => clearInterval(timer),
  }
}

function expiry({ notAfterMs }: HeldCertificate, now: WallMillis): string {
  if (notAfterMs <= now) return 'the certificate has expired.'
  const hours = Math.floor((notAfterMs - now) / 3_600_000)
  return `the certificate ends in ${hours < 48 ? `${hours} hours` : `${Math.floor(hours / 24)} days`}.`
}

function readFiles({ certFile, keyFile }: TlsFiles): HeldCertificate | undefined {
  try {
    const cert = readFileSync(certFile, 'utf8')
    return heldOf(keyFile === certFile ? cert : `${cert}\n${readFileSync(keyFile, 'utf8')}`)
  } catch {
    return undefined // being replaced; who serves it says so when it stays like that
  }
}
