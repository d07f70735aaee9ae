// How the audience grew since this page came, in a line of bounded length: when it is full it becomes half as fine.

export const CURVE_POINTS_MAX = 120
const FINEST_STEP_MS = 1_000

export class AudienceCurve {
  #points: number[] = []
  #stepMs = FINEST_STEP_MS
  #startedAtMs: number | undefined

  /** Equally far apart in time, oldest first; the last one is the newest that was seen. */
  get points(): readonly number[] {
    return this.#points
  }

  get peak(): number {
    return Math.max(0, ...this.#points)
  }

  /** How many there are at `nowMs`, of any clock that only runs forward. What was not seen is taken to have stayed. */
  see(listeners: number, nowMs: number): void {
    this.#startedAtMs ??= nowMs
    const index = () => Math.floor((nowMs - (this.#startedAtMs ?? nowMs)) / this.#stepMs)
    while (index() >= CURVE_POINTS_MAX) {
      this.#points = this.#points.filter((_, i) => i % 2 === 0)
      this.#stepMs *= 2
    }
    const last = this.#points.at(-1) ?? listeners
    while (this.#points.length < index()) this.#points.push(last)
    this.#points[index()] = listeners
  }
}
