// Who is there, of the stages or of the edges. A process that is silent has either said goodbye (it was asked to stop),
// or is lost; one of this node that said goodbye is started again at once, so it may be away for only so long.

import { type Millis, millis } from '../../base/units.ts'
import { REPORT_FRESH_MS } from '../space/freshness.ts'
import type { Presence } from './node-view.ts'

/** A process of this node that has not been heard since control began is starting for so long; then it is lost. */
export const STARTING_MS_MAX = 20_000
/** One that said goodbye is expected back within so long. */
export const LEFT_MS_MAX = 30_000
/** Names that are known; beyond it, nobody new is. */
export const MEMBERS_MAX = 512

interface Member {
  readonly isExpected: boolean
  heardAt?: Millis
  hasLeft: boolean
}

export class RollCall {
  readonly #startedAt: Millis
  readonly #members = new Map<string, Member>()

  /** `expected`: those that this node starts, which are missed even when they were never heard. */
  constructor(expected: readonly string[], startedAt: Millis) {
    this.#startedAt = startedAt
    for (const name of expected) this.#members.set(name, { isExpected: true, hasLeft: false })
  }

  /** `name` has told something that is fresh. False when there is no room to know it. */
  heard(name: string, isLeaving: boolean, now: Millis): boolean {
    const member = this.#members.get(name)
    if (member !== undefined) {
      member.heardAt = now
      member.hasLeft = isLeaving
      return true
    }
    if (this.#members.size >= MEMBERS_MAX) return false
    this.#members.set(name, { isExpected: false, heardAt: now, hasLeft: isLeaving })
    return true
  }

  /** Forgets those who left and are nobody that this node would start again; answers their names. */
  forgetLeft(now: Millis): readonly string[] {
    const forgotten: string[] = []
    for (const [name, { isExpected, hasLeft, heardAt }] of this.#members) {
      if (isExpected || !hasLeft || now - (heardAt ?? now) <= LEFT_MS_MAX) continue
      this.#members.delete(name)
      forgotten.push(name)
    }
    return forgotten
  }

  /** Everyone who is known, by name; numbers count as numbers, so that `edge-2` comes before `edge-10`. */
  names(): readonly string[] {
    return [...this.#members.keys()].sort(byName)
  }

  presence(name: string, now: Millis): Presence {
    const member = this.#members.get(name)
    if (member?.heardAt === undefined) return now - this.#startedAt <= STARTING_MS_MAX ? 'starting' : 'lost'
    const silentMs = now - member.heardAt
    if (member.hasLeft) return member.isExpected && silentMs > LEFT_MS_MAX ? 'lost' : 'left'
    return silentMs <= REPORT_FRESH_MS ? 'up' : 'lost'
  }

  /** How long `name` has been silent; undefined when it was never heard. */
  silentMs(name: string, now: Millis): Millis | undefined {
    const heardAt = this.#members.get(name)?.heardAt
    return heardAt === undefined ? undefined : millis(now - heardAt)
  }

  /** Somebody was heard lately. */
  isHearing(now: Millis): boolean {
    for (const { heardAt } of this.#members.values()) {
      if (heardAt !== undefined && now - heardAt <= REPORT_FRESH_MS) return true
    }
    return false
  }
}

function byName(a: string, b: string): number {
  const [, wordA = a, numberA = ''] = /^(.*?)(\d{0,9})$/.exec(a) ?? []
  const [, wordB = b, numberB = ''] = /^(.*?)(\d{0,9})$/.exec(b) ?? []
  if (wordA !== wordB) return wordA < wordB ? -1 : 1
  return Number(numberA) - Number(numberB)
}
