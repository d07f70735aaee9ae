// My microphone, to be heard: up when it opens, down when it closes, whoever closed it. One need not look.

import { type Note, playNotes } from '../../parts/notes.ts'

const LOW_HZ = 440
const HIGH_HZ = 660
/** Short enough to be over before one has drawn breath. */
const NOTE_MS = 70

/** Two notes: a fifth up for open, the same down for closed. */
export function microphoneCue(isOpen: boolean): readonly Note[] {
  return (isOpen ? [LOW_HZ, HIGH_HZ] : [HIGH_HZ, LOW_HZ]).map((frequencyHz, index) => ({
    inMs: index * NOTE_MS,
    frequencyHz,
    durationMs: NOTE_MS,
  }))
}

export function playMicrophoneCue(isOpen: boolean): void {
  playNotes(microphoneCue(isOpen))
}
