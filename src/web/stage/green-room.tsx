// Before the stage: who I am, whether my microphone works, and that I agree to be recorded. Nobody hears anything.

import { useState } from 'preact/hooks'
import type { Seat } from '../../core/api/api.ts'
import { CheckBox } from '../parts/check-box.tsx'
import { words } from './messages.en.ts'
import { MicrophoneSetup } from './microphone/microphone-setup.tsx'
import { SpeakerChoice } from './microphone/sound-choices.tsx'
import { roomWords } from './room/messages.en.ts'
import { recallName } from './seat-memory.ts'
import { SoundCheckPanel } from './sound-check/sound-check-panel.tsx'
import type { Screen, Studio } from './studio.ts'

const NAME_LENGTH_MAX = 40

export function GreenRoom(props: {
  readonly studio: Studio
  readonly screen: Extract<Screen, { kind: 'green-room' }>
}) {
  const { studio, screen } = props
  const { seat, link } = screen
  const text = words.greenRoom
  const [name, setName] = useState(seat?.name ?? link?.name ?? recallName() ?? '')
  const [agrees, setAgrees] = useState(false)
  const isRecorded = studio.space.value?.recorded === true
  const missing = [
    ...(seat === undefined && name.trim() === '' ? [text.missingName] : []),
    ...(studio.microphone.state.value.kind === 'open' ? [] : [text.missingMicrophone]),
    ...(isRecorded && !agrees ? [text.missingConsent] : []),
  ]
  const role = seat?.role ?? link?.role
  return (
    <form
      class="green-room card"
      onSubmit={(event) => {
        event.preventDefault()
        if (missing.length === 0) void studio.join(name)
      }}
    >
      <p class="lead">
        <strong>{comingAs(role)}.</strong> {text.lead}
      </p>
      {seat === undefined ? (
        <label class="field">
          <span>{text.name}</span>
          <input
            id="name"
            name="name"
            autocomplete="nickname"
            maxLength={NAME_LENGTH_MAX}
            value={name}
            aria-describedby="name-hint"
            onInput={(event) => setName(event.currentTarget.value)}
          />
          <span class="hint" id="name-hint">
            {text.nameHint}
          </span>
        </label>
      ) : (
        <Holder studio={studio} seat={seat} canChange={link !== undefined} />
      )}
      <MicrophoneSetup microphone={studio.microphone} />
      {studio.microphone.state.value.kind === 'open' && (
        <>
          <SpeakerChoice speaker={studio.speaker} />
          <SoundCheckPanel studio={studio} />
        </>
      )}
      {isRecorded && (
        <section class="consent">
          <h2>
            <span class="record-dot" aria-hidden="true" />
            {text.recorded}
          </h2>
          <p>{text.recordedBody}</p>
          <CheckBox id="consent" checked={agrees} onChange={setAgrees}>
            {text.consent}
          </CheckBox>
        </section>
      )}
      {studio.joinFailure.value !== undefined && (
        <p class="problem" role="alert">
          {studio.joinFailure.value}
        </p>
      )}
      <div class="join">
        <button
          type="submit"
          id="join"
          class="primary big"
          disabled={missing.length > 0 || studio.isJoining.value}
          aria-describedby="missing"
        >
          {studio.isJoining.value ? text.joining : seat === undefined ? text.join : text.returnTo}
        </button>
        <p id="missing" class="hint">
          {missing.length > 0 && text.missing(missing)}
        </p>
      </div>
    </form>
  )
}

function Holder(props: { readonly studio: Studio; readonly seat: Seat; readonly canChange: boolean }) {
  return (
    <div class="holder">
      <p>{words.greenRoom.back(props.seat.name)}</p>
      {props.canChange && (
        <button type="button" class="quiet" onClick={() => props.studio.becomeSomebodyElse()}>
          {words.greenRoom.somebodyElse}
        </button>
      )}
    </div>
  )
}

function comingAs(role: Seat['role'] | undefined): string {
  if (role === 'cohost') return roomWords.asCohost
  return role === 'host' ? words.greenRoom.asHost : words.greenRoom.asSpeaker
}
