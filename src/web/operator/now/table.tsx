// A table that may be wider than a phone: then it scrolls by itself, and can be reached by the keyboard for that.

import type { ComponentChildren } from 'preact'
import type { Presence } from '../../../core/watch/node-view.ts'
import { formatClock } from './figures.ts'
import { words } from './messages.en.ts'

export interface TableProps {
  readonly id: string
  readonly title: string
  readonly columns: readonly string[]
  readonly children: ComponentChildren
}

export function Table({ id, title, columns, children }: TableProps) {
  return (
    <div class="watch">
      <h3 id={`${id}-title`}>{title}</h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard */}
      <section class="watch-scroll" aria-labelledby={`${id}-title`} tabIndex={0}>
        <table id={id}>
          <thead>
            <tr>
              {columns.map((column) => (
                <th key={column} scope="col">
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>{children}</tbody>
        </table>
      </section>
    </div>
  )
}

/** How a process is, in a word with a shape and a colour. `up` in the words of its kind. */
export function State(props: {
  readonly presence: Presence
  readonly up: string
  readonly heardAtMs: number | undefined
  readonly nowMs: number
}) {
  const { presence, up, heardAtMs, nowMs } = props
  const { mark, look } = LOOKS[presence]
  return (
    <>
      <span class={`pill ${look}`}>
        <span aria-hidden="true">{mark}</span> {presence === 'up' ? up : words.presence[presence]}
      </span>
      {(presence === 'lost' || presence === 'left') && heardAtMs !== undefined && (
        <span class="hint"> {words.silentSince(formatClock(heardAtMs, nowMs))}</span>
      )}
    </>
  )
}

const LOOKS = {
  up: { mark: '●', look: 'good' },
  starting: { mark: '…', look: '' },
  left: { mark: '○', look: 'warn' },
  lost: { mark: '✕', look: 'live' },
} as const
