// POST /live/:space/report: what listening pages say of themselves ends here. It is added up, told in the next report,
// and nothing else is kept of it (decision 0008).

import type { Clock } from '../../../base/clock.ts'
import { MimbarError } from '../../../base/errors.ts'
import { type AttemptBudget, AttemptLimit } from '../../../core/attempts/attempt-limit.ts'
import { PAGE_REPORT_BYTES_MAX, parsePageReport } from '../../../core/count/page-report.ts'
import type { SpaceFacts } from '../../../core/space/facts.ts'
import { CACHE } from '../answers.ts'
import type { PageReportCounters } from '../metrics.ts'
import { requireOwnPage } from '../own-page.ts'
import { SmallBodies } from '../small-bodies.ts'
import type { EdgeAudiences } from './edge-audience.ts'

/** From one network: a household or an office that leaves at once, then one every two seconds. */
const REPORTS_PER_ADDRESS: AttemptBudget = { burst: 40, forgiveMs: 2_000, addressesMax: 4_096 }
/** A report is a single packet; one that dribbles in is dropped. */
const BODY_WITHIN_MS = 3_000
/** Reports whose bodies are awaited at the same time; beyond it, 503. */
const READING_MAX = 256

export interface PageReportsOptions {
  readonly audiences: EdgeAudiences
  readonly counters: PageReportCounters
  readonly clock: Clock
}

export class PageReports {
  readonly #options: PageReportsOptions
  readonly #limit = new AttemptLimit(REPORTS_PER_ADDRESS)
  readonly #bodies = new SmallBodies({
    what: 'A report',
    bytesMax: PAGE_REPORT_BYTES_MAX,
    withinMs: BODY_WITHIN_MS,
    readingMax: READING_MAX,
  })

  constructor(options: PageReportsOptions) {
    this.#options = options
  }

  /**
   * Takes one report: 204. `forbidden` from another site's page, `too-many` from a network that tells too much,
   * `too-large` and `bad-request` for what is no report.
   */
  async take(request: Request, facts: SpaceFacts, address: string): Promise<Response> {
    const { audiences, counters, clock } = this.#options
    requireOwnPage(request, 'report how listening went')
    const now = clock.now()
    if (this.#limit.waitMs(address, now) > 0) {
      counters.refused += 1
      throw new MimbarError('too-many', 'This network has reported enough for now.')
    }
    this.#limit.failed(address, now)
    const report = parsePageReport(await this.#bodies.read(request))
    counters.kinds[report.kind] += 1
    if (report.firstAudioMs !== undefined) {
      counters.firstAudioMs += report.firstAudioMs
      counters.firstAudios += 1
    }
    counters.gaps += report.gaps ?? 0
    audiences.told(facts, report)
    return new Response(null, { status: 204, headers: { 'Cache-Control': CACHE.never } })
  }
}
