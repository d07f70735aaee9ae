// What one edge keeps of the problems that pages report: totals by space and kind, and the newest few. However often
// somebody presses, both stay as small as their limits, and one network has one place among the newest.

import type { WallMillis } from '../../base/units.ts'
import {
  PROBLEM_SPACES_MAX,
  PROBLEMS_KEPT_MAX,
  PROBLEMS_REPEAT_MS,
  type ProblemCounts,
  type ProblemKind,
  type ProblemReport,
  type ProblemReports,
  problemKindOf,
  type ReportedProblem,
} from './problems.ts'

interface Kept {
  readonly problem: ReportedProblem
  /** Which network it came from; never told. */
  readonly network: string
}

/** `life`: another number each time the edge starts. */
export class ProblemBook {
  readonly #edge: string
  readonly #life: number
  /** In the order of their last report. */
  readonly #spaces = new Map<string, Partial<Record<ProblemKind, number>>>()
  #latest: readonly Kept[] = []
  #isNews = false
  #toldAtMs = Number.NEGATIVE_INFINITY

  constructor(edge: string, life: number) {
    this.#edge = edge
    this.#life = life
  }

  /** Notes `report` from `network`, a word that tells networks apart. */
  add(space: string, report: ProblemReport, network: string, atMs: WallMillis): ProblemKind {
    const kind = problemKindOf(report)
    const counts = this.#spaces.get(space) ?? {}
    counts[kind] = (counts[kind] ?? 0) + 1
    this.#spaces.delete(space)
    this.#spaces.set(space, counts)
    if (this.#spaces.size > PROBLEM_SPACES_MAX) {
      this.#spaces.delete(this.#spaces.keys().next().value as string)
    }
    const others = this.#latest.filter((kept) => kept.network !== network || kept.problem.space !== space)
    const kept = { network, problem: { ...report, space, kind, atMs } }
    this.#latest = [kept, ...others].slice(0, PROBLEMS_KEPT_MAX)
    this.#isNews = true
    return kind
  }

  /** The space is gone: nothing is kept of it. */
  forget(space: string): void {
    const others = this.#latest.filter(({ problem }) => problem.space !== space)
    if (!this.#spaces.delete(space) && others.length === this.#latest.length) return
    this.#latest = others
    this.#isNews = true
  }

  /** What is to be told now; undefined when nothing is due. Call once a second. */
  due(now: WallMillis): ProblemReports | undefined {
    const hasSaid = this.#toldAtMs > Number.NEGATIVE_INFINITY
    const isRepeat = hasSaid && now - this.#toldAtMs >= PROBLEMS_REPEAT_MS
    if (!this.#isNews && !isRepeat) return undefined
    this.#isNews = false
    this.#toldAtMs = now
    return {
      edge: this.#edge,
      atMs: now,
      life: this.#life,
      spaces: Object.fromEntries(
        [...this.#spaces].map(([space, counts]): [string, ProblemCounts] => [space, { ...counts }]),
      ),
      latest: this.#latest.map(({ problem }) => problem),
    }
  }
}
