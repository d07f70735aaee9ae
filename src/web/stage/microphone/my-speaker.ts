// Where the others are heard: the output device of the page's one element, where the browser lets pages choose.

import { signal } from '@preact/signals'
import { recallSpeaker, rememberSpeaker } from '../seat-memory.ts'

/** One for the life of the page. */
export class MySpeaker {
  /** Empty where there is nothing to choose; labels are empty until a microphone was allowed. */
  readonly devices = signal<readonly MediaDeviceInfo[]>([])
  /** Device id; empty for the system's own choice. */
  readonly current = signal('')
  readonly #sound: HTMLAudioElement

  constructor(sound: HTMLAudioElement) {
    this.#sound = sound
    if (!('setSinkId' in sound)) return
    navigator.mediaDevices?.addEventListener('devicechange', () => void this.list())
    const before = recallSpeaker()
    if (before !== undefined) void this.#use(before)
  }

  /** Looks which there are; worth repeating once a microphone is open, because then they have names. */
  async list(): Promise<void> {
    if (!('setSinkId' in this.#sound) || navigator.mediaDevices === undefined) return
    const devices = await navigator.mediaDevices.enumerateDevices().catch(() => [])
    this.devices.value = devices.filter(({ kind, deviceId }) => kind === 'audiooutput' && deviceId !== '')
  }

  /** Plays there, and remembers it for the next time. */
  async choose(deviceId: string): Promise<void> {
    if (await this.#use(deviceId)) rememberSpeaker(deviceId)
  }

  async #use(deviceId: string): Promise<boolean> {
    try {
      await this.#sound.setSinkId(deviceId)
      this.current.value = deviceId
      return true
    } catch {
      // Unplugged since, or not allowed yet: then it plays where the system wants.
      return false
    }
  }
}
