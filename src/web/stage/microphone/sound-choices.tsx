// What else may be chosen of one's sound: where it is heard, and what the browser does to it on its way.

import { useEffect } from 'preact/hooks'
import { CheckBox } from '../../parts/check-box.tsx'
import { words } from '../messages.en.ts'
import { VOICE_SWITCHES } from './microphone.ts'
import type { MyMicrophone } from './my-microphone.ts'
import type { MySpeaker } from './my-speaker.ts'

/** Nothing to choose from means no choice is shown. */
export function SpeakerChoice({ speaker }: { readonly speaker: MySpeaker }) {
  useEffect(() => void speaker.list(), [speaker])
  const devices = speaker.devices.value
  if (devices.length < 2) return null
  const known = devices.some(({ deviceId }) => deviceId === speaker.current.value)
  return (
    <label class="field">
      <span>{words.soundChoices.speaker}</span>
      <select
        id="speaker"
        value={known ? speaker.current.value : devices[0]?.deviceId}
        onChange={(event) => void speaker.choose(event.currentTarget.value)}
      >
        {devices.map((device, index) => (
          <option key={device.deviceId} value={device.deviceId}>
            {device.label === '' ? words.soundChoices.speakerUnnamed(index + 1) : device.label}
          </option>
        ))}
      </select>
    </label>
  )
}

/** The browser's own processing, and RNNoise. Each change opens the microphone anew, because not every browser changes it live. */
export function ProcessingChoice({ microphone }: { readonly microphone: MyMicrophone }) {
  const text = words.soundChoices
  if (microphone.processing === 'raw') return <p class="hint">{words.greenRoom.raw}</p>
  const state = microphone.state.value
  const strong = state.kind === 'open' ? state.microphone.strongSuppression : 'off'
  return (
    <details class="processing" data-strong-suppression={strong}>
      <summary>{text.processing}</summary>
      {VOICE_SWITCHES.map((name) => (
        <CheckBox
          key={name}
          id={name}
          checked={microphone.switches.value[name]}
          onChange={(checked) => void microphone.switchProcessing(name, checked)}
        >
          {text[name].title}
          <span class="hint">{text[name].hint}</span>
        </CheckBox>
      ))}
      <CheckBox
        id="strongSuppression"
        checked={microphone.strongSuppression.value}
        onChange={(checked) => void microphone.switchStrongSuppression(checked)}
      >
        {text.strongSuppression.title}
        <span class="hint" role="status">
          {strong === 'unavailable' ? text.strongSuppression.cannot : text.strongSuppression.hint}
        </span>
      </CheckBox>
    </details>
  )
}
