// One person at the table, as the stage observes them: in a niche that lights up when they speak.

import type { SeatId } from '../../../base/ids.ts'
import type { StageView } from '../../../core/api/api.ts'
import { MutedIcon, RemoveIcon } from '../../parts/icons.tsx'
import type { LineWord } from '../connection/line-watch.ts'
import { words } from '../messages.en.ts'
import { SoundCheckNote } from '../sound-check/sound-check-note.tsx'
import { AirToggle } from './air-controls.tsx'
import { isBackstage } from './air-state.ts'
import { roomWords } from './messages.en.ts'
import { CohostIcon } from './room-icons.tsx'

export type Person = StageView['seats'][number]

export type PersonState = keyof typeof words.state

/**
 * One word for how a person is doing. `isReconnecting`: this tab knows it better than the stage, about itself or about
 * who was there a moment ago.
 */
export function stateOf(person: Person, isReconnecting: boolean): PersonState {
  const { observed } = person
  if (isReconnecting) return 'reconnecting'
  if (observed === undefined || observed.connection === 'absent') return 'absent'
  if (observed.connection === 'connecting') return 'connecting'
  if (observed.muted || person.muted) return 'muted'
  return observed.speaking ? 'speaking' : 'silent'
}

export function PersonCard(props: {
  readonly person: Person
  readonly isMe: boolean
  readonly state: PersonState
  readonly line: LineWord
  /** Present for hosts, about others. */
  readonly host?: {
    onMute(seat: SeatId): void
    onPutOnAir(seat: SeatId, onAir: boolean): void
    /** Absent for those whom one may not remove. */
    onRemove?(person: Person): void
    /** For the host alone: makes a speaker a co-host, and back. */
    onRole?(person: Person): void
  }
  readonly holdsRoom: boolean
  /** Whether the program is on. */
  readonly isLive: boolean
}) {
  const { person, state, line, host } = props
  const isOff = isBackstage(person)
  const level =
    state === 'speaking' ? Math.min(1, Math.max(0, ((person.observed?.level ?? -127) + 60) / 60)) : 0
  return (
    <li
      class={`niche person ${state}${isOff ? ' backstage' : ''}`}
      data-seat={person.id}
      data-person-state={state}
      data-person-air={isOff ? 'off' : 'on'}
      data-person-line={line}
      style={{ '--level': level.toFixed(2) }}
    >
      <span class="arch" aria-hidden="true">
        {initials(person.name)}
      </span>
      <span class="name">{person.name}</span>
      <span class="role">
        {words.role[person.role]}
        {props.isMe && ` · ${words.me}`}
        {props.holdsRoom && ` · ${roomWords.holds}`}
      </span>
      <span class="person-word">{words.state[state]}</span>
      {isOff && <span class="person-word off-air">{words.offAir}</span>}
      {line !== 'good' && <span class="person-word bad-line">{words.line[line]}</span>}
      {host !== undefined && <SoundCheckNote person={person} isOnAir={props.isLive && !isOff} />}
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
          <AirToggle person={person} onPut={(onAir) => host.onPutOnAir(person.id, onAir)} />
          {host.onRole !== undefined && <RoleButton person={person} onRole={host.onRole} />}
          {host.onRemove !== undefined && (
            <button
              type="button"
              class="round"
              title={words.host.remove(person.name)}
              aria-label={words.host.remove(person.name)}
              onClick={() => host.onRemove?.(person)}
            >
              <RemoveIcon />
            </button>
          )}
        </span>
      )}
    </li>
  )
}

function RoleButton({ person, onRole }: { readonly person: Person; onRole(person: Person): void }) {
  const isCohost = person.role === 'cohost'
  const label = isCohost ? roomWords.makeSpeaker(person.name) : roomWords.makeCohost(person.name)
  return (
    <button type="button" class="round" title={label} aria-label={label} onClick={() => onRole(person)}>
      <CohostIcon filled={isCohost} />
    </button>
  )
}

/** Two letters at most: of the first and the last word. */
export function initials(name: string): string {
  const parts = name.trim().split(/\s+/)
  const first = [...(parts[0] ?? '')][0] ?? ''
  const last = parts.length > 1 ? ([...(parts.at(-1) ?? '')][0] ?? '') : ''
  return (first + last).toUpperCase()
}
