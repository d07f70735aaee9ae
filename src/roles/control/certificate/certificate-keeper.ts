// Keeps a certificate for `--domain` in the data folder: obtains the first, renews each in time, and never asks more
// often than `core/certificate` allows. It only writes files; the doors watch them. Whatever fails here, the doors
// go on with what they have.

import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '../../../base/clock.ts'
import { hasCode, MimbarError } from '../../../base/errors.ts'
import type { Running } from '../../../base/lifetime.ts'
import type { WallMillis } from '../../../base/units.ts'
import {
  beganTry,
  failedTry,
  NEVER_TRIED,
  nextTry,
  parseTryRecord,
  renewAt,
  type TryRecord,
  takenUp,
} from '../../../core/certificate/renewal.ts'
import { stackOf } from '../../../host/announce.ts'
import { writeAtomically } from '../../../host/atomic-file.ts'
import { answersChallenges } from '../../../host/challenge.ts'
import {
  accountThumbprint,
  readAccountKey,
  readHeld,
  readTries,
  tlsFolder,
  writePair,
} from '../../../host/tls-folder.ts'
import { AcmeFailure } from './acme-http.ts'

/** Looked at this often at least: wall clocks are set, and timers don't count while a machine sleeps. */
const LOOK_EVERY_MS = 60 * 60_000
/** Edges start beside us; the authority is not sent to a door that is not open yet. */
const PLAIN_DOOR_WITHIN_MS = 60_000
const PLAIN_DOOR_POLL_MS = 200

export interface CertificateKeeperOptions {
  /** `tls/` in the data folder, prepared. */
  readonly folder: string
  readonly names: readonly string[]
  readonly directoryUrl: string
  /** PEM file of a root to trust instead of the usual ones; empty for none. */
  readonly authorityRootFile: string
  /** Empty for none. */
  readonly email: string
  /** The plain door as this machine reaches it. */
  readonly plainUrl: string
  readonly clock: Clock
  readonly log: (line: string) => void
}

export interface CertificateKeeper extends Running {
  /** What `GET /metrics` says about it: how tries ended since this process started, and when the next one is. */
  tries(): { readonly obtained: number; readonly failed: number; readonly nextTryMs: WallMillis }
}

/** Begins at once. Throws `bad-request` when the account key cannot be used. */
export function startCertificateKeeper(options: CertificateKeeperOptions): CertificateKeeper {
  const keeper = new Keeper(options)
  const ended = keeper.run()
  return {
    tries: () => keeper.tries(),
    stop: async () => {
      keeper.end()
      await ended
    },
  }
}

class Keeper {
  readonly #options: CertificateKeeperOptions
  readonly #accountKey: string
  readonly #thumbprint: string
  readonly #ending = new AbortController()
  readonly #counts = { obtained: 0, failed: 0 }
  #record: TryRecord

  constructor(options: CertificateKeeperOptions) {
    this.#options = options
    this.#accountKey = readAccountKey(options.folder)
    this.#thumbprint = accountThumbprint(options.folder)
    this.#record = takenUp(parseTryRecord(readTries(options.folder)), options.clock.wall())
  }

  end(): void {
    this.#ending.abort()
  }

  tries() {
    return { ...this.#counts, nextTryMs: this.#nextTry() }
  }

  async run(): Promise<void> {
    const { clock } = this.#options
    const { signal } = this.#ending
    while (!signal.aborted) {
      const waitMs = this.#nextTry() - clock.wall()
      if (waitMs <= 0) await this.#try()
      // Ends early by being stopped, which the loop sees.
      else await sleep(Math.min(waitMs, LOOK_EVERY_MS), undefined, { signal }).catch(() => {})
    }
  }

  #nextTry(): WallMillis {
    const { folder, names } = this.#options
    const held = readHeld(folder)
    const isGood = held !== undefined && !held.isTemporary && held.covers(names)
    return nextTry(isGood ? held : undefined, this.#record)
  }

  async #try(): Promise<void> {
    const { clock, folder } = this.#options
    const before = this.#record
    const random = Math.random()
    this.#note(beganTry(before, clock.wall(), random))
    try {
      await this.#obtain()
    } catch (error) {
      // Being stopped is no failure of anybody's: the next process may try at once.
      if (this.#ending.signal.aborted) return this.#note(before)
      this.#counts.failed += 1
      const failure = this.#asFailure(error)
      const { retryAfterMs, message } = failure
      this.#note(failedTry(before, clock.wall(), random, { error: message, retryAfterMs }))
      this.#tellFailure(failure)
      return
    }
    this.#counts.obtained += 1
    this.#note(NEVER_TRIED)
    const held = readHeld(folder)
    if (held === undefined) return
    const { names, log, directoryUrl } = this.#options
    const renewal = `good until ${day(held.notAfterMs)}, to be renewed from ${day(renewAt(held))}`
    log(`certificate for ${names.join(', ')} obtained from ${new URL(directoryUrl).host}: ${renewal}`)
  }

  async #obtain(): Promise<void> {
    const { directoryUrl, authorityRootFile, email, names, folder } = this.#options
    const { signal } = this.#ending
    await this.#untilPlainDoorAnswers()
    const authorityRoot = authorityRootFile === '' ? '' : readFileSync(authorityRootFile, 'utf8')
    // The library takes 30 MB, every two months: not for those who bring a certificate of their own.
    const { obtainCertificate } = await import('./obtain.ts')
    const order = { directoryUrl, authorityRoot, accountKey: this.#accountKey, email, names, signal }
    writePair(folder, await obtainCertificate(order))
  }

  /** The same request that the authority will make, from here. */
  async #untilPlainDoorAnswers(): Promise<void> {
    const { plainUrl, clock } = this.#options
    const until = clock.now() + PLAIN_DOOR_WITHIN_MS
    while (!(await answersChallenges(plainUrl, this.#thumbprint))) {
      if (clock.now() > until || this.#ending.signal.aborted) {
        const message = `The plain door (${plainUrl}) does not answer challenges: no edge is there, or another program is.`
        throw new AcmeFailure('unavailable', message)
      }
      await Bun.sleep(PLAIN_DOOR_POLL_MS)
    }
  }

  #asFailure(error: unknown): AcmeFailure {
    if (error instanceof AcmeFailure) return error
    if (!(error instanceof MimbarError)) this.#options.log(`certificate bug: ${stackOf(error)}`)
    return new AcmeFailure('unavailable', error instanceof Error ? error.message : String(error), {
      cause: error,
    })
  }

  #tellFailure(failure: AcmeFailure): void {
    const { names, log, clock } = this.#options
    const waitMinutes = Math.ceil((this.#record.nextTryMs - clock.wall()) / 60_000)
    const kind = hasCode(failure, 'too-many') ? 'rate limited' : `try ${this.#record.failures}`
    log(
      `certificate for ${names.join(', ')} not obtained (${kind}): ${failure.message.replace(/\.?$/, '.')} Next try in ${waitMinutes} min; the doors keep the one they have.`,
    )
  }

  #note(record: TryRecord): void {
    this.#record = record
    try {
      writeAtomically(tlsFolder(this.#options.folder).tries, JSON.stringify(record))
    } catch (error) {
      this.#options.log(`the record of certificate tries cannot be written: ${(error as Error).message}`)
    }
  }
}

const day = (at: WallMillis): string => new Date(at).toISOString().slice(0, 10)
