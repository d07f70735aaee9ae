// The edges: who they deliver to, how full they are, and how they cope.

import { type EdgeRow, type NodeView, shareOf } from '../../../core/watch/node-view.ts'
import { formatNumber } from '../../parts/language.ts'
import { formatBps, formatMillis, formatShare } from './figures.ts'
import { words } from './messages.en.ts'
import { State, Table } from './table.tsx'

const text = words.edges

export function EdgeTable({ view: { edges, nowMs } }: { readonly view: NodeView }) {
  const columns = [
    text.edge,
    words.state,
    text.listeners,
    text.capacity,
    text.flush,
    text.egress,
    text.turnedAway,
    words.cpu,
  ]
  return (
    <Table id="now-edges" title={text.title} columns={columns}>
      {edges.map((row) => (
        <tr key={row.edge} data-edge={row.edge} data-presence={row.presence}>
          <th scope="row">{row.edge}</th>
          <td>
            <State presence={row.presence} up={words.presence.up} heardAtMs={row.heardAtMs} nowMs={nowMs} />
          </td>
          <td>{formatNumber(row.listeners)}</td>
          <td>{sayCapacity(row)}</td>
          <td>{row.flushMs === undefined ? '–' : formatMillis(row.flushMs)}</td>
          <td>{row.egressBps === undefined ? '–' : formatBps(row.egressBps)}</td>
          <td>{formatNumber(row.turnedAway)}</td>
          <td>{row.cpu === undefined ? '–' : formatShare(row.cpu)}</td>
        </tr>
      ))}
    </Table>
  )
}

function sayCapacity({ capacity }: EdgeRow): string {
  if (capacity === undefined) return '–'
  const room = words.charts.room(formatNumber(capacity.used), formatNumber(capacity.max))
  return `${formatShare(shareOf(capacity))} (${room})`
}
