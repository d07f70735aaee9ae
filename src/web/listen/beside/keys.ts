// Keys for the player, while the focus is in it: single letters that work everywhere would be in the way of who speaks
// to a computer, or types with a switch (WCAG 2.1.4).
//
//   M mute · ↑ ↓ volume · L back to live · ← → in the replay

import { byId } from '../view.ts'

const VOLUME_STEP = 0.05
const JUMP_SECONDS = 15

export interface KeyActions {
  readonly isReplay: () => boolean
  readonly jump: (seconds: number) => void
}

export function wireKeys(
  audio: HTMLAudioElement,
  volumeAt: (percent: number) => string,
  act: KeyActions,
): void {
  const slider = byId<HTMLInputElement>('volume')
  const mute = byId('mute')
  const player = mute.closest('section') as HTMLElement
  mute.setAttribute('aria-keyshortcuts', 'M')
  const sayVolume = () => {
    slider.setAttribute('aria-valuetext', volumeAt(audio.muted ? 0 : Math.round(audio.volume * 100)))
  }
  audio.addEventListener('volumechange', sayVolume)
  sayVolume()
  const louder = (by: number) => {
    slider.value = String(Math.min(1, Math.max(0, audio.volume + by)))
    slider.dispatchEvent(new Event('input'))
  }
  const onKey = (key: string): boolean => {
    if (key === 'm' || key === 'M') mute.click()
    else if (key === 'ArrowUp' && !slider.hidden) louder(VOLUME_STEP)
    else if (key === 'ArrowDown' && !slider.hidden) louder(-VOLUME_STEP)
    else if ((key === 'l' || key === 'L') && !byId('back-to-live').hidden) byId('back-to-live').click()
    else if (key === 'ArrowLeft' && act.isReplay()) act.jump(-JUMP_SECONDS)
    else if (key === 'ArrowRight' && act.isReplay()) act.jump(JUMP_SECONDS)
    else return false
    return true
  }
  player.addEventListener('keydown', (event) => {
    const { key, target, ctrlKey, altKey, metaKey } = event
    const hasKeysOfItsOwn = target instanceof HTMLInputElement || target instanceof HTMLSelectElement
    // A slider keeps its arrows; letters mean nothing to it.
    if (ctrlKey || altKey || metaKey || (hasKeysOfItsOwn && key.startsWith('Arrow'))) return
    if (target instanceof HTMLSelectElement) return
    if (onKey(key)) event.preventDefault()
  })
}
