// A small line of how a figure went. What it shows is said in words too, for who does not see it.

import { useId } from 'preact/hooks'
import { SPARK_HEIGHT, SPARK_WIDTH, sparkPaths } from './spark-path.ts'

export interface SparkLineProps {
  /** Oldest first, equally far apart in time; null where nothing is known. */
  readonly points: readonly (number | null)[]
  /** The value at the upper edge. */
  readonly top: number
  readonly said: string
}

/** As wide as there is room; `.spark` gives the height. */
export function SparkLine({ points, top, said }: SparkLineProps) {
  const id = useId()
  const { line, area } = sparkPaths(points, top)
  return (
    <svg
      class="spark"
      viewBox={`0 0 ${SPARK_WIDTH} ${SPARK_HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-labelledby={id}
    >
      <title id={id}>{said}</title>
      <path class="spark-area" d={area} />
      <path class="spark-line" d={line} vector-effect="non-scaling-stroke" />
    </svg>
  )
}
