// Always in reach, at the foot of the screen: my microphone, then what changes the space, then the way out.

import { useSignal } from '@preact/signals'
import { ConfirmDialog } from '../parts/confirm-dialog.tsx'
import { MicrophoneIcon, MutedIcon } from '../parts/icons.tsx'
import { words } from './messages.en.ts'
import { Meter } from './microphone/meter.tsx'
import type { Air } from './room/air-banner.tsx'
import { HoldButton } from './room/air-controls.tsx'
import { Undos } from './room/room-controls.tsx'
import type { StageSession } from './stage-session.ts'
import type { Studio } from './studio.ts'

export function Dock(props: { readonly studio: Studio; readonly session: StageSession; readonly air: Air }) {
  const { session } = props
  const asking = useSignal<'end' | 'leave' | undefined>(undefined)
  const phase = session.view.value?.space.phase
  const runsRoom = session.runsRoom.value
  const close = () => {
    asking.value = undefined
  }
  return (
    <div class="dock">
      <Undos desk={session.desk} />
      <div class="dock-inner">
        <MicrophoneButton {...props} />
        <div class="dock-actions">
          {runsRoom && (phase === 'scheduled' || phase === 'lobby') && (
            <button
              type="button"
              id="start"
              class="primary"
              title={words.host.startHint}
              onClick={() => void session.start()}
            >
              {words.host.start}
            </button>
          )}
          <HoldButton session={session} />
          {runsRoom && phase === 'live' && (
            <button
              type="button"
              id="end"
              class="danger-outline"
              onClick={() => {
                asking.value = 'end'
              }}
            >
              {words.host.end}
            </button>
          )}
          <button
            type="button"
            id="leave"
            onClick={() => {
              asking.value = 'leave'
            }}
          >
            {words.leave.button}
          </button>
        </div>
      </div>
      {asking.value === 'end' && (
        <ConfirmDialog
          id="end"
          title={words.host.endTitle}
          body={words.host.endBody}
          confirm={words.host.endConfirm}
          cancel={words.host.keep}
          onConfirm={() => void session.endSpace()}
          onClose={close}
        />
      )}
      {asking.value === 'leave' && (
        <ConfirmDialog
          id="leave"
          title={words.leave.title}
          body={session.seat.role === 'host' ? words.leave.bodyHost : words.leave.bodySpeaker}
          confirm={words.leave.confirm}
          cancel={words.leave.stay}
          onConfirm={() => session.leave()}
          onClose={close}
        />
      )}
    </div>
  )
}

/** Its colour, its shape, its picture, its words and its sound all say the same: open or not, and who hears it. */
function MicrophoneButton(props: {
  readonly studio: Studio
  readonly session: StageSession
  readonly air: Air
}) {
  const { studio, session, air } = props
  const isOpen = session.isOpen.value
  const isLive = isOpen && air === 'live'
  const text = words.microphone
  return (
    <button
      type="button"
      id="mute"
      class={`my-microphone ${isOpen ? (isLive ? 'open on-air' : 'open') : 'closed'}`}
      data-microphone={isOpen ? 'open' : 'muted'}
      onClick={() => session.press(!isOpen)}
    >
      {isOpen ? <MicrophoneIcon /> : <MutedIcon />}
      <span class="my-microphone-words">
        <strong>{isLive ? text.openLive : isOpen ? text.open : text.muted}</strong>
        <span>{isOpen ? text.pressToMute : text.pressToSpeak}</span>
      </span>
      <Meter level={studio.microphone.level} />
    </button>
  )
}
