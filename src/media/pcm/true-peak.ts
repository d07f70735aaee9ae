// The peak of the wave that the samples stand for: between two samples it may be higher than both, and a converter
// or a codec will go there. Estimated at four times the rate, after ITU-R BS.1770-5, annex 2: each sample, and three
// points between it and the next, from six samples on either side.

/** Samples that one estimate needs: six before and six after the points between. */
export const TRUE_PEAK_TAPS = 12
const HALF = TRUE_PEAK_TAPS / 2
const PHASES: readonly Float64Array[] = [0.25, 0.5, 0.75].map(interpolator)
/** No point between samples is higher than this times the highest of the samples around it. */
const OVERSHOOT_MAX = Math.max(...PHASES.map((taps) => taps.reduce((sum, tap) => sum + Math.abs(tap), 0)))

/**
 * The true peak of `line` from `from` to `to`: of those samples, and of the points that they are the last to decide,
 * which lie six samples back. `from` is at least 11. When no point can be above `ceiling`, what is returned is some
 * number that is not above it either.
 */
export function truePeakOf(
  line: Float32Array | Float64Array,
  from: number,
  to: number,
  ceiling: number,
): number {
  let peak = 0
  for (let i = from - TRUE_PEAK_TAPS + 1; i < to; i++) {
    const magnitude = Math.abs(line[i] as number)
    if (magnitude > peak) peak = magnitude
  }
  // Most speech is far below the ceiling: it is not worth sixteen thousand multiplications.
  if (peak * OVERSHOOT_MAX <= ceiling) return peak
  return between(line, from, to)
}

function between(line: Float32Array | Float64Array, from: number, to: number): number {
  let peak = 0
  for (let i = from; i < to; i++) {
    peak = Math.max(peak, Math.abs(line[i] as number))
    const first = i - TRUE_PEAK_TAPS + 1
    for (const taps of PHASES) {
      let sum = 0
      for (let k = 0; k < TRUE_PEAK_TAPS; k++) sum += (taps[k] as number) * (line[first + k] as number)
      if (sum > peak) peak = sum
      else if (-sum > peak) peak = -sum
    }
  }
  return peak
}

/** A Hann-windowed sinc that reads the wave `fraction` of a sample after its sixth sample. */
function interpolator(fraction: number): Float64Array {
  const taps = new Float64Array(TRUE_PEAK_TAPS)
  for (let k = 0; k < TRUE_PEAK_TAPS; k++) {
    const distance = Math.PI * (k - (HALF - 1) - fraction)
    // Somewhat wider than the samples, so that the outermost still say something.
    const window = 0.5 + 0.5 * Math.cos(distance / (HALF + 0.5))
    taps[k] = (Math.sin(distance) / distance) * window
  }
  const sum = taps.reduce((total, tap) => total + tap, 0)
  return taps.map((tap) => tap / sum)
}
