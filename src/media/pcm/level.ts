// How loud is it? Everything here speaks dBov: 0 is a full-scale square wave, −127 is digital silence (RFC 6464,
// section 3), so that what we measure and what browsers report can be compared.

import { type Dbov, dbov } from '../../base/units.ts'

/** Digital silence; RFC 6464 has no lower value. */
export const SILENCE_DBOV = dbov(-127)

/** Mean of the squares, 0…1 for samples within full scale. 0 for no samples. */
export function energyOf(frame: Float32Array): number {
  let sum = 0
  for (let i = 0; i < frame.length; i++) sum += (frame[i] as number) * (frame[i] as number)
  return frame.length === 0 ? 0 : sum / frame.length
}

/** Energy as dBov, not rounded, limited to −127…0. */
export function dbovOfEnergy(energy: number): Dbov {
  if (!(energy > 0)) return SILENCE_DBOV
  return dbov(Math.min(0, Math.max(SILENCE_DBOV, 10 * Math.log10(energy))))
}

/** Level of a frame of float samples (full scale ±1). */
export function levelOf(frame: Float32Array): Dbov {
  return dbovOfEnergy(energyOf(frame))
}

/** Largest magnitude in the frame. */
export function peakOf(frame: Float32Array): number {
  let peak = 0
  for (let i = 0; i < frame.length; i++) {
    const magnitude = Math.abs(frame[i] as number)
    if (magnitude > peak) peak = magnitude
  }
  return peak
}

/** Amplitude factor of a gain in decibels. */
export function gainOfDb(db: number): number {
  return 10 ** (db / 20)
}
