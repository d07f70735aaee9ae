// POST /live/:space/problem: somebody pressed "Report a problem". It is counted, the newest few are kept, and both are
// told on the Feed for the people on duty (core/count/problems.ts).

import type { Clock } from '../../../base/clock.ts'
import { MimbarError } from '../../../base/errors.ts'
import { type AttemptBudget, AttemptLimit, addressBlock } from '../../../core/attempts/attempt-limit.ts'
import { ProblemBook } from '../../../core/count/problem-book.ts'
import {
  PROBLEM_BYTES_MAX,
  PROBLEM_KINDS,
  type ProblemKind,
  parseProblemReport,
  problemsTopic,
} from '../../../core/count/problems.ts'
import type { SpaceFacts } from '../../../core/space/facts.ts'
import type { Feed } from '../../../engine/ports.ts'
import { CACHE } from '../answers.ts'
import { counter } from '../metrics.ts'
import { requireOwnPage } from '../own-page.ts'
import { SmallBodies } from '../small-bodies.ts'

/** From one network: a room full of people at once, then one every ten seconds. */
const PROBLEMS_PER_ADDRESS: AttemptBudget = { burst: 20, forgiveMs: 10_000, addressesMax: 4_096 }
/** A report is a single packet; one that dribbles in is dropped. */
const BODY_WITHIN_MS = 3_000
/** Reports whose bodies are awaited at the same time; beyond it, 503. */
const READING_MAX = 64

export interface ProblemDoorOptions {
  readonly edgeId: string
  readonly feed: Feed
  readonly clock: Clock
}

export class ProblemDoor {
  readonly #options: ProblemDoorOptions
  readonly #book: ProblemBook
  readonly #limit = new AttemptLimit(PROBLEMS_PER_ADDRESS)
  readonly #reported: Record<ProblemKind, number> = { 'no-sound': 0, interrupted: 0, late: 0, heard: 0 }
  #refused = 0
  readonly #bodies = new SmallBodies({
    what: 'A report',
    bytesMax: PROBLEM_BYTES_MAX,
    withinMs: BODY_WITHIN_MS,
    readingMax: READING_MAX,
  })

  constructor(options: ProblemDoorOptions) {
    this.#options = options
    this.#book = new ProblemBook(options.edgeId, options.clock.wall())
  }

  /**
   * Takes one report: 204. `forbidden` from another site's page, `too-many` from a network that tells too much,
   * `too-large` and `bad-request` for what is no report.
   */
  async take(request: Request, facts: SpaceFacts, address: string): Promise<Response> {
    const { clock } = this.#options
    requireOwnPage(request, 'report problems')
    const now = clock.now()
    if (this.#limit.waitMs(address, now) > 0) {
      this.#refused += 1
      throw new MimbarError('too-many', 'This network has reported enough for now.')
    }
    this.#limit.failed(address, now)
    const report = parseProblemReport(await this.#bodies.read(request))
    const kind = this.#book.add(facts.id, report, addressBlock(address), clock.wall())
    this.#reported[kind] += 1
    return new Response(null, { status: 204, headers: { 'Cache-Control': CACHE.never } })
  }

  /** Tells the people on duty, if there is news. Call once a second. */
  tell(): void {
    const { edgeId, feed, clock } = this.#options
    const told = this.#book.due(clock.wall())
    if (told !== undefined) feed.publish(problemsTopic(edgeId), told)
  }

  /** The space has changed; undefined: it is gone, and nothing is kept of it. */
  learn(space: string, facts: SpaceFacts | undefined): void {
    if (facts === undefined) this.#book.forget(space)
  }

  /** Families for `/metrics`. */
  metrics(): readonly string[] {
    return [
      counter('mimbar_edge_problems_reported', 'Presses of "Report a problem", by what the numbers show.', [
        ...PROBLEM_KINDS.map((kind) => [`{kind="${kind}"}`, this.#reported[kind]] as const),
        ['{kind="refused"}', this.#refused],
      ]),
    ]
  }
}
