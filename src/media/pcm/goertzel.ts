// The strength of one frequency in a stretch of samples, without a whole spectrum: how tests and probes hear a tone.

import { SAMPLE_RATE_HZ } from '../../base/units.ts'

/**
 * Amplitude of the sine at `hz` in `samples`: 1 for a full-scale sine that fills them. Leakage from other tones is
 * least when both fit a whole number of periods.
 */
export function toneAmplitude(
  samples: Float32Array,
  hz: number,
  sampleRateHz: number = SAMPLE_RATE_HZ,
): number {
  if (samples.length === 0) return 0
  const omega = (2 * Math.PI * hz) / sampleRateHz
  const coefficient = 2 * Math.cos(omega)
  let newest = 0
  let older = 0
  for (let i = 0; i < samples.length; i++) {
    const value = (samples[i] as number) + coefficient * newest - older
    older = newest
    newest = value
  }
  const power = newest * newest + older * older - coefficient * newest * older
  return (2 * Math.sqrt(Math.max(0, power))) / samples.length
}
