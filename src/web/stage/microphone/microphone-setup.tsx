// The microphone in the green room: opened by a press, seen to move before anybody hears it, judged in plain words.

import { CheckIcon, MicrophoneIcon, WarningIcon } from '../../parts/icons.tsx'
import { words } from '../messages.en.ts'
import { Meter } from './meter.tsx'
import type { CaptureFailure } from './microphone.ts'
import type { MyMicrophone } from './my-microphone.ts'
import { ProcessingChoice } from './sound-choices.tsx'

export function MicrophoneSetup({ microphone }: { readonly microphone: MyMicrophone }) {
  const state = microphone.state.value
  return (
    <section class="microphone-setup" aria-labelledby="microphone-title">
      <h2 id="microphone-title">{words.greenRoom.microphone}</h2>
      {(state.kind === 'off' || state.kind === 'asking') && (
        <button
          type="button"
          id="microphone-on"
          disabled={state.kind === 'asking'}
          onClick={() => void microphone.open()}
        >
          <MicrophoneIcon />
          {state.kind === 'asking' ? words.greenRoom.asking : words.greenRoom.turnOn}
        </button>
      )}
      {state.kind === 'failed' && <Failure why={state.why} onRetry={() => void microphone.open()} />}
      {state.kind === 'open' && (
        <>
          <Meter level={microphone.level} label={words.greenRoom.level} />
          <VerdictLine microphone={microphone} />
          <DeviceChoice
            label={words.greenRoom.device}
            microphone={microphone}
            current={state.microphone.deviceId}
          />
          <ProcessingChoice microphone={microphone} />
        </>
      )}
    </section>
  )
}

/** Why the microphone did not open, what that means, and what to do. */
export function Failure({ why, onRetry }: { readonly why: CaptureFailure; onRetry(): void }) {
  const text = words.captureFailures[why]
  return (
    <div class="trouble" role="alert" data-failure={why}>
      <WarningIcon />
      <div>
        <h3>{text.title}</h3>
        <p>{text.body}</p>
        <p>{text.fix}</p>
        {why !== 'insecure' && (
          <button type="button" onClick={onRetry}>
            {words.tryAgain}
          </button>
        )}
      </div>
    </div>
  )
}

function VerdictLine({ microphone }: { readonly microphone: MyMicrophone }) {
  const trouble = microphone.trouble.value
  const verdict = microphone.verdict.value
  const isGood = trouble === 'none' && verdict === 'good'
  const isBad = trouble !== 'none' || verdict === 'silent' || verdict === 'quiet' || verdict === 'clipping'
  const text =
    trouble === 'gone'
      ? words.microphone.gone
      : trouble === 'system-muted'
        ? words.microphone.systemMuted
        : words.verdicts[verdict]
  return (
    <p
      id="verdict"
      class={isGood ? 'verdict good' : isBad ? 'verdict bad' : 'verdict'}
      data-verdict={trouble === 'none' ? verdict : trouble}
      aria-live="polite"
    >
      {isGood && <CheckIcon />}
      {isBad && <WarningIcon />}
      {text}
    </p>
  )
}

/** Nothing to choose from means no choice is shown. */
export function DeviceChoice(props: {
  readonly label: string
  readonly microphone: MyMicrophone
  readonly current: string
  onChosen?(): void
}) {
  const devices = props.microphone.devices.value
  if (devices.length < 2) return null
  return (
    <label class="field">
      <span>{props.label}</span>
      <select
        id="device"
        value={props.current}
        onChange={async (event) => {
          await props.microphone.choose(event.currentTarget.value)
          props.onChosen?.()
        }}
      >
        {devices.map((device, index) => (
          <option key={device.deviceId} value={device.deviceId}>
            {device.label === '' ? words.greenRoom.deviceUnnamed(index + 1) : device.label}
          </option>
        ))}
      </select>
    </label>
  )
}
