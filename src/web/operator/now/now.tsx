// How this server is now: alarms first, then the figures of the whole, then each space, stage and edge.

import { useEffect, useMemo, useState } from 'preact/hooks'
import { type NodeView, shareOf } from '../../../core/watch/node-view.ts'
import { formatNumber } from '../../parts/language.ts'
import { words as operatorWords } from '../messages.en.ts'
import type { Operator } from '../operator.ts'
import { AlarmList } from './alarm-list.tsx'
import { Chart } from './chart.tsx'
import { EdgeTable } from './edge-table.tsx'
import { formatBps, formatClock, formatMillis, formatShare } from './figures.ts'
import { Housekeeping } from './housekeeping.tsx'
import { words } from './messages.en.ts'
import { NodePoll } from './node-poll.ts'
import { SpaceTable } from './space-table.tsx'
import { StageTable } from './stage-table.tsx'

/** Asks for it as long as it is shown. */
export function useNodePoll(operator: Operator): NodePoll {
  const poll = useMemo(
    () =>
      new NodePoll(() => {
        operator.access.value = { kind: 'stranger' }
      }),
    [operator],
  )
  useEffect(() => {
    poll.start()
    return () => poll.stop()
  }, [poll])
  return poll
}

export function Now({ poll }: { readonly poll: NodePoll }) {
  const view = poll.view.value
  return (
    <section class="now" aria-labelledby="now-title" id="now">
      <div class="now-title">
        <h2 id="now-title">{words.title}</h2>
        {view !== undefined && (
          <p class="hint" id="now-as-of">
            {words.asOf(formatClock(view.nowMs, view.nowMs))}
          </p>
        )}
      </div>
      {view === undefined ? (
        <p class="hint">{poll.isStale.value ? operatorWords.unreachable : words.loading}</p>
      ) : (
        <>
          {poll.isStale.value && (
            <p class="strip" role="status">
              {words.stale(formatClock(view.nowMs, view.nowMs))}
            </p>
          )}
          <Picture view={view} />
        </>
      )}
    </section>
  )
}

function Picture({ view }: { readonly view: NodeView }) {
  // Decided once: nothing may move under somebody who makes a space, which is what one comes for while all is quiet.
  const [isQuiet] = useState(view.spaces.length === 0 && view.alarms.length === 0)
  const isStarting = view.stages.every(({ presence }) => presence === 'starting')
  return (
    <>
      {!view.isHearing && !isStarting && <p class="strip">{words.deaf}</p>}
      <AlarmList view={view} />
      <details class="now-more" id="now-more" open={!isQuiet}>
        <summary>{words.more}</summary>
        <Charts view={view} />
        <SpaceTable view={view} />
        <div class="now-pair">
          <StageTable view={view} />
          <EdgeTable view={view} />
        </div>
        <Housekeeping view={view} />
      </details>
    </>
  )
}

function Charts({ view }: { readonly view: NodeView }) {
  const { capacity, charts, listeners, waiting, egressBps, stages } = view
  const text = words.charts
  const lateness = stages.flatMap(({ latenessMsP99 }) => latenessMsP99 ?? [])
  return (
    <div class="charts">
      <Chart
        title={text.listeners}
        now={formatNumber(listeners)}
        note={waiting > 0 ? text.waiting(waiting) : undefined}
        points={charts.listeners}
        topMin={10}
        format={formatNumber}
      />
      <Chart
        title={text.capacity}
        now={capacity === undefined ? text.unknown : formatShare(shareOf(capacity))}
        note={capacity && text.room(formatNumber(capacity.used), formatNumber(capacity.max))}
        points={charts.capacity}
        topMin={1}
        format={formatShare}
      />
      <Chart
        title={text.egress}
        now={formatBps(egressBps)}
        points={charts.egressBps}
        topMin={100_000}
        format={formatBps}
      />
      <Chart
        title={text.lateness}
        now={lateness.length === 0 ? text.unknown : formatMillis(Math.max(...lateness))}
        points={charts.latenessMs}
        topMin={10}
        format={formatMillis}
      />
    </div>
  )
}
