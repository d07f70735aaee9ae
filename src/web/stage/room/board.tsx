// What lies on the table: the clock, how many listen and how they became that many, and whether it is recorded.

import { SparkLine } from '../../parts/spark-line.tsx'
import { niceTop } from '../../parts/spark-path.ts'
import { words } from '../messages.en.ts'
import { SpaceFacts } from '../space-facts.tsx'
import type { StageSession } from '../stage-session.ts'

/** A line of less says nothing. */
const POINTS_MIN = 3
/** So that one who comes and goes is no mountain. */
const TOP_MIN = 10

export function Board({ session }: { readonly session: StageSession }) {
  const space = session.view.value?.space
  if (space === undefined) return null
  const { points, peak } = session.audience
  return (
    <div class="board" data-phase={space.phase}>
      <SpaceFacts space={space} offsetMs={session.clockOffsetMs.value} />
      {points.length >= POINTS_MIN && (
        <SparkLine
          points={points}
          top={niceTop(peak, TOP_MIN)}
          said={words.audienceLine(points[0] ?? 0, points.at(-1) ?? 0, peak)}
        />
      )}
    </div>
  )
}
