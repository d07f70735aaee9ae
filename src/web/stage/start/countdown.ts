// The last seconds before a program that begins by itself, to be heard: whoever is about to speak looks at the people,
// not at the clock. Played in the page alone; it is in no program.

export interface Beep {
  /** From now. */
  readonly inMs: number
  readonly frequencyHz: number
  readonly durationMs: number
}

/** How long before the start the first one sounds. */
export const COUNTDOWN_MS = 5_000
/** Quiet, beside the others' voices. */
const GAIN = 0.06
/** Softer than an edge of the wave, which would click. */
const RAMP_MS = 8

/** One a second, and a longer, higher one at the start. What is past is left out. */
export function beepsBefore(leftMs: number): readonly Beep[] {
  const beeps: Beep[] = []
  for (let beforeMs = COUNTDOWN_MS; beforeMs >= 0; beforeMs -= 1_000) {
    const inMs = leftMs - beforeMs
    const isStart = beforeMs === 0
    if (inMs >= 0) beeps.push({ inMs, frequencyHz: isStart ? 880 : 587, durationMs: isStart ? 350 : 90 })
  }
  return beeps
}

/** Plays them; returns the way to stop, which lets one that sounds end. */
export function playCountdown(leftMs: number): () => void {
  const context = new AudioContext()
  for (const { inMs, frequencyHz, durationMs } of beepsBefore(leftMs)) {
    const at = context.currentTime + inMs / 1_000
    const end = at + durationMs / 1_000
    const gain = context.createGain()
    gain.gain.setValueAtTime(0, at)
    gain.gain.linearRampToValueAtTime(GAIN, at + RAMP_MS / 1_000)
    gain.gain.setValueAtTime(GAIN, end - RAMP_MS / 1_000)
    gain.gain.linearRampToValueAtTime(0, end)
    const tone = context.createOscillator()
    tone.frequency.value = frequencyHz
    tone.connect(gain).connect(context.destination)
    tone.start(at)
    tone.stop(end)
  }
  return () => {
    setTimeout(() => void context.close(), 500)
  }
}
