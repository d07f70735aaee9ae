// On stage: who hears us, who is here, my microphone, and what a host can do.

import type { ComponentChildren } from 'preact'
import { CopyButton } from '../parts/copy-button.tsx'
import { WarningIcon } from '../parts/icons.tsx'
import { Dock } from './dock.tsx'
import { words } from './messages.en.ts'
import { DeviceChoice } from './microphone/microphone-setup.tsx'
import { AirBanner, airOf } from './room/air-banner.tsx'
import { ArrivalsChoice } from './room/air-controls.tsx'
import { HandsPanel } from './room/hands-panel.tsx'
import { RoomControls, RoomHolder } from './room/room-controls.tsx'
import { Table } from './room/table.tsx'
import type { StageSession } from './stage-session.ts'
import { StartChecklist } from './start/start-checklist.tsx'
import { StartPlan } from './start/start-plan.tsx'
import type { Studio } from './studio.ts'
import { useScreenAwake } from './use-screen-awake.ts'

export function StageScreen({
  studio,
  session,
}: {
  readonly studio: Studio
  readonly session: StageSession
}) {
  useScreenAwake()
  const air = airOf(session.view.value)
  return (
    <>
      <AirBanner session={session} air={air} />
      <RoomHolder session={session} />
      <StartPlan session={session} />
      <Troubles studio={studio} session={session} />
      <Table session={session} />
      <StartChecklist session={session} />
      <HandsPanel session={session} />
      <RoomControls session={session} />
      <Aside studio={studio} session={session} />
      <Dock studio={studio} session={session} air={air} />
      <p class="visually-hidden" role="status">
        {session.news.value}
      </p>
    </>
  )
}

/** What is wrong now, the worst first; nothing when nothing is. */
function Troubles({ studio, session }: { readonly studio: Studio; readonly session: StageSession }) {
  const { microphone } = studio
  const connection = session.connection.value
  const loss = session.me.value?.observed?.loss ?? 0
  const line = session.lines.value.get(session.seat.id) ?? 'good'
  return (
    <div class="troubles" aria-live="polite">
      {connection !== 'connected' && (
        <Trouble id="connection-trouble" busy>
          {connection === 'reconnecting' ? words.connection.reconnecting : words.connection.connecting}
          {session.refusal.value !== undefined && ` ${words.connection.refused(session.refusal.value)}`}
        </Trouble>
      )}
      {connection === 'connected' && line !== 'good' && (
        <Trouble id="line-trouble">
          {line === 'losing' ? words.connection.losing(Math.round(loss * 100)) : words.connection.late}
        </Trouble>
      )}
      {session.controlLost.value && <Trouble id="control-trouble">{words.connection.control}</Trouble>}
      {microphone.trouble.value !== 'none' && (
        <Trouble id="microphone-trouble">
          {microphone.trouble.value === 'gone' ? words.microphone.gone : words.microphone.systemMuted}{' '}
          <button type="button" onClick={() => void changeMicrophone(studio, session)}>
            {words.microphone.another}
          </button>
        </Trouble>
      )}
      {session.soundBlocked.value && (
        <Trouble id="sound-trouble">
          {words.soundBlocked}{' '}
          <button type="button" id="hear" class="primary" onClick={() => void session.hearOthers()}>
            {words.hearOthers}
          </button>
        </Trouble>
      )}
      {session.notice.value !== undefined && (
        <Trouble id="notice">
          {session.notice.value}{' '}
          <button
            type="button"
            onClick={() => {
              session.notice.value = undefined
            }}
          >
            {words.failed.close}
          </button>
        </Trouble>
      )}
    </div>
  )
}

function Trouble(props: {
  readonly id: string
  readonly busy?: boolean
  readonly children: ComponentChildren
}) {
  return (
    <p class={props.busy ? 'strip busy' : 'strip'} id={props.id}>
      {props.busy ? <span class="spinner" aria-hidden="true" /> : <WarningIcon />}
      <span>{props.children}</span>
    </p>
  )
}

function Aside({ studio, session }: { readonly studio: Studio; readonly session: StageSession }) {
  const state = studio.microphone.state.value
  return (
    <section class="aside">
      <div class="share">
        <h2>{words.share.title}</h2>
        <p class="hint">{words.share.body}</p>
        <div class="link-row">
          <input readOnly value={studio.listenUrl} id="listen-link" aria-label={words.share.title} />
          <CopyButton
            text={studio.listenUrl}
            label={words.share.title}
            copy={words.share.copy}
            copied={words.share.copied}
          />
        </div>
        {session.runsRoom.value && <p class="hint">{words.share.invite}</p>}
      </div>
      <ArrivalsChoice session={session} />
      {state.kind === 'open' && (
        <DeviceChoice
          label={words.microphone.settings}
          microphone={studio.microphone}
          current={state.microphone.deviceId}
          onChosen={() => speakThroughOpen(studio, session)}
        />
      )}
    </section>
  )
}

async function changeMicrophone(studio: Studio, session: StageSession): Promise<void> {
  await studio.microphone.open()
  speakThroughOpen(studio, session)
}

function speakThroughOpen(studio: Studio, session: StageSession): void {
  const state = studio.microphone.state.value
  if (state.kind === 'open') session.useMicrophone(state.microphone)
}
