// The alarms that are on, in words: since when, what it means, what to do. Told to screen readers when one comes.

import type { AlarmOn, NodeView } from '../../../core/watch/node-view.ts'
import { WarningIcon } from '../../parts/icons.tsx'
import { formatClock, formatShare } from './figures.ts'
import { words } from './messages.en.ts'

export function AlarmList({ view }: { readonly view: NodeView }) {
  const { alarms } = view
  return (
    <div class="alarms" role="status" id="alarms">
      {alarms.length === 0 ? (
        <p class="well">
          <span aria-hidden="true">✓ </span>
          {words.well}
        </p>
      ) : (
        <ul>
          {alarms.map((alarm) => (
            <Alarm key={`${alarm.alarm} ${alarm.subject}`} alarm={alarm} view={view} />
          ))}
        </ul>
      )}
    </div>
  )
}

function Alarm({ alarm: on, view }: { readonly alarm: AlarmOn; readonly view: NodeView }) {
  const { alarm, sinceMs, share } = on
  const { title, says, mend } = words.alarms[alarm]
  return (
    <li class="alarm" data-alarm={alarm}>
      <WarningIcon />
      <div>
        <p>
          <strong>{title}</strong>{' '}
          <span class="alarm-since">{words.since(formatClock(sinceMs, view.nowMs))}</span>
        </p>
        <p>{says(nameOf(on, view), share === undefined ? '' : formatShare(share))}</p>
        <p class="hint">{mend}</p>
      </div>
    </li>
  )
}

/** A space goes by its title; processes by their own names. */
function nameOf({ alarm, subject }: AlarmOn, { spaces }: NodeView): string {
  if (alarm !== 'problems') return subject
  return spaces.find(({ id }) => id === subject)?.title ?? subject
}
