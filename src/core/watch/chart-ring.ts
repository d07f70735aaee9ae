// Ten minutes of one figure, a point for each five seconds. Its memory never grows.

import { CHART_POINTS, type ChartPoints } from './node-view.ts'

/** The newest points; each is the highest value noted in its step, or nothing. */
export class ChartRing {
  readonly #points = new Float64Array(CHART_POINTS).fill(Number.NaN)
  #next = 0
  #highest = Number.NaN

  /** Notes a value of the step that is going on. */
  note(value: number | undefined): void {
    if (value === undefined || Number.isNaN(value)) return
    this.#highest = Number.isNaN(this.#highest) ? value : Math.max(this.#highest, value)
  }

  /** Ends the step that is going on, and `skipped` more that nobody saw. */
  close(skipped: number): void {
    this.#push(this.#highest)
    this.#highest = Number.NaN
    for (let i = Math.min(skipped, CHART_POINTS); i > 0; i--) this.#push(Number.NaN)
  }

  /** Rounded to what a chart can show: three digits after the point. */
  points(): ChartPoints {
    const points: (number | null)[] = []
    for (let i = 0; i < CHART_POINTS; i++) {
      const value = this.#points[(this.#next + i) % CHART_POINTS] as number
      points.push(Number.isNaN(value) ? null : Math.round(value * 1_000) / 1_000)
    }
    return points
  }

  #push(value: number): void {
    this.#points[this.#next] = value
    this.#next = (this.#next + 1) % CHART_POINTS
  }
}
