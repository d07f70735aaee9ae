// The people on stage, and what who runs the room can do about each of them.

import { useSignal } from '@preact/signals'
import { mayRemove } from '../../../core/seat/rights.ts'
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx'
import { LineNotes } from '../connection/line-notes.tsx'
import { words } from '../messages.en.ts'
import type { StageSession } from '../stage-session.ts'
import { roomWords } from './messages.en.ts'
import { type Person, PersonCard, stateOf } from './person-card.tsx'
import { RemoveDialog } from './remove-dialog.tsx'

export function Table({ session }: { readonly session: StageSession }) {
  const view = session.view.value
  const toRemove = useSignal<Person | undefined>(undefined)
  const toPromote = useSignal<Person | undefined>(undefined)
  const runsRoom = session.runsRoom.value
  const myRole = session.me.value?.role ?? session.seat.role
  const isReconnecting = session.connection.value === 'reconnecting'
  const people = view?.seats ?? []
  return (
    <section class="table card" aria-labelledby="people-title">
      <h2 id="people-title" class="visually-hidden">
        {words.people}
      </h2>
      <ul class="people">
        {people.map((person) => {
          const isMe = person.id === session.seat.id
          return (
            <PersonCard
              key={person.id}
              person={person}
              isMe={isMe}
              line={session.lines.value.get(person.id) ?? 'good'}
              state={stateOf(person, {
                isReconnecting: isMe ? isReconnecting : session.lastSeen.isReturning(person),
              })}
              holdsRoom={view?.holder === person.id}
              {...(runsRoom && !isMe
                ? {
                    host: {
                      onPutOnAir: (seat, onAir) => void session.desk.putOnAir(seat, onAir),
                      onMute: (seat) => void session.desk.mute(seat),
                      ...(mayRemove(myRole, person)
                        ? {
                            onRemove: (other) => {
                              toRemove.value = other
                            },
                          }
                        : {}),
                      ...(myRole === 'host' && person.role !== 'host'
                        ? {
                            onRole: (other) => {
                              if (other.role === 'cohost') void session.desk.setRole(other.id, 'speaker')
                              else toPromote.value = other
                            },
                          }
                        : {}),
                    },
                  }
                : {})}
            />
          )
        })}
      </ul>
      <LineNotes session={session} />
      {view !== undefined && people.length === 1 && (
        <p class="hint">{runsRoom ? words.aloneHost : words.aloneSpeaker}</p>
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
