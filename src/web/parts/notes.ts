// The short sounds that a page makes itself. They play in the page alone, and are in no program.

/** A tone of a sine. */
export interface Note {
  /** From now. */
  readonly inMs: number
  readonly frequencyHz: number
  readonly durationMs: number
}

/** Quiet, beside voices. */
const GAIN = 0.06
/** Softer than an edge of the wave, which would click. */
const RAMP_MS = 8
/** What sounds is let end before its device is given back. */
const LETTING_END_MS = 500

/** Plays them; returns the way to stop, which lets one that sounds end. After the last it has stopped by itself. */
export function playNotes(notes: readonly Note[]): () => void {
  if (notes.length === 0) return () => {}
  const context = new AudioContext()
  for (const { inMs, frequencyHz, durationMs } of notes) {
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
  const stop = (afterMs: number) =>
    setTimeout(() => {
      if (context.state !== 'closed') void context.close()
    }, afterMs)
  const lastEndMs = Math.max(...notes.map(({ inMs, durationMs }) => inMs + durationMs))
  const timer = stop(lastEndMs + LETTING_END_MS)
  return () => {
    clearTimeout(timer)
    stop(LETTING_END_MS)
  }
}
