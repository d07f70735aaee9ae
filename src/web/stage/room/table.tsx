// The people on stage, and what who runs the room can do about each of them.

import { useSignal } from '@preact/signals'
import { mayRemove } from '../../../core/seat/rights.ts'
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx'
import { LineNotes } from '../connection/line-notes.tsx'
import { words } from '../messages.en.ts'
import type { StageSession } from '../stage-session.ts'
import { Board } from './board.tsx'
import { roomWords } from './messages.en.ts'
import { type Person, PersonCard, type PersonState, stateOf } from './person-card.tsx'
import { RemoveDialog } from './remove-dialog.tsx'
import { seatAround } from './seating.ts'

export function Table({ session }: { readonly session: StageSession }) {
  const view = session.view.value
  const toRemove = useSignal<Person | undefined>(undefined)
  const toPromote = useSignal<Person | undefined>(undefined)
  const people = view?.seats ?? []
  const { across, near } = seatAround(people, session.seat.id)
  const asking = {
    onRemove: (person: Person) => {
      toRemove.value = person
    },
    onPromote: (person: Person) => {
      toPromote.value = person
    },
  }
  return (
    <section class="table card" aria-labelledby="people-title">
      <h2 id="people-title" class="visually-hidden">
        {words.people}
      </h2>
      {across.length > 0 && <Side people={across} session={session} {...asking} />}
      <Board session={session} />
      {near.length > 0 && <Side people={near} session={session} isNear {...asking} />}
      <LineNotes session={session} />
      {view !== undefined && people.length === 1 && (
        <p class="hint">{session.runsRoom.value ? words.aloneHost : words.aloneSpeaker}</p>
      )}
      {toRemove.value !== undefined && (
        <RemoveDialog
          name={toRemove.value.name}
          onRemove={(choice) => toRemove.value && void session.desk.remove(toRemove.value, choice)}
          onClose={() => {
            toRemove.value = undefined
          }}
        />
      )}
      {toPromote.value !== undefined && (
        <ConfirmDialog
          id="promote"
          title={roomWords.makeCohostTitle(toPromote.value.name)}
          body={roomWords.makeCohostBody}
          confirm={roomWords.makeCohostConfirm}
          cancel={words.host.cancel}
          onConfirm={() => toPromote.value && void session.desk.setRole(toPromote.value.id, 'cohost')}
          onClose={() => {
            toPromote.value = undefined
          }}
        />
      )}
    </section>
  )
}

/** Those on one side of the table. */
function Side(props: {
  readonly people: readonly Person[]
  readonly session: StageSession
  readonly isNear?: boolean
  onRemove(person: Person): void
  onPromote(person: Person): void
}) {
  const { session } = props
  const runsRoom = session.runsRoom.value
  return (
    <ul class={props.isNear ? 'people near' : 'people across'}>
      {props.people.map((person) => {
        const isMe = person.id === session.seat.id
        return (
          <PersonCard
            key={person.id}
            person={person}
            isMe={isMe}
            line={session.lines.value.get(person.id) ?? 'good'}
            state={isMe ? myStateOf(person, session) : stateOf(person, session.lastSeen.isReturning(person))}
            isLive={session.view.value?.space.phase === 'live'}
            holdsRoom={session.view.value?.holder === person.id}
            {...(runsRoom && !isMe ? { host: actsOn(person, props) } : {})}
          />
        )
      })}
    </ul>
  )
}

/** What this tab knows of its own connection is newer than what the stage reports. */
function myStateOf(person: Person, session: StageSession): PersonState {
  const connection = session.connection.value
  if (connection === 'connecting') return 'connecting'
  return stateOf(person, connection === 'reconnecting')
}

/** What I, who run the room, may do about `person`. */
function actsOn(
  person: Person,
  { session, onRemove, onPromote }: Parameters<typeof Side>[0],
): NonNullable<Parameters<typeof PersonCard>[0]['host']> {
  const myRole = session.me.value?.role ?? session.seat.role
  const { desk } = session
  return {
    onPutOnAir: (seat, onAir) => void desk.putOnAir(seat, onAir),
    onMute: (seat) => void desk.mute(seat),
    ...(mayRemove(myRole, person) ? { onRemove } : {}),
    ...(myRole === 'host' && person.role !== 'host'
      ? {
          onRole: (other) => {
            if (other.role === 'cohost') void desk.setRole(other.id, 'speaker')
            else onPromote(other)
          },
        }
      : {}),
  }
}
