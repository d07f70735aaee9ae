// The line of a small chart as an SVG path. Where nothing is known the line has a gap.

import type { ChartPoints } from '../../core/watch/node-view.ts'

/** In the units of the chart's `viewBox`. */
export const SPARK_WIDTH = 240
export const SPARK_HEIGHT = 48

export interface SparkPaths {
  /** The line alone. */
  readonly line: string
  /** What lies between it and the bottom. */
  readonly area: string
}

/** `top` is the value at the upper edge; values beyond it are drawn there. Oldest on the left. */
export function sparkPaths(points: ChartPoints, top: number): SparkPaths {
  const x = (index: number) => round((index * SPARK_WIDTH) / Math.max(1, points.length - 1))
  const y = (value: number) => round(SPARK_HEIGHT - (Math.min(value, top) / top) * SPARK_HEIGHT)
  const line: string[] = []
  const area: string[] = []
  for (const { from, to } of runsOf(points)) {
    const along = points.slice(from, to).map((value, i) => `${x(from + i)} ${y(value as number)}`)
    // A point by itself is drawn as wide as half a step, or it would not be seen.
    if (to - from === 1)
      along.push(`${round(x(from) + SPARK_WIDTH / points.length / 2)} ${y(points[from] as number)}`)
    const end = (along.at(-1) as string).split(' ')[0]
    line.push(`M${along.join('L')}`)
    area.push(`M${x(from)} ${SPARK_HEIGHT}L${along.join('L')}L${end} ${SPARK_HEIGHT}Z`)
  }
  return { line: line.join(''), area: area.join('') }
}

/** The smallest of 1, 2, 5, 10, 20, … that is at least `value`, and at least `least`. */
export function niceTop(value: number, least: number): number {
  let top = least
  for (const factor of steps()) {
    if (top >= value) break
    top *= factor
  }
  return top
}

function* steps(): Generator<number> {
  for (;;) yield* [2, 2.5, 2]
}

/** Stretches of points that are known: `from` ≤ index < `to`. */
function runsOf(points: ChartPoints): readonly { readonly from: number; readonly to: number }[] {
  const runs: { from: number; to: number }[] = []
  points.forEach((value, index) => {
    if (value === null) return
    const last = runs.at(-1)
    if (last?.to === index) last.to = index + 1
    else runs.push({ from: index, to: index + 1 })
  })
  return runs
}

const round = (value: number): number => Math.round(value * 10) / 10
