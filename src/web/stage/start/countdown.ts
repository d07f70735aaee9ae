// The last seconds before a program that begins by itself, to be heard: whoever is about to speak looks at the people,
// not at the clock.

import { type Note, playNotes } from '../../parts/notes.ts'

/** How long before the start the first one sounds. */
export const COUNTDOWN_MS = 5_000

/** One a second, and a longer, higher one at the start. What is past is left out. */
export function beepsBefore(leftMs: number): readonly Note[] {
  const beeps: Note[] = []
  for (let beforeMs = COUNTDOWN_MS; beforeMs >= 0; beforeMs -= 1_000) {
    const inMs = leftMs - beforeMs
    const isStart = beforeMs === 0
    if (inMs >= 0) beeps.push({ inMs, frequencyHz: isStart ? 880 : 587, durationMs: isStart ? 350 : 90 })
  }
  return beeps
}

/** Plays them; returns the way to stop. */
export const playCountdown = (leftMs: number): (() => void) => playNotes(beepsBefore(leftMs))
