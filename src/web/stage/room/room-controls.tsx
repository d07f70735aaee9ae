// Running the room: who holds it, what can be done to everybody at once, and what can be taken back.

import { useSignal } from '@preact/signals'
import { useEffect, useState } from 'preact/hooks'
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx'
import { CopyButton } from '../../parts/copy-button.tsx'
import { MutedIcon, StandingInIcon } from '../../parts/icons.tsx'
import { words } from '../messages.en.ts'
import type { StageSession } from '../stage-session.ts'
import { roomWords } from './messages.en.ts'
import type { RoomDesk, Undo } from './room-desk.ts'
import { LockIcon, UnlockIcon } from './room-icons.tsx'

const text = roomWords

/** Who holds the room while the host is away; nothing while the host does. Read out by the page's news. */
export function RoomHolder({ session }: { readonly session: StageSession }) {
  const { holder, seats = [] } = session.view.value ?? {}
  if (holder === undefined) return null
  const name = seats.find(({ id }) => id === holder)?.name ?? ''
  return (
    <p class="strip holds-room" id="holder" data-holder={holder}>
      <StandingInIcon />
      <span>{holder === session.seat.id ? text.heldByMe : text.heldBy(name)}</span>
    </p>
  )
}

/** For those who run the room. */
export function RoomControls({ session }: { readonly session: StageSession }) {
  const asking = useSignal<'mute-all' | 'new-invitation' | undefined>(undefined)
  if (!session.runsRoom.value) return null
  const { desk } = session
  const view = session.view.value
  const isLocked = view?.locked === true
  const others = (view?.seats ?? []).filter(({ id }) => id !== session.seat.id)
  const ask = (what: 'mute-all' | 'new-invitation') => () => {
    asking.value = what
  }
  return (
    <section class="room card" aria-labelledby="room-title">
      <h2 id="room-title">{text.title}</h2>
      <div class="room-acts">
        <button
          type="button"
          id="mute-all"
          disabled={others.every(({ muted }) => muted)}
          onClick={ask('mute-all')}
        >
          <MutedIcon /> {text.muteAll}
        </button>
        <button
          type="button"
          id="lock"
          class={isLocked ? 'locked' : ''}
          data-locked={isLocked}
          onClick={() => void desk.lock(!isLocked)}
        >
          {isLocked ? <LockIcon /> : <UnlockIcon />} {isLocked ? text.unlock : text.lock}
        </button>
        <button type="button" id="new-invitation" class="quiet" onClick={ask('new-invitation')}>
          {text.newInvitation}
        </button>
      </div>
      <p class="hint">{isLocked ? text.locked : text.unlocked}</p>
      <FreshInvitation desk={desk} />
      {asking.value !== undefined && (
        <ConfirmDialog
          id={asking.value}
          {...text.ask[asking.value]}
          cancel={words.host.cancel}
          onConfirm={() => void (asking.value === 'mute-all' ? desk.muteAll() : desk.renewInvitation())}
          onClose={() => {
            asking.value = undefined
          }}
        />
      )}
    </section>
  )
}

function FreshInvitation({ desk }: { readonly desk: RoomDesk }) {
  const url = desk.invitation.value
  if (url === undefined) return null
  return (
    <div class="fresh-invitation" role="status">
      <h3>{text.fresh}</h3>
      <p class="hint">{text.freshBody}</p>
      <div class="link-row">
        <input readOnly id="invitation-link" value={url} aria-label={text.fresh} />
        <CopyButton text={url} label={text.fresh} copy={words.share.copy} copied={words.share.copied} />
      </div>
      <button
        type="button"
        id="invitation-done"
        onClick={() => {
          desk.invitation.value = undefined
        }}
      >
        {text.freshDone}
      </button>
    </div>
  )
}

/** What was done a moment ago and can be taken back. */
export function Undos({ desk }: { readonly desk: RoomDesk }) {
  return (
    <div class="undos" role="status">
      {desk.undos.value.map((undo) => (
        <UndoStrip key={undo.seat} undo={undo} onUndo={() => void desk.restore(undo)} />
      ))}
    </div>
  )
}

function UndoStrip({ undo, onUndo }: { readonly undo: Undo; onUndo(): void }) {
  const secondsLeft = () => Math.max(0, Math.ceil((undo.untilMs - performance.now()) / 1_000))
  const [seconds, setSeconds] = useState(secondsLeft)
  useEffect(() => {
    const timer = setInterval(() => setSeconds(secondsLeft()), 250)
    return () => clearInterval(timer)
  }, [undo])
  return (
    <p class="undo">
      <span>{undo.blocked ? text.blocked(undo.name) : text.removed(undo.name)}</span>
      <button type="button" data-undo={undo.seat} onClick={onUndo}>
        {text.undo}
        <span class="undo-seconds" aria-hidden="true">
          {seconds} s
        </span>
      </button>
    </p>
  )
}
