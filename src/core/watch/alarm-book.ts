// When an alarm is raised and when it is cleared. What is bad must stay so for a while, what is good again too, and what
// lies between changes nothing, so that an alarm never flaps: raised and cleared take turns, at least
// `CHANGE_REST_MS` apart, and one that keeps coming back has to be good for longer before it is called over.
//
//     quiet ──bad for raiseAfterMs──▶ on ──good for clearAfterMs──▶ quiet
//
// While nobody can tell (`unknown`) nothing changes, and what was waited for is waited for anew.

import type { Millis, WallMillis } from '../../base/units.ts'
import { ALARM_KINDS, ALARM_RULES, type AlarmKind } from './alarm-kinds.ts'
import type { AlarmOn } from './node-view.ts'

/** How one thing stands that there is an alarm for. */
export interface Condition {
  readonly alarm: AlarmKind
  readonly subject: string
  readonly state: 'good' | 'between' | 'bad' | 'unknown'
  readonly share?: number
}

export interface AlarmChange {
  readonly state: 'raised' | 'cleared'
  readonly alarm: AlarmOn
}

/** Between two changes of one alarm about one subject. */
export const CHANGE_REST_MS = 10_000
/** Raised again so soon after it was cleared, an alarm is a habit, … */
export const HABIT_WITHIN_MS = 5 * 60_000
/** … and is over only when all was good for so long. */
export const HABIT_CLEAR_MS = 2 * 60_000
/** Alarms that are on or about to be; beyond it, nothing new is watched. */
export const ENTRIES_MAX = 1_000

interface Entry {
  /** While it is on. */
  alarm?: AlarmOn
  /** Since when the state has been the one that would change it. */
  waiting?: { readonly at: Millis; readonly wall: WallMillis }
  changedAt?: Millis
  isHabit: boolean
}

export class AlarmBook {
  readonly #entries = new Map<string, Entry>()

  /** The alarms that are on, in the order of `ALARM_KINDS`, of each kind the longest first. */
  on(): readonly AlarmOn[] {
    const alarms = [...this.#entries.values()].flatMap(({ alarm }) => alarm ?? [])
    const rank = ({ alarm }: AlarmOn) => ALARM_KINDS.indexOf(alarm)
    return alarms.sort(
      (a, b) => rank(a) - rank(b) || a.sinceMs - b.sinceMs || (a.subject < b.subject ? -1 : 1),
    )
  }

  /** Takes in how everything stands; a subject that is not named is gone, and good. Answers what has changed. */
  look(conditions: readonly Condition[], now: Millis, wall: WallMillis): readonly AlarmChange[] {
    const changes: AlarmChange[] = []
    const named = new Set<string>()
    for (const condition of conditions) {
      const key = keyOf(condition)
      named.add(key)
      const entry = this.#entries.get(key) ?? this.#open(key, condition)
      if (entry !== undefined) changes.push(...this.#pass(entry, condition, now, wall))
    }
    for (const [key, entry] of this.#entries) {
      const { alarm } = entry
      if (!named.has(key) && alarm !== undefined) {
        changes.push(...this.#pass(entry, { ...alarm, state: 'good' }, now, wall))
      } else if (!named.has(key)) delete entry.waiting
      if (isOver(entry, now)) this.#entries.delete(key)
    }
    return changes
  }

  #open(key: string, { state }: Condition): Entry | undefined {
    if (state !== 'bad' || this.#entries.size >= ENTRIES_MAX) return undefined
    const entry: Entry = { isHabit: false }
    this.#entries.set(key, entry)
    return entry
  }

  #pass(entry: Entry, condition: Condition, now: Millis, wall: WallMillis): readonly AlarmChange[] {
    const { alarm, subject, state, share } = condition
    if (entry.alarm !== undefined && share !== undefined) entry.alarm = { ...entry.alarm, share }
    if (state !== (entry.alarm === undefined ? 'bad' : 'good')) {
      delete entry.waiting
      return []
    }
    entry.waiting ??= { at: now, wall }
    const rule = ALARM_RULES[alarm]
    const clearAfterMs = entry.isHabit ? HABIT_CLEAR_MS : rule.clearAfterMs
    const waitMs = entry.alarm === undefined ? rule.raiseAfterMs : clearAfterMs
    const restMs = entry.changedAt === undefined ? CHANGE_REST_MS : now - entry.changedAt
    if (now - entry.waiting.at < waitMs || restMs < CHANGE_REST_MS) return []
    const sinceMs = entry.waiting.wall
    const before = entry.alarm
    delete entry.waiting
    // It has been raised before, and not so long ago that the entry was forgotten.
    if (before === undefined) entry.isHabit = entry.changedAt !== undefined
    entry.changedAt = now
    if (before !== undefined) {
      delete entry.alarm
      return [{ state: 'cleared', alarm: before }]
    }
    entry.alarm = { alarm, subject, sinceMs, ...(share === undefined ? {} : { share }) }
    return [{ state: 'raised', alarm: entry.alarm }]
  }
}

function isOver({ alarm, waiting, changedAt }: Entry, now: Millis): boolean {
  if (alarm !== undefined || waiting !== undefined) return false
  return changedAt === undefined || now - changedAt > HABIT_WITHIN_MS
}

const keyOf = ({ alarm, subject }: Pick<Condition, 'alarm' | 'subject'>): string => `${alarm} ${subject}`
