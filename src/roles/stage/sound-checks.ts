// The sound checks that run at this stage: few, short, and refused while the
// people on stage need the time.

import { MimbarError } from '../../base/errors.ts'
import { type Millis, millis } from '../../base/units.ts'
import { type SoundCheckReport, STAGE_CHECKS_MAX } from '../../core/sound-check/sound-check.ts'
import type { AudioOffer } from '../../media/sdp/sdp-offer.ts'
import { Line, type LineOptions } from './line.ts'
import { SoundCheck } from './sound-check.ts'

/** The answer to a check's offer. */
export interface CheckAnswer {
  readonly session: string
  readonly sdp: string
}

/** A report can be read for so long after the check; it holds numbers alone. */
const REPORT_KEPT_MS = 10_000
/** Reports of checks that are over; the oldest go first. */
const REPORTS_MAX = 4 * STAGE_CHECKS_MAX

export interface SoundChecksOptions extends Pick<LineOptions, 'endpoint' | 'now' | 'random'> {
  readonly newSessionId: () => string
  /** False while this stage has enough to do: nothing new then. What runs is over within seconds. */
  readonly accepts: () => boolean
}

interface Kept {
  readonly report: SoundCheckReport
  readonly until: Millis
}

/** Owned by the stage role; `close` ends every check. */
export class SoundChecks {
  readonly #options: SoundChecksOptions
  readonly #running = new Map<string, SoundCheck>()
  readonly #kept = new Map<string, Kept>()
  /** Being answered: they count as well, or many offers in one moment would pass the limit. */
  #opening = 0

  constructor(options: SoundChecksOptions) {
    this.#options = options
  }

  get running(): number {
    return this.#running.size
  }

  /**
   * Begins a check. `unavailable` while this stage is late with what is on air, `too-many` at {@link STAGE_CHECKS_MAX},
   * `bad-request` for an offer that takes nothing back.
   */
  async open(offer: AudioOffer): Promise<CheckAnswer> {
    if (offer.direction !== 'sendrecv')
      throw new MimbarError('bad-request', 'A sound check sends a sentence back: offer to receive as well.')
    if (!this.#options.accepts())
      throw new MimbarError('unavailable', 'The stage is busy with what is on air.')
    if (this.#running.size + this.#opening >= STAGE_CHECKS_MAX)
      throw new MimbarError('too-many', 'Too many sound checks are going on; try again in a moment.')
    this.#opening += 1
    try {
      const { line, sdp } = await this.#answer(offer)
      this.#running.set(line.id, new SoundCheck(line))
      return { session: line.id, sdp }
    } finally {
      this.#opening -= 1
    }
  }

  /** How a check stands, or stood at its end. `not-found` when nothing is known of it (any more). */
  report(session: string): SoundCheckReport {
    const report = this.#running.get(session)?.report ?? this.#kept.get(session)?.report
    if (report === undefined) throw new MimbarError('not-found', 'There is no such sound check any more.')
    return report
  }

  /** Ends one and forgets it; one that is not here has ended. */
  end(session: string): void {
    this.#running.get(session)?.close()
    this.#running.delete(session)
    this.#kept.delete(session)
  }

  /** Every 20 ms, after the programs. */
  tick(): void {
    if (this.#running.size === 0) return
    const now = this.#options.now()
    for (const [session, check] of this.#running) {
      check.tick(now)
      if (check.isOver(now) || check.report.phase === 'done') this.#conclude(session, check, now)
    }
  }

  /** Once a second: forgets old reports. */
  sweep(): void {
    const now = this.#options.now()
    for (const [session, { until }] of this.#kept) if (until <= now) this.#kept.delete(session)
  }

  close(): void {
    for (const session of [...this.#running.keys()]) this.end(session)
  }

  async #answer(offer: AudioOffer): Promise<{ line: Line; sdp: string }> {
    const { endpoint, now, random, newSessionId } = this.#options
    return await Line.open({
      id: newSessionId(),
      offer,
      endpoint,
      now,
      random,
      heard: () => {},
      // The connection was lost before the end: what was learnt until then stays for whoever asks.
      closed: (line) => {
        const check = this.#running.get(line.id)
        if (check !== undefined) this.#conclude(line.id, check, now())
      },
    })
  }

  #conclude(session: string, check: SoundCheck, now: Millis): void {
    this.#running.delete(session)
    check.close()
    this.#kept.set(session, { report: check.report, until: millis(now + REPORT_KEPT_MS) })
    const oldest = this.#kept.keys().next()
    if (this.#kept.size > REPORTS_MAX && !oldest.done) this.#kept.delete(oldest.value)
  }
}
