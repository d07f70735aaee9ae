// Is this voice in what was heard, and when was it said? Cross-correlation by FFT: the codec and the mix change a
// voice's timbre a little, but not which moment of the recording it is, so the true lag stands out like a needle.

/** How clearly `voice` stands out of `heard`. */
export interface Recognition {
  /** Height of the best lag over the standard deviation of all lags. Chance reaches about 5; a voice 15 and more. */
  readonly score: number
  /** Where in `voice` the first sample of `heard` was said, in samples; negative when before its start. */
  readonly lag: number
}

/** Searches `heard` in `voice` (both mono, at the same rate). */
export function recognise(heard: Float32Array, voice: Float32Array): Recognition {
  const size = 2 ** Math.ceil(Math.log2(heard.length + voice.length))
  const a = spectrum(emphasise(voice), size)
  const b = spectrum(emphasise(heard), size)
  for (let i = 0; i < size; i++) {
    const re = a.re[i]! * b.re[i]! + a.im[i]! * b.im[i]!
    const im = a.im[i]! * b.re[i]! - a.re[i]! * b.im[i]!
    // Half-whitened (PHAT-β): strong vowels do not drown the consonants that tell moments apart.
    const weight = Math.sqrt(Math.hypot(re, im)) + 1e-12
    a.re[i] = re / weight
    a.im[i] = im / weight
  }
  fft(a.re, a.im, true)
  return needle(a.re)
}

/** Keeps every `factor`-th sample of a low-passed signal (moving average: enough to compare voices by). */
export function decimate(pcm: Float32Array, factor: number): Float32Array {
  const out = new Float32Array(Math.floor(pcm.length / factor))
  for (let i = 0; i < out.length; i++) {
    let sum = 0
    for (let k = 0; k < factor; k++) sum += pcm[i * factor + k]!
    out[i] = sum / factor
  }
  return out
}

function needle(correlation: Float64Array): Recognition {
  let best = 0
  let square = 0
  for (let i = 0; i < correlation.length; i++) {
    square += correlation[i]! ** 2
    if (correlation[i]! > correlation[best]!) best = i
  }
  const deviation = Math.sqrt(square / correlation.length)
  const lag = best > correlation.length / 2 ? best - correlation.length : best
  return { score: deviation === 0 ? 0 : correlation[best]! / deviation, lag }
}

/** First difference: takes away rumble and offset. */
function emphasise(pcm: Float32Array): Float32Array {
  return pcm.map((value, i) => value - 0.95 * (pcm[i - 1] ?? 0))
}

function spectrum(pcm: Float32Array, size: number): { re: Float64Array; im: Float64Array } {
  const re = new Float64Array(size)
  re.set(pcm)
  const im = new Float64Array(size)
  fft(re, im, false)
  return { re, im }
}

/** In place, radix 2 (Cooley–Tukey); unscaled in both directions, since only proportions matter here. */
function fft(re: Float64Array, im: Float64Array, inverse: boolean): void {
  const n = re.length
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1
    for (; j & bit; bit >>= 1) j ^= bit
    j ^= bit
    if (i < j) {
      ;[re[i], re[j]] = [re[j]!, re[i]!]
      ;[im[i], im[j]] = [im[j]!, im[i]!]
    }
  }
  for (let length = 2; length <= n; length *= 2) {
    const angle = ((inverse ? 2 : -2) * Math.PI) / length
    const half = length / 2
    const cos = Float64Array.from({ length: half }, (_, k) => Math.cos(angle * k))
    const sin = Float64Array.from({ length: half }, (_, k) => Math.sin(angle * k))
    for (let i = 0; i < n; i += length) {
      for (let k = 0; k < half; k++) {
        const p = i + k
        const q = p + half
        const tr = re[q]! * cos[k]! - im[q]! * sin[k]!
        const ti = re[q]! * sin[k]! + im[q]! * cos[k]!
        re[q] = re[p]! - tr
        im[q] = im[p]! - ti
        re[p] = re[p]! + tr
        im[p] = im[p]! + ti
      }
    }
  }
}
