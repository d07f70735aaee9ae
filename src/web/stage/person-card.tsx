// One person at the table, as the stage observes them: in a niche that lights up when they speak.

import type { SeatId } from '../../base/ids.ts'
import type { StageView } from '../../core/api/api.ts'
import { MutedIcon, RemoveIcon } from '../parts/icons.tsx'
import { words } from './messages.en.ts'

export type Person = StageView['seats'][number]

/** Loss from which people hear that something is wrong. */
const LOSING_FROM = 0.05

export type PersonState = keyof typeof words.state

/**
 * One word for how a person is doing. `known`: what this tab knows better than the stage, about itself or about who
 * was there a moment ago.
 */
export function stateOf(person: Person, known?: { readonly isReconnecting: boolean }): PersonState {
  const { observed } = person
  if (known?.isReconnecting) return 'reconnecting'
  if (observed === undefined || observed.connection === 'absent') return 'absent'
  if (observed.connection === 'connecting') return 'connecting'
  if (observed.muted || person.muted) return 'muted'
  if (observed.loss >= LOSING_FROM) return 'losing'
  return observed.speaking ? 'speaking' : 'silent'
}

export function PersonCard(props: {
  readonly person: Person
  readonly isMe: boolean
  readonly state: PersonState
  /** Present for hosts, about others. */
  readonly host?: { onMute(seat: SeatId): void; onRemove(person: Person): void }
}) {
  const { person, state, host } = props
  const level =
    state === 'speaking' ? Math.min(1, Math.max(0, ((person.observed?.level ?? -127) + 60) / 60)) : 0
  return (
    <li
      class={`niche person ${state}`}
      data-seat={person.id}
      data-person-state={state}
      style={{ '--level': level.toFixed(2) }}
    >
      <span class="arch" aria-hidden="true">
        {initials(person.name)}
      </span>
      <span class="name">{person.name}</span>
      <span class="role">
        {words.role[person.role]}
        {props.isMe && ` · ${words.me}`}
      </span>
      <span class="person-word">{words.state[state]}</span>
      {host !== undefined && (
        <span class="person-actions">
          <button
            type="button"
            class="round"
            disabled={person.muted}
            title={words.host.mute(person.name)}
            aria-label={words.host.mute(person.name)}
            onClick={() => host.onMute(person.id)}
          >
            <MutedIcon />
          </button>
          <button
            type="button"
            class="round"
            title={words.host.remove(person.name)}
            aria-label={words.host.remove(person.name)}
            onClick={() => host.onRemove(person)}
          >
            <RemoveIcon />
          </button>
        </span>
      )}
    </li>
  )
}

/** Two letters at most: of the first and the last word. */
export function initials(name: string): string {
  const parts = name.trim().split(/\s+/)
  const first = [...(parts[0] ?? '')][0] ?? ''
  const last = parts.length > 1 ? ([...(parts.at(-1) ?? '')][0] ?? '') : ''
  return (first + last).toUpperCase()
}
