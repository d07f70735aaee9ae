// 16-bit integers are what files and some codecs speak; the mix is done in floats.

/** Float samples (full scale ±1) as 16-bit integers, rounded and limited; written into `into` when given. */
export function int16FromFloat(samples: Float32Array, into = new Int16Array(samples.length)): Int16Array {
  for (let i = 0; i < samples.length; i++) {
    const scaled = Math.round((samples[i] as number) * 32_768)
    into[i] = Math.max(-32_768, Math.min(32_767, scaled))
  }
  return into
}

/** 16-bit integers as float samples, −1 ≤ x < 1; written into `into` when given. */
export function floatFromInt16(samples: Int16Array, into = new Float32Array(samples.length)): Float32Array {
  for (let i = 0; i < samples.length; i++) into[i] = (samples[i] as number) / 32_768
  return into
}
