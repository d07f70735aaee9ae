// Before the start, for who runs the room: whether everything is as one wants it, at a glance. It forbids nothing.

import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { SeatId } from '../../../base/ids.ts'
import { CheckIcon, WarningIcon } from '../../parts/icons.tsx'
import { words } from '../messages.en.ts'
import type { StageSession } from '../stage-session.ts'
import { useNow } from '../use-now.ts'
import { type ChecklistItem, checklist, hear } from './checklist.ts'

export function StartChecklist({ session }: { readonly session: StageSession }) {
  const heard = useSignal<ReadonlySet<SeatId>>(new Set())
  const now = useNow() + session.clockOffsetMs.value
  const view = session.view.value
  const seats = view?.seats ?? []
  useEffect(() => {
    heard.value = hear(heard.value, seats)
  }, [seats])
  if (view === undefined || !session.runsRoom.value) return null
  if (view.space.phase === 'live' || view.space.phase === 'ended') return null
  const { scheduledAtMs } = view.space
  const leftMs = scheduledAtMs === undefined ? undefined : scheduledAtMs - now
  const items = checklist({ seats, me: session.seat.id, heard: heard.value, leftMs })
  const open = items.filter(({ done }) => !done).length
  return (
    <section class="checklist card" aria-labelledby="checklist-title" data-open={open}>
      <h2 id="checklist-title">{open === 0 ? words.checklist.ready : words.checklist.title}</h2>
      <ul>
        {items.map((item) => (
          <li key={item.id} class={item.done ? 'done' : 'open'} data-check={item.id} data-done={item.done}>
            {item.done ? <CheckIcon /> : <WarningIcon />}
            <span>{sayOf(item)}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}

function sayOf({ id, done, names }: ChecklistItem): string {
  if (done) return words.checklist.done[id]
  const open = words.checklist.open[id]
  return typeof open === 'string' ? open : open(names)
}
