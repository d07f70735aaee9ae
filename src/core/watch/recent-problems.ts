// Problems that listeners reported in the last ten minutes, by space. Edges tell running totals, which only say how many
// there were since each edge started; the differences go into a ring of buckets, the oldest of which is given up.

import type { WallMillis } from '../../base/units.ts'
import {
  PROBLEM_KINDS,
  type ProblemCounts,
  type ProblemKind,
  type ProblemReports,
} from '../count/problems.ts'
import { CHART_POINTS, CHART_STEP_MS } from './node-view.ts'

export const PROBLEM_WINDOW_MS = CHART_POINTS * CHART_STEP_MS
/** Edges whose totals are told apart; the one heard longest ago is forgotten. */
export const PROBLEM_EDGES_MAX = 512
/** Spaces in one bucket; what is reported of more is left out of the count. */
export const BUCKET_SPACES_MAX = 200

type Counts = Partial<Record<ProblemKind, number>>
type Bucket = Map<string, Counts>

export class RecentProblems {
  readonly #told = new Map<string, Pick<ProblemReports, 'life' | 'spaces'>>()
  readonly #buckets: Bucket[] = [new Map()]

  /** An edge tells its totals. Of one that is met for the first time, only what it names as new counts. */
  heard({ edge, life, spaces, latest }: ProblemReports, wall: WallMillis): void {
    const before = this.#told.get(edge)
    this.#told.delete(edge)
    this.#told.set(edge, { life, spaces })
    if (this.#told.size > PROBLEM_EDGES_MAX) this.#told.delete(this.#told.keys().next().value as string)
    if (before === undefined) {
      for (const { space, kind, atMs } of latest) {
        if (wall - atMs <= PROBLEM_WINDOW_MS) this.#add(space, kind, 1)
      }
      return
    }
    for (const [space, counts] of Object.entries(spaces)) {
      const old: ProblemCounts = before.life === life ? (before.spaces[space] ?? {}) : {}
      for (const kind of PROBLEM_KINDS) this.#add(space, kind, (counts[kind] ?? 0) - (old[kind] ?? 0))
    }
  }

  /** So many steps have passed. */
  step(steps: number): void {
    for (let i = Math.min(steps, CHART_POINTS); i > 0; i--) this.#buckets.push(new Map())
    this.#buckets.splice(0, Math.max(0, this.#buckets.length - CHART_POINTS))
  }

  /** By kind; empty when there were none. */
  of(space: string): ProblemCounts {
    const sum: Counts = {}
    for (const bucket of this.#buckets) {
      for (const [kind, count] of Object.entries(bucket.get(space) ?? {})) {
        sum[kind as ProblemKind] = (sum[kind as ProblemKind] ?? 0) + count
      }
    }
    return sum
  }

  #add(space: string, kind: ProblemKind, count: number): void {
    const bucket = this.#buckets.at(-1) as Bucket
    const counts = bucket.get(space)
    if (count <= 0 || (counts === undefined && bucket.size >= BUCKET_SPACES_MAX)) return
    bucket.set(space, { ...counts, [kind]: (counts?.[kind] ?? 0) + count })
  }
}
