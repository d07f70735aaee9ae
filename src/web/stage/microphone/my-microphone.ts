// My microphone as the page shows it: off, being asked for, open with a level and a verdict, or failed with a
// reason. One for the life of the page; the green room opens it and the stage speaks through it.

import { signal } from '@preact/signals'
import {
  recallDevice,
  recallStrongSuppression,
  recallSwitches,
  rememberDevice,
  rememberStrongSuppression,
  rememberSwitches,
} from '../seat-memory.ts'
import {
  type CaptureFailure,
  listMicrophones,
  type Microphone,
  openMicrophone,
  type Processing,
  type VoiceSwitch,
  watchLoudness,
} from './microphone.ts'
import { judge, type Loudness, needle, type Verdict, WINDOW_MEASURES } from './microphone-verdict.ts'

export type MicrophoneState =
  | { readonly kind: 'off' }
  | { readonly kind: 'asking' }
  | { readonly kind: 'open'; readonly microphone: Microphone }
  | { readonly kind: 'failed'; readonly why: CaptureFailure }

/** How fast the needle falls, a measure; it rises at once. */
const NEEDLE_FALL = 0.06

export class MyMicrophone {
  readonly state = signal<MicrophoneState>({ kind: 'off' })
  readonly devices = signal<readonly MediaDeviceInfo[]>([])
  readonly verdict = signal<Verdict>('listening')
  /** 0…1, twenty times a second while open. */
  readonly level = signal(0)
  /** The device is gone, or the system under the browser has silenced it. */
  readonly trouble = signal<'none' | 'gone' | 'system-muted'>('none')
  readonly processing: Processing
  readonly switches = signal(recallSwitches())
  /** Whether RNNoise is wanted in the place of the browser's own noise suppression. */
  readonly strongSuppression = signal(recallStrongSuppression())
  #recent: Loudness[] = []
  #stopWatching: () => void = () => {}

  constructor(processing: Processing) {
    this.processing = processing
    navigator.mediaDevices?.addEventListener('devicechange', () => void this.#list())
  }

  /** Opens the chosen microphone, or `deviceId`; what was open before closes after the new one opened. */
  async open(deviceId: string | undefined = recallDevice()): Promise<Microphone | undefined> {
    const before = this.state.value
    if (before.kind === 'asking') return undefined
    if (before.kind !== 'open') this.state.value = { kind: 'asking' }
    const capture = await openMicrophone({
      deviceId,
      processing: this.processing,
      switches: this.switches.value,
      strongSuppression: this.strongSuppression.value,
    })
    if (before.kind === 'open') this.#letGo(before.microphone)
    if (capture.kind === 'failed') {
      this.state.value = capture
      return undefined
    }
    this.state.value = capture
    this.#watch(capture.microphone)
    await this.#list()
    return capture.microphone
  }

  /** Opens the one that the person picked, and remembers it for the next time. */
  async choose(deviceId: string): Promise<Microphone | undefined> {
    rememberDevice(deviceId)
    return await this.open(deviceId)
  }

  /** Turns a part of the browser's processing on or off, and remembers that. */
  async switchProcessing(which: VoiceSwitch, on: boolean): Promise<void> {
    this.switches.value = { ...this.switches.value, [which]: on }
    rememberSwitches(this.switches.value)
    await this.#reopen()
  }

  /** Turns RNNoise on or off, and remembers that. */
  async switchStrongSuppression(on: boolean): Promise<void> {
    this.strongSuppression.value = on
    rememberStrongSuppression(on)
    await this.#reopen()
  }

  /** The light goes out. */
  close(): void {
    if (this.state.value.kind === 'open') this.#letGo(this.state.value.microphone)
    this.state.value = { kind: 'off' }
  }

  async #reopen(): Promise<void> {
    if (this.state.value.kind === 'open') await this.open(this.state.value.microphone.deviceId)
  }

  #watch(microphone: Microphone): void {
    this.#recent = []
    this.verdict.value = 'listening'
    const { deviceTrack: track } = microphone
    this.trouble.value = track.muted ? 'system-muted' : 'none'
    track.addEventListener('ended', () => this.#says(microphone, 'gone'))
    track.addEventListener('mute', () => this.#says(microphone, 'system-muted'))
    track.addEventListener('unmute', () => this.#says(microphone, 'none'))
    this.#stopWatching = watchLoudness(microphone.stream, (loudness) => {
      this.#recent.push(loudness)
      if (this.#recent.length > WINDOW_MEASURES) this.#recent.shift()
      this.verdict.value = judge(this.#recent)
      this.level.value = Math.max(needle(loudness.rmsDb), this.level.value - NEEDLE_FALL)
    })
  }

  #says(microphone: Microphone, trouble: 'none' | 'gone' | 'system-muted'): void {
    if (this.state.value.kind === 'open' && this.state.value.microphone === microphone)
      this.trouble.value = trouble
  }

  #letGo(microphone: Microphone): void {
    this.#stopWatching()
    this.level.value = 0
    microphone.stop()
  }

  async #list(): Promise<void> {
    this.devices.value = await listMicrophones()
  }
}
