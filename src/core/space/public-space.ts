// What anyone may know of a space, made from its facts.

import { wallTimeOf } from '../../base/units.ts'
import { announcementOf } from '../announcement/announcement.ts'
import type { PublicSpace, SpaceList } from '../api/api.ts'
import type { Audience } from '../count/audience.ts'
import type { SpaceFacts } from './facts.ts'
import { startModeOf } from './planned-start.ts'
import { isHeardAgain } from './withholding.ts'

/** Each of the three lists names at most this many spaces. */
export const SPACES_LISTED_MAX = 100

/** What is told of a space's audience right now. */
export interface AudienceNow {
  /** The sum over the edges, or 0 while unknown. */
  readonly listeners: number
  /** As the stage tells it. After the end the facts know it themselves. */
  readonly audience?: Audience | undefined
  /** Who hears the recording, over all edges. */
  readonly replaying?: number
}

export function publicSpaceOf(facts: SpaceFacts, { listeners, ...now }: AudienceNow): PublicSpace {
  const { programStart, programEnd, gridStartMs, scheduledAtMs, startLatenessMs } = facts
  const { heldSinceMs, endsAtMs } = facts.phase === 'live' ? facts : {}
  const audience = facts.audience ?? now.audience
  return {
    id: facts.id,
    title: facts.title,
    ...announcementOf(facts),
    ...(facts.picture === undefined ? {} : { pictureUrl: `/s/${facts.id}/picture/${facts.picture}` }),
    phase: facts.phase,
    recorded: facts.recorded,
    ...(scheduledAtMs === undefined ? {} : { scheduledAtMs }),
    start: startModeOf(facts),
    ...(programStart === undefined ? {} : { startedAtMs: wallTimeOf(programStart, gridStartMs) }),
    ...(startLatenessMs === undefined ? {} : { startLatenessMs }),
    ...(programEnd === undefined ? {} : { endedAtMs: wallTimeOf(programEnd, gridStartMs) }),
    ...(heldSinceMs === undefined ? {} : { heldSinceMs }),
    ...(endsAtMs === undefined ? {} : { endsAtMs }),
    replay: facts.phase === 'ended' && isHeardAgain(facts),
    ...(facts.withheld === undefined ? {} : { withheld: facts.withheld }),
    listeners: facts.phase === 'ended' ? 0 : listeners,
    ...(facts.handsOpen === undefined ? {} : { handsOpen: facts.handsOpen }),
    ...(audience === undefined
      ? {}
      : { audience: { ...audience, replaying: now.replaying ?? audience.replaying } }),
  }
}

/**
 * Sorts spaces into what is on, what comes (the soonest first, the undated last) and what was (the newest first).
 * Without their descriptions: three hundred of them would be half a megabyte.
 */
export function listSpaces(spaces: readonly PublicSpace[]): SpaceList {
  const of = (phases: readonly PublicSpace['phase'][], order: (space: PublicSpace) => number) =>
    spaces
      .filter((space) => phases.includes(space.phase))
      .sort((a, b) => order(a) - order(b) || (a.id < b.id ? -1 : 1))
      .slice(0, SPACES_LISTED_MAX)
      .map(({ description: _, ...listed }) => listed)
  return {
    live: of(['live'], (space) => -(space.startedAtMs ?? 0)),
    upcoming: of(['lobby', 'scheduled'], (space) => space.scheduledAtMs ?? Number.MAX_SAFE_INTEGER),
    recent: of(['ended'], (space) => -(space.endedAtMs ?? 0)),
  }
}
