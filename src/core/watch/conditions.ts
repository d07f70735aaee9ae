// From what is seen of a node to how everything stands that there is an alarm for. Someone who was asked to stop is not
// down; and while control hears nobody, it can say nothing of anybody but that.

import { countProblems } from '../count/problems.ts'
import type { Condition } from './alarm-book.ts'
import { ALARM_SHARES, PROBLEMS_MIN } from './alarm-kinds.ts'
import {
  diskShareOf,
  type NodeView,
  type Presence,
  type SpaceRow,
  type StageRow,
  shareOf,
} from './node-view.ts'

/** Of the alarms whose subject is the whole. */
export const NODE_SUBJECT = 'node'

type Seen = Pick<NodeView, 'isHearing' | 'stages' | 'edges' | 'disk' | 'capacity' | 'spaces'>

/** `isStarting`: control has just begun, and nobody need have been heard yet. */
export function conditionsOf(seen: Seen, isStarting: boolean): readonly Condition[] {
  const { isHearing, disk, capacity } = seen
  const roles: readonly Condition[] = [
    ...seen.stages.map((row) => ofPresence('stage-down', row.stage, row.presence)),
    ...seen.edges.map((row) => ofPresence('edge-lost', row.edge, row.presence)),
    ...standbysOf(seen.stages),
    ...seen.spaces.map(problemsOf),
    ...(capacity === undefined ? [] : [ofShare('capacity', NODE_SUBJECT, shareOf(capacity))]),
  ]
  return [
    {
      alarm: 'nothing-heard',
      subject: NODE_SUBJECT,
      state: isHearing ? 'good' : isStarting ? 'unknown' : 'bad',
    },
    ...(isHearing ? roles : roles.map((condition) => ({ ...condition, state: 'unknown' as const }))),
    // Control sees the disk for itself.
    disk === undefined
      ? { alarm: 'disk', subject: NODE_SUBJECT, state: 'unknown' }
      : ofShare('disk', NODE_SUBJECT, diskShareOf(disk)),
  ]
}

function ofPresence(alarm: 'stage-down' | 'edge-lost', subject: string, presence: Presence): Condition {
  return { alarm, subject, state: presence === 'lost' ? 'bad' : presence === 'starting' ? 'unknown' : 'good' }
}

/** A node that was given one stage alone has chosen to have no standby. */
function standbysOf(stages: readonly StageRow[]): readonly Condition[] {
  if (stages.length < 2) return []
  // One that was asked to stop, or has just begun, will be there in a moment.
  const isAwaited = stages.some(({ presence }) => presence === 'left' || presence === 'starting')
  return stages.map(({ stage, presence, hasStandby }) => ({
    alarm: 'standby-missing',
    subject: stage,
    state: presence !== 'up' || hasStandby ? 'good' : isAwaited ? 'unknown' : 'bad',
  }))
}

function problemsOf({ id, problems = {}, listeners }: SpaceRow): Condition {
  const count = countProblems(problems)
  const condition = ofShare('problems', id, Math.min(1, count / Math.max(1, listeners)))
  return count >= PROBLEMS_MIN || condition.state !== 'bad' ? condition : { ...condition, state: 'between' }
}

function ofShare(alarm: keyof typeof ALARM_SHARES, subject: string, share: number): Condition {
  const { bad, good } = ALARM_SHARES[alarm]
  return { alarm, subject, share, state: share >= bad ? 'bad' : share < good ? 'good' : 'between' }
}
