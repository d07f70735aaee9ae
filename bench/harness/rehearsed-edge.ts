// One edge and the rehearsal's own swarm in front of it: every part that a listener gets is checked, and probes with
// the page's player logic say how far behind they are.

import type { RehearsalReport } from '../../src/core/rehearsal/report.ts'
import { type Progress, type RehearsalOptions, rehearse } from '../../src/rehearsal/conductor.ts'
import type { EdgeProcess } from './edge-process.ts'
import { SPACE } from './origin.ts'

/** Edges of a bench are started with it. */
export const BENCH_KEY = 'the key of every bench'

/** A rehearsal that is under way. */
export interface RunningRehearsal {
  readonly report: Promise<RehearsalReport>
  /** Of the last second. */
  readonly progress: () => Progress | undefined
  /** Ends it early; the report is made all the same. */
  stop(): void
}

/** Sends listeners to `url`, by default all at once and without mishaps. */
export function startRehearsal(
  url: string,
  options: Pick<RehearsalOptions, 'listeners' | 'forMs'> & Partial<RehearsalOptions>,
): RunningRehearsal {
  const stopping = new AbortController()
  let last: Progress | undefined
  const report = rehearse({
    url,
    key: BENCH_KEY,
    join: { kind: 'storm' },
    churnPercentPerMinute: 0,
    slowPercent: 0,
    vanishPercentPerMinute: 0,
    hlsPercent: 0,
    probes: 0,
    onProgress: (progress) => {
      last = progress
    },
    signal: stopping.signal,
    ...options,
  })
  return { report, progress: () => last, stop: () => stopping.abort() }
}

export const pageOf = (edge: EdgeProcess): string => `${edge.url}/s/${SPACE}`
