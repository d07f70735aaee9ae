// What the door asks whenever somebody comes or is refused, so that every way of listening is counted by one rule.

import type { Clock } from '../../../base/clock.ts'
import { hasCode } from '../../../base/errors.ts'
import type { SpaceFacts } from '../../../core/space/facts.ts'
import type { SpaceReaders } from '../stream/space-readers.ts'
import type { AudienceTables } from './audience-table.ts'
import type { EdgeAudiences, Visitor } from './edge-audience.ts'
import type { PageReports } from './page-reports.ts'

export interface CountDoorOptions {
  readonly audiences: EdgeAudiences
  readonly reports: PageReports
  readonly tables: AudienceTables
  readonly readers: SpaceReaders
  readonly clock: Clock
}

export class CountDoor {
  readonly #options: CountDoorOptions

  constructor(options: CountDoorOptions) {
    this.#options = options
  }

  /** A pushed stream: the socket itself is counted; here, whose it is, and who was refused. */
  stream(facts: SpaceFacts, visitor: Visitor | undefined, open: () => Response): Response {
    const { audiences } = this.#options
    try {
      const answer = open()
      if (visitor !== undefined && answer.ok) audiences.joined(facts, visitor)
      return answer
    } catch (error) {
      if (visitor !== undefined && isRefusal(error)) audiences.refused(facts, visitor)
      throw error
    }
  }

  /** A segment or a part of the live window: from the first one on, its player listens. */
  async media(facts: SpaceFacts, visitor: Visitor | undefined, answer: Promise<Response>): Promise<Response> {
    const given = await answer
    const { readers, audiences, clock } = this.#options
    if (visitor === undefined || !isGiven(given)) return given
    const isNew = readers.find(facts.id)?.pollers.sawMedia(visitor.playerKey, clock.now())
    if (isNew) audiences.joined(facts, visitor)
    return given
  }

  /** A segment of the replay. */
  async replay(
    facts: SpaceFacts,
    visitor: Visitor | undefined,
    answer: Promise<Response>,
  ): Promise<Response> {
    const given = await answer
    if (visitor !== undefined && isGiven(given)) this.#options.audiences.replayed(facts, visitor)
    return given
  }

  report(request: Request, facts: SpaceFacts, address: string): Promise<Response> {
    return this.#options.reports.take(request, facts, address)
  }

  table(request: Request, url: URL, facts: SpaceFacts): Promise<Response> {
    return this.#options.tables.answer(request, url, facts)
  }
}

// A 304 is a player that has the piece already, and plays it.
const isGiven = ({ status }: Response): boolean => status === 200 || status === 304

/** No room, or too many from there; who was given a place in the waiting room has not been refused. */
function isRefusal(error: unknown): boolean {
  const isFull = hasCode(error, 'unavailable') || hasCode(error, 'too-many')
  return isFull && !('place' in (error as object))
}
