// Which seat this browser holds, and whether this tab was on stage with it. The cookie is the authority; these
// are only names, so that a reload knows what to ask for. Storage may be forbidden: then a reload asks for the link.

import type { SeatId, SpaceId } from '../../base/ids.ts'
import { SOUND_FINDINGS, type SoundFinding } from '../../core/sound-check/sound-check.ts'
import { ALL_ON, VOICE_SWITCHES, type VoiceSwitches } from './microphone/microphone.ts'

const seatKey = (space: SpaceId) => `mimbar-seat:${space}`
const onStageKey = (space: SpaceId) => `mimbar-on-stage:${space}`
const mutedKey = (space: SpaceId) => `mimbar-muted:${space}`
const NAME_KEY = 'mimbar-name'
const DEVICE_KEY = 'mimbar-microphone'

/** The seat that this browser last took in `space`. */
export const recallSeat = (space: SpaceId) => read(() => localStorage, seatKey(space)) as SeatId | undefined

export function rememberSeat(space: SpaceId, seat: SeatId): void {
  write(() => localStorage, seatKey(space), seat)
}

export function forgetSeat(space: SpaceId): void {
  write(() => localStorage, seatKey(space), undefined)
  write(() => sessionStorage, onStageKey(space), undefined)
  write(() => localStorage, mutedKey(space), undefined)
}

/**
 * True when the microphone of this seat was closed here last. The server may not have learned of it: then a reload
 * would find an open seat, and the microphone would open by itself.
 */
export const wasMuted = (space: SpaceId, seat: SeatId) => read(() => localStorage, mutedKey(space)) === seat

export function rememberMuted(space: SpaceId, seat: SeatId, muted: boolean): void {
  write(() => localStorage, mutedKey(space), muted ? seat : undefined)
}

/** True when this very tab was on stage before it was reloaded: only then may it go back without being asked. */
export const wasOnStage = (space: SpaceId, seat: SeatId) =>
  read(() => sessionStorage, onStageKey(space)) === seat

export function markOnStage(space: SpaceId, seat: SeatId | undefined): void {
  write(() => sessionStorage, onStageKey(space), seat)
}

/** What the person called themselves last time, in whatever space. */
export const recallName = () => read(() => localStorage, NAME_KEY)
export const rememberName = (name: string) => write(() => localStorage, NAME_KEY, name)

/** The microphone chosen last; an opaque id that the browser gives to this site alone. */
export const recallDevice = () => read(() => localStorage, DEVICE_KEY)
export const rememberDevice = (device: string) => write(() => localStorage, DEVICE_KEY, device)

const SPEAKER_KEY = 'mimbar-speaker'
/** The loudspeaker chosen last. */
export const recallSpeaker = () => read(() => localStorage, SPEAKER_KEY)
export const rememberSpeaker = (device: string) => write(() => localStorage, SPEAKER_KEY, device)

const SWITCHES_KEY = 'mimbar-voice-off'
/** Only what was switched off is written down, so that what comes later is on. */
export function recallSwitches(): VoiceSwitches {
  const off = new Set(read(() => localStorage, SWITCHES_KEY)?.split(' '))
  return Object.fromEntries(
    VOICE_SWITCHES.map((name) => [name, ALL_ON[name] && !off.has(name)]),
  ) as VoiceSwitches
}
export function rememberSwitches(switches: VoiceSwitches): void {
  const off = VOICE_SWITCHES.filter((name) => !switches[name])
  write(() => localStorage, SWITCHES_KEY, off.length === 0 ? undefined : off.join(' '))
}

const STRONG_KEY = 'mimbar-strong-suppression'
/** Whether RNNoise was wanted last. */
export const recallStrongSuppression = () => read(() => localStorage, STRONG_KEY) === 'on'
export const rememberStrongSuppression = (on: boolean) =>
  write(() => localStorage, STRONG_KEY, on ? 'on' : undefined)

const checkKey = (space: SpaceId) => `mimbar-sound-check:${space}`
/** What this tab's newest sound check found; empty for fine, undefined when there was none. */
export function recallFindings(space: SpaceId): readonly SoundFinding[] | undefined {
  const text = read(() => sessionStorage, checkKey(space))
  return text === undefined ? undefined : SOUND_FINDINGS.filter((one) => text.split(' ').includes(one))
}
export function rememberFindings(space: SpaceId, found: readonly SoundFinding[] | undefined): void {
  write(() => sessionStorage, checkKey(space), found?.join(' '))
}

// The storages are reached through functions because touching them at all throws where they are forbidden.
function read(storage: () => Storage, key: string): string | undefined {
  try {
    return storage().getItem(key) ?? undefined
  } catch {
    return undefined
  }
}

function write(storage: () => Storage, key: string, value: string | undefined): void {
  try {
    if (value === undefined) storage().removeItem(key)
    else storage().setItem(key, value)
  } catch {
    // Forbidden or full. The page works on; only a reload will ask for the link again.
  }
}
