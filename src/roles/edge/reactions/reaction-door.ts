// POST /live/:space/reactions: listeners' presses end here, as sums. Twice a second the edge tells the stage what it has
// counted. Whoever is over a limit is refused before anything is read, and while the edge is pressed everyone is: a
// heart is the last thing that may cost somebody's sound (decision 0028).

import type { Clock } from '../../../base/clock.ts'
import { MimbarError } from '../../../base/errors.ts'
import { addressBlock } from '../../../core/attempts/attempt-limit.ts'
import { TooMany } from '../../../core/door/no-room.ts'
import { type BucketBudget, TokenBuckets } from '../../../core/door/token-buckets.ts'
import { TICKET_PARAMETER } from '../../../core/door/waiting.ts'
import { ReactionTally } from '../../../core/reaction/reaction-tally.ts'
import {
  countReactions,
  parseReactions,
  REACTIONS_BYTES_MAX,
  REACTIONS_TOLD_EVERY_MS,
  reactionsTopic,
} from '../../../core/reaction/reactions.ts'
import type { SpaceFacts } from '../../../core/space/facts.ts'
import type { Feed } from '../../../engine/ports.ts'
import { CACHE, methodRefused } from '../answers.ts'
import { counter } from '../metrics.ts'
import { requireOwnPage } from '../own-page.ts'
import { SmallBodies } from '../small-bodies.ts'

/** Requests of one ticket: a page sends once a second. All who show none share one such rate for each address. */
export const REACTIONS_PER_TICKET: BucketBudget = { perSecond: 1.2, burst: 4 }
/** Of one address: a hall behind one network. */
export const REACTIONS_PER_ADDRESS: BucketBudget = { perSecond: 12, burst: 60 }
/** Of all together, at this edge: what is beyond costs no more than a refusal. */
export const REACTIONS_IN_ALL: BucketBudget = { perSecond: 500, burst: 1_000 }
/** Tickets and addresses whose rates are remembered; the one quiet for longest is forgotten. */
const KEYS_MAX = 16_384
/** A press is a single packet; one that dribbles in is dropped. */
const BODY_WITHIN_MS = 2_000
/** Bodies that are awaited at the same time; beyond it, 503. */
const READING_MAX = 256

export interface ReactionDoorOptions {
  readonly edgeId: string
  readonly feed: Feed
  readonly clock: Clock
  /** Whose ticket this is: a word that stands for one listener of the space; undefined for what we have not signed. */
  readonly holderOf: (ticket: string, facts: SpaceFacts) => string | undefined
  /** Throws `unavailable` while listeners need what this would cost. */
  readonly shed: () => void
}

export class ReactionDoor {
  readonly #options: ReactionDoorOptions
  readonly #tally: ReactionTally
  readonly #tickets = new TokenBuckets(KEYS_MAX)
  readonly #addresses = new TokenBuckets(KEYS_MAX)
  readonly #all = new TokenBuckets(1)
  #toldAt = Number.NEGATIVE_INFINITY
  readonly #bodies = new SmallBodies({
    what: 'A reaction',
    bytesMax: REACTIONS_BYTES_MAX,
    withinMs: BODY_WITHIN_MS,
    readingMax: READING_MAX,
  })
  #reactions = 0
  #refused = 0

  constructor(options: ReactionDoorOptions) {
    this.#options = options
    this.#tally = new ReactionTally(options.edgeId, options.clock.wall())
  }

  /**
   * Takes what one page sends: 204. `conflict` while the space is not live, `forbidden` from another site's page,
   * `too-many` and `unavailable` beyond the limits, `too-large` and `bad-request` for what is no reaction.
   */
  async take(request: Request, url: URL, facts: SpaceFacts, address: string): Promise<Response> {
    if (request.method !== 'POST') {
      return methodRefused('POST', 'Reactions are sent here; they are shown with the sound.')
    }
    try {
      this.#require(request, url, facts, address)
      const counts = parseReactions(await this.#bodies.read(request))
      this.#tally.add(facts.id, counts)
      this.#reactions += countReactions(counts)
    } catch (error) {
      this.#refused += 1
      throw error
    }
    return new Response(null, { status: 204, headers: { 'Cache-Control': CACHE.never } })
  }

  /** The space has changed; nothing is kept of one that is over. */
  learn(space: string, facts: SpaceFacts | undefined): void {
    if (facts !== undefined && facts.phase !== 'ended') return
    const { edgeId, feed } = this.#options
    if (this.#tally.forget(space)) feed.publish(reactionsTopic(space, edgeId), null)
  }

  /** Families for `/metrics`. */
  metrics(): readonly string[] {
    return [
      counter('mimbar_edge_reactions', 'Reactions that were counted.', [['', this.#reactions]]),
      counter('mimbar_edge_reactions_refused', 'Requests with reactions that were refused.', [
        ['', this.#refused],
      ]),
    ]
  }

  /** Tells the stage, if it is time. Call often. */
  tell(): void {
    const { feed, clock } = this.#options
    const now = clock.now()
    if (now - this.#toldAt < REACTIONS_TOLD_EVERY_MS) return
    this.#toldAt = now
    for (const told of this.#tally.due(clock.wall()))
      feed.publish(reactionsTopic(told.space, told.edge), told)
  }

  #require(request: Request, url: URL, facts: SpaceFacts, address: string): void {
    const { clock, holderOf, shed } = this.#options
    requireOwnPage(request, 'send reactions')
    if (facts.phase !== 'live') throw new MimbarError('conflict', 'Reactions are for a live conversation.')
    const now = clock.now()
    const block = addressBlock(address)
    const holder = holderOf(url.searchParams.get(TICKET_PARAMETER) ?? '', facts) ?? `without ticket ${block}`
    // Its own rates first: what one does too much of is not taken from the others.
    const waitMs =
      this.#tickets.take(holder, REACTIONS_PER_TICKET, now) ||
      this.#addresses.take(block, REACTIONS_PER_ADDRESS, now) ||
      this.#all.take('', REACTIONS_IN_ALL, now)
    if (waitMs > 0) throw new TooMany('That is a lot of reactions; wait a little.', Math.ceil(waitMs / 1_000))
    // Last, because it adds up all spaces: what the rates let through is little.
    shed()
  }
}
