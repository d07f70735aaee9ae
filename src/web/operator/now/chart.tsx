// One figure with its last ten minutes. What the line shows is also said in words, for who does not see it.

import type { ChartPoints } from '../../../core/watch/node-view.ts'
import { SparkLine } from '../../parts/spark-line.tsx'
import { niceTop } from '../../parts/spark-path.ts'
import { words } from './messages.en.ts'

export interface ChartProps {
  readonly title: string
  /** As it is now, in words. */
  readonly now: string
  readonly note?: string | undefined
  readonly points: ChartPoints
  /** The value at the upper edge is at least this. */
  readonly topMin: number
  format(value: number): string
}

export function Chart({ title, now, note, points, topMin, format }: ChartProps) {
  const top = topOf(points, topMin)
  return (
    <figure class="chart">
      <figcaption>
        <span class="chart-title">{title}</span>
        <strong>{now}</strong>
        {note !== undefined && <span class="hint">{note}</span>}
      </figcaption>
      <div>
        <span class="chart-top">{format(top)}</span>
        <Spark title={title} points={points} topMin={topMin} format={format} />
      </div>
      <p class="chart-axis">
        <span>{words.charts.ago}</span>
        <span>{words.charts.now}</span>
      </p>
    </figure>
  )
}

/** The line alone, as in a row of a table. */
export function Spark({
  title,
  points,
  topMin,
  format,
}: Pick<ChartProps, 'title' | 'points' | 'topMin' | 'format'>) {
  return <SparkLine points={points} top={topOf(points, topMin)} said={describe(title, points, format)} />
}

const topOf = (points: ChartPoints, least: number): number =>
  niceTop(Math.max(0, ...points.map((value) => value ?? 0)), least)

function describe(title: string, points: ChartPoints, format: (value: number) => string): string {
  const known = points.filter((value) => value !== null)
  const now = known.at(-1)
  if (now === undefined) return words.charts.nothing(title)
  return words.charts.describe(title, format(now), format(Math.min(...known)), format(Math.max(...known)))
}
