// A reaction is one press of a listener: a heart, applause. Listeners press on the page, edges count, the stage writes
// the sum into the program, and everyone sees it in time with the sound. Only sums travel, so that what it costs is
// set by the number of edges and parts, never by the number of people (decision 0028).
//
//   page ── POST /live/:space/reactions, ReactionCounts ──▶ edge ── Feed `reactions/<space>/<edge>`, EdgeReactions ──▶
//   stage ── `reactions` event of the next part, ReactionCounts ──▶ log ──▶ everyone

import { MimbarError } from '../../base/errors.ts'
import type { WallMillis } from '../../base/units.ts'
import { parseReportObject, requireWholeNumbers } from '../count/report-fields.ts'

export const REACTION_KINDS = ['heart', 'clap', 'laugh', 'wonder', 'agree'] as const
export type ReactionKind = (typeof REACTION_KINDS)[number]

/** How many of each kind; a kind without any is left out. */
export type ReactionCounts = Readonly<Partial<Record<ReactionKind, number>>>

/** What one request of a page may bring, all kinds together; a page sends at most once a second. */
export const REACTIONS_PER_REQUEST_MAX = 5
export const REACTIONS_BYTES_MAX = 128
/** Of each kind, in one part: 1,000 a second. The rest of a larger wave is left out. An event has at most 92 bytes. */
export const REACTIONS_PER_PART_MAX = 200
/** An edge tells what it counted this often, while there is news. */
export const REACTIONS_TOLD_EVERY_MS = 500

export const REACTIONS_PREFIX = 'reactions/'
/** Feed topic of {@link EdgeReactions}. */
export const reactionsTopic = (space: string, edge: string): string => `${REACTIONS_PREFIX}${space}/${edge}`

/**
 * What one edge has counted of one space. Totals, so that a message that is lost costs nothing; what is new since the
 * message before is told as well, for a stage that hears of this edge for the first time.
 */
export interface EdgeReactions {
  readonly space: string
  readonly edge: string
  readonly atMs: WallMillis
  /** Another one each time the edge starts; totals then begin at 0. */
  readonly life: number
  readonly totals: ReactionCounts
  readonly added: ReactionCounts
}

/** Reads what a page sends; `bad-request` names what is wrong. */
export function parseReactions(text: string): ReactionCounts {
  const counts = requireWholeNumbers(parseReportObject(text), LIMITS)
  const sum = countReactions(counts)
  if (sum >= 1 && sum <= REACTIONS_PER_REQUEST_MAX) return counts
  throw new MimbarError('bad-request', `Send 1 to ${REACTIONS_PER_REQUEST_MAX} reactions at a time.`)
}

/** All kinds together. */
export function countReactions(counts: ReactionCounts): number {
  return REACTION_KINDS.reduce((sum, kind) => sum + (counts[kind] ?? 0), 0)
}

/** The sum, kind by kind. */
export function addReactions(some: ReactionCounts, more: ReactionCounts): ReactionCounts {
  return byKind((kind) => (some[kind] ?? 0) + (more[kind] ?? 0))
}

/** What `now` has more than `before`. */
export function reactionsSince(before: ReactionCounts, now: ReactionCounts): ReactionCounts {
  return byKind((kind) => (now[kind] ?? 0) - (before[kind] ?? 0))
}

/** At most `max` of each kind. */
export function capReactions(counts: ReactionCounts, max: number): ReactionCounts {
  return byKind((kind) => Math.min(max, counts[kind] ?? 0))
}

function byKind(count: (kind: ReactionKind) => number): ReactionCounts {
  return Object.fromEntries(
    REACTION_KINDS.map((kind) => [kind, count(kind)] as const).filter(([, n]) => n > 0),
  )
}

const LIMITS: Readonly<Record<ReactionKind, number>> = {
  heart: REACTIONS_PER_REQUEST_MAX,
  clap: REACTIONS_PER_REQUEST_MAX,
  laugh: REACTIONS_PER_REQUEST_MAX,
  wonder: REACTIONS_PER_REQUEST_MAX,
  agree: REACTIONS_PER_REQUEST_MAX,
}
