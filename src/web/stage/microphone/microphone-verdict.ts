// One plain word about a microphone, from the loudness of the last seconds. People fix what they can name.

/** Loudness of one short stretch of samples, in dB below full scale: 0 is the loudest there is. */
export interface Loudness {
  readonly rmsDb: number
  readonly peakDb: number
}

export type Verdict =
  /** Too little was heard yet to judge. */
  | 'listening'
  /** Nothing but zeros: switched off, or the wrong device. */
  | 'silent'
  /** Speech may be in there, but too far away. */
  | 'quiet'
  /** So loud that the tops are cut off. */
  | 'clipping'
  | 'good'

/** The meter measures this often. */
export const MEASURE_EVERY_MS = 50
/** A verdict looks this far back. */
export const WINDOW_MEASURES = 100
const CLIPPED_DB = -0.4
const CLIPPED_MEASURES = 3
const SPEECH_DB = -38
const SPEECH_MEASURES = 4
const DEAD_DB = -75
/** Nobody is called quiet before having had this long to say something. */
const PATIENCE_MEASURES = 80

/** `recent`: the newest measures, oldest first; only the last {@link WINDOW_MEASURES} count. */
export function judge(recent: readonly Loudness[]): Verdict {
  const window = recent.slice(-WINDOW_MEASURES)
  const clipped = window.filter(({ peakDb }) => peakDb >= CLIPPED_DB).length
  if (clipped >= CLIPPED_MEASURES) return 'clipping'
  const speech = window.filter(({ rmsDb }) => rmsDb >= SPEECH_DB).length
  if (speech >= SPEECH_MEASURES) return 'good'
  if (window.length < PATIENCE_MEASURES) return 'listening'
  return window.every(({ peakDb }) => peakDb <= DEAD_DB) ? 'silent' : 'quiet'
}

/** Measures samples in −1…1; digital silence is −120 dB, not −∞. */
export function measure(pcm: Float32Array): Loudness {
  let sum = 0
  let peak = 0
  for (const sample of pcm) {
    sum += sample * sample
    peak = Math.max(peak, Math.abs(sample))
  }
  return { rmsDb: decibels(Math.sqrt(sum / Math.max(1, pcm.length))), peakDb: decibels(peak) }
}

/** Where a meter's needle stands, 0…1: 0 at −60 dB and below, 1 at full scale. */
export function needle(db: number): number {
  return Math.min(1, Math.max(0, (db + 60) / 60))
}

function decibels(amplitude: number): number {
  return Math.max(-120, 20 * Math.log10(Math.max(amplitude, 1e-6)))
}
