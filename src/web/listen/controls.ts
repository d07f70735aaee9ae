// What the listener can press, beside the big button: volume, share, and the replay's position and speed.

import { clockText } from './durations.ts'
import type { messages } from './messages.en.ts'
import { setText } from './people.ts'
import { shareLink } from './share.ts'
import { byId } from './view.ts'

type Words = typeof messages

const VOLUME_KEY = 'mimbar.volume'
/** One press of the replay's jump buttons. */
export const JUMP_SECONDS = 15

/** Volume and mute; hidden where the system keeps the volume to itself (iOS). */
export function wireVolume(audio: HTMLAudioElement, words: Words): void {
  const slider = byId<HTMLInputElement>('volume')
  const mute = byId<HTMLButtonElement>('mute')
  audio.volume = 0.5
  slider.hidden = audio.volume !== 0.5
  audio.volume = readVolume()
  const show = () => {
    const silent = audio.muted || audio.volume === 0
    slider.value = String(audio.muted ? 0 : audio.volume)
    fill(slider)
    mute.querySelector('use')!.setAttribute('href', silent ? '#i-silent' : '#i-sound')
    setText(mute.lastElementChild, silent ? words.unmute : words.mute)
  }
  slider.addEventListener('input', () => {
    audio.muted = false
    audio.volume = Number(slider.value)
    writeVolume(audio.volume)
  })
  mute.addEventListener('click', () => {
    audio.muted = !audio.muted
    if (!audio.muted && audio.volume === 0) audio.volume = 0.6
  })
  audio.addEventListener('volumechange', show)
  show()
}

function readVolume(): number {
  try {
    const volume = Number(localStorage.getItem(VOLUME_KEY) ?? 1)
    return volume >= 0 && volume <= 1 ? volume : 1
  } catch {
    // Storage may be forbidden; then the volume is full again.
    return 1
  }
}

function writeVolume(volume: number): void {
  try {
    localStorage.setItem(VOLUME_KEY, String(volume))
  } catch {
    // As above: it is only a comfort.
  }
}

/** Shares the page itself. */
export function wireShare(title: string, words: Words): void {
  const button = byId<HTMLButtonElement>('share')
  const label = button.lastElementChild
  button.addEventListener('click', async () => {
    const shared = await shareLink(title, location.origin + location.pathname, words.copyThis)
    if (shared !== 'copied') return
    setText(label, words.linkCopied)
    setTimeout(() => setText(label, words.share), 2_500)
  })
}

/** Position, jumps and speed of the replay. */
export function wireReplay(audio: HTMLAudioElement, words: Words): void {
  const seek = byId<HTMLInputElement>('seek')
  const speed = byId<HTMLSelectElement>('speed')
  let dragging = false
  const show = () => {
    if (byId('seek-row').hidden || !Number.isFinite(audio.duration)) return
    const at = dragging ? Number(seek.value) : audio.currentTime
    seek.max = String(Math.floor(audio.duration))
    if (!dragging) seek.value = String(Math.floor(at))
    fill(seek)
    const [position, whole] = [clockText(at * 1000), clockText(audio.duration * 1000)]
    setText(byId('position'), position)
    setText(byId('duration'), whole)
    seek.setAttribute('aria-valuetext', words.positionOf(position, whole))
  }
  seek.addEventListener('input', () => {
    dragging = true
    show()
  })
  seek.addEventListener('change', () => {
    dragging = false
    audio.currentTime = Number(seek.value)
  })
  byId('back-15').addEventListener('click', () => jump(audio, -JUMP_SECONDS))
  byId('forward-15').addEventListener('click', () => jump(audio, JUMP_SECONDS))
  speed.addEventListener('change', () => {
    audio.defaultPlaybackRate = Number(speed.value)
    audio.playbackRate = Number(speed.value)
  })
  for (const event of ['timeupdate', 'durationchange', 'seeked']) audio.addEventListener(event, show)
}

/** Moves within what there is. */
export function jump(audio: HTMLAudioElement, seconds: number): void {
  const end = Number.isFinite(audio.duration) ? audio.duration : audio.currentTime
  audio.currentTime = Math.min(end, Math.max(0, audio.currentTime + seconds))
}

/** Colours a slider up to its thumb. */
function fill(slider: HTMLInputElement): void {
  slider.style.setProperty('--fill', `${(100 * Number(slider.value)) / (Number(slider.max) || 1)}%`)
}
