// The stages: which are on air, which stand by, which are down, and what they cost.

import type { NodeView, StageRow } from '../../../core/watch/node-view.ts'
import { formatNumber } from '../../parts/language.ts'
import { formatBytes, formatMillis, formatShare } from './figures.ts'
import { words } from './messages.en.ts'
import { State, Table } from './table.tsx'

const text = words.stages

export function StageTable({ view: { stages, nowMs } }: { readonly view: NodeView }) {
  const columns = [text.stage, words.state, text.spaces, text.lateness, text.standby, words.cpu, words.memory]
  return (
    <Table id="now-stages" title={text.title} columns={columns}>
      {stages.map((row) => (
        <tr key={row.stage} data-stage={row.stage} data-presence={row.presence}>
          <th scope="row">{row.stage}</th>
          <td>
            <State
              presence={row.presence}
              up={row.spaces > 0 ? text.onAir : text.standingBy}
              heardAtMs={row.heardAtMs}
              nowMs={nowMs}
            />
          </td>
          <td>
            {formatNumber(row.spaces)}
            {row.presence === 'up' && !row.accepts && <span class="hint"> {text.tooLate}</span>}
          </td>
          <td>{row.latenessMsP99 === undefined ? '–' : formatMillis(row.latenessMsP99)}</td>
          <td>{sayStandby(row, stages.length)}</td>
          <td>{row.cpu === undefined ? '–' : formatShare(row.cpu)}</td>
          <td>{row.memoryBytes === undefined ? '–' : formatBytes(row.memoryBytes)}</td>
        </tr>
      ))}
    </Table>
  )
}

function sayStandby({ presence, hasStandby }: StageRow, stages: number): string {
  if (presence !== 'up') return '–'
  if (hasStandby) return text.hasStandby
  return stages === 1 ? text.aloneByChoice : text.alone
}
