// What listeners hear while nobody is on air: two soft bell notes, a fifth apart, every five seconds. Our own
// arithmetic, so that there is no recording to license, and quiet enough to wait with.

import { SAMPLE_RATE_HZ } from '../../base/units.ts'

/** The pattern repeats after this many seconds; every note has died away by then. */
export const CHIME_LOOP_SECONDS = 10
/** Peak of one note: −26 dBFS. */
const NOTE_PEAK = 0.05
const ATTACK_SECONDS = 0.03
const DECAY_SECONDS = 0.9

interface Note {
  readonly startSeconds: number
  readonly hz: number
}

/** D5, then A4; five seconds later A4, then D5. */
const NOTES: readonly Note[] = [
  { startSeconds: 0.5, hz: 587.33 },
  { startSeconds: 1.1, hz: 440 },
  { startSeconds: 5.5, hz: 440 },
  { startSeconds: 6.1, hz: 587.33 },
]
/** A bell's partials: overtone, share of the peak, and how much faster it dies. */
const PARTIALS = [
  [1, 0.72, 1],
  [2, 0.2, 1.8],
  [3, 0.08, 3],
] as const

/** One loop of the chime, mono at 48 kHz. */
export function chime(): Float32Array {
  const sound = new Float32Array(CHIME_LOOP_SECONDS * SAMPLE_RATE_HZ)
  for (const note of NOTES) {
    for (let i = Math.round(note.startSeconds * SAMPLE_RATE_HZ); i < sound.length; i++) {
      const seconds = i / SAMPLE_RATE_HZ - note.startSeconds
      sound[i] = (sound[i] as number) + bell(note.hz, seconds)
    }
  }
  return sound
}

function bell(hz: number, seconds: number): number {
  const attack = Math.min(1, seconds / ATTACK_SECONDS)
  let value = 0
  for (const [overtone, share, speed] of PARTIALS) {
    value +=
      share * Math.sin(2 * Math.PI * hz * overtone * seconds) * Math.exp((-seconds * speed) / DECAY_SECONDS)
  }
  // A raised cosine: a note that begins without a click.
  return NOTE_PEAK * (0.5 - 0.5 * Math.cos(Math.PI * attack)) * value
}
