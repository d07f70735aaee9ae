// What is still given of a program that is over, at the addresses where it was live.

import { MimbarError } from '../../base/errors.ts'
import { type WallMillis, wallTimeOf } from '../../base/units.ts'
import type { SpaceFacts } from '../../core/space/facts.ts'
import { requireShown, whereHeardAgain } from '../../core/space/withholding.ts'
import { ENDED_PLAYLIST_MS } from './limits.ts'

/** True once those who were listening have had a minute for the program's last seconds. */
export function isLongOver(facts: SpaceFacts, now: WallMillis): boolean {
  if (facts.phase !== 'ended') return false
  const end = facts.programEnd
  return end === undefined || now > wallTimeOf(end, facts.gridStartMs) + ENDED_PLAYLIST_MS
}

/** What a player is told that comes too late: where to go instead, if anywhere. */
export function goneOf(facts: SpaceFacts): MimbarError {
  return new MimbarError('gone', whereHeardAgain(facts))
}

/** Live addresses of media lead into the recording when the program is over. Throws `withheld` where that is. */
export function requireLiveOrShown(facts: SpaceFacts, now: WallMillis): void {
  if (isLongOver(facts, now)) requireShown(facts)
}
