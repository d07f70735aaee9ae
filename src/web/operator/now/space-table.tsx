// Every space that is on, or whose lobby is open.

import { PROBLEM_KINDS } from '../../../core/count/problems.ts'
import type { NodeView, SpaceRow } from '../../../core/watch/node-view.ts'
import { formatDuration } from '../../parts/duration.ts'
import { formatNumber, joinNames } from '../../parts/language.ts'
import { Spark } from './chart.tsx'
import { formatMillis } from './figures.ts'
import { words } from './messages.en.ts'
import { Table } from './table.tsx'

const text = words.spaces

export function SpaceTable({ view }: { readonly view: NodeView }) {
  const { spaces, spacesMore, nowMs } = view
  if (spaces.length === 0) return <p class="hint">{text.none}</p>
  const columns = [
    text.space,
    text.sound,
    text.listeners,
    text.problems,
    text.late,
    text.stage,
    text.people,
    text.since,
  ]
  return (
    <>
      <Table id="now-spaces" title={text.title} columns={columns}>
        {spaces.map((space) => (
          <Row key={space.id} space={space} nowMs={nowMs} />
        ))}
      </Table>
      {spacesMore > 0 && <p class="hint">{text.more(spacesMore)}</p>}
    </>
  )
}

function Row({ space, nowMs }: { readonly space: SpaceRow; readonly nowMs: number }) {
  const { title, listeners, chart, lateMs, stage, startedAtMs, turnedAway = 0 } = space
  return (
    <tr data-space-now={space.id}>
      <th scope="row">
        <bdi>{title}</bdi>
      </th>
      <td>
        <Sound space={space} />
      </td>
      <td>
        <span class="with-spark">
          {formatNumber(listeners)}
          {chart !== undefined && (
            <Spark title={`${text.listeners}, ${title}`} points={chart} topMin={10} format={formatNumber} />
          )}
        </span>
        {turnedAway > 0 && <span class="hint">{text.turnedAway(formatNumber(turnedAway))}</span>}
      </td>
      <td class="wraps">{sayProblems(space)}</td>
      <td>{lateMs === undefined ? '–' : formatMillis(lateMs)}</td>
      <td>{stage ?? '–'}</td>
      <td class="wraps">{sayPeople(space)}</td>
      <td>{startedAtMs === undefined ? text.notYet : formatDuration(nowMs - startedAtMs)}</td>
    </tr>
  )
}

function Sound({ space: { phase, sound } }: { readonly space: SpaceRow }) {
  if (sound === undefined) {
    return (
      <span class="pill live">
        <span aria-hidden="true">✕</span> {text.nobody}
      </span>
    )
  }
  if (phase === 'lobby') return <span class="pill">{text.lobby}</span>
  return (
    <span class={`pill ${sound === 'voices' ? 'good' : 'warn'}`}>
      <span aria-hidden="true">{sound === 'voices' ? '●' : '○'}</span> {text[sound]}
    </span>
  )
}

function sayProblems({ problems = {} }: SpaceRow): string {
  const told = PROBLEM_KINDS.flatMap((kind) => {
    const count = problems[kind] ?? 0
    return count === 0 ? [] : text.kinds[kind](formatNumber(count))
  })
  return told.length === 0 ? text.noProblems : joinNames(told)
}

function sayPeople({ seats }: SpaceRow): string {
  if (seats === undefined) return '–'
  const { onAir, backstage, away } = seats
  return joinNames([
    text.onAir(formatNumber(onAir)),
    ...(backstage === 0 ? [] : [text.backstage(formatNumber(backstage))]),
    ...(away === 0 ? [] : [text.away(formatNumber(away))]),
  ])
}
