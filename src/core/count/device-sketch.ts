// How many different devices have listened, without knowing which: a HyperLogLog sketch (Flajolet et al., 2007) with
// Ertl's estimator (2017, arXiv:1702.01284, algorithm 6), which needs no table and has no bias for small sets. It is
// fed keyed hashes; a register tells the length of a run of zeros, and nobody's address. Merging takes the greater
// of each register, so it does not matter how often or in which order edges tell what they saw.
//
//     hash, 64 bits:  iiiiiiiiiiii rrrrrrrr…r     12 bits: which register · 52 bits: rank = leading zeros + 1

import { MimbarError } from '../../base/errors.ts'

/** Bits of a hash that choose the register. */
export const SKETCH_PRECISION = 12
export const SKETCH_REGISTERS = 2 ** SKETCH_PRECISION
/** Relative standard error: two in three estimates are nearer to the truth than this, 19 in 20 than twice this. */
export const SKETCH_ERROR = 1.04 / Math.sqrt(SKETCH_REGISTERS)
/** Bytes that {@link DeviceSketch.add} needs of a hash. */
export const DEVICE_HASH_BYTES = 8
/** No text of a sketch is longer. */
export const SKETCH_CHARACTERS_MAX = SKETCH_REGISTERS + 1

const RANK_BITS = 64 - SKETCH_PRECISION
/** Of a hash whose 52 bits are all zero. */
const RANK_MAX = RANK_BITS + 1
const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const VALUES: ReadonlyMap<string, number> = new Map([...DIGITS].map((digit, value) => [digit, value]))
/** One register in the sparse form: two digits say which, one its value. */
const SPARSE_CHARACTERS = 3

/** A set of devices, forgotten as soon as they are added. 4 KB, whatever the crowd. */
export class DeviceSketch {
  readonly #registers = new Uint8Array(SKETCH_REGISTERS)

  /** Adds a device by a hash of at least 8 bytes, all bits of which are as good as random. True if that was news. */
  add(hash: Uint8Array): boolean {
    const index = ((hash[0] as number) << 4) | ((hash[1] as number) >> 4)
    return this.#raise(index, rankOf(hash))
  }

  /** Adds every device of `other`. True if one of them was news. */
  merge(other: DeviceSketch): boolean {
    let isNews = false
    other.#registers.forEach((rank, index) => {
      if (this.#raise(index, rank)) isNews = true
    })
    return isNews
  }

  /** The number of different devices, rounded. */
  estimate(): number {
    const histogram = new Array<number>(RANK_MAX + 1).fill(0)
    for (const rank of this.#registers) histogram[rank] = (histogram[rank] as number) + 1
    const m = SKETCH_REGISTERS
    let z = m * tau(1 - (histogram[RANK_MAX] as number) / m)
    for (let rank = RANK_BITS; rank >= 1; rank--) z = 0.5 * (z + (histogram[rank] as number))
    z += m * sigma((histogram[0] as number) / m)
    return Math.round(m ** 2 / (2 * Math.LN2 * z))
  }

  /** As text: every register as one digit after `d`, or after `s` only those that are not zero, when that is shorter. */
  encode(): string {
    let sparse = 's'
    let dense = 'd'
    this.#registers.forEach((rank, index) => {
      dense += DIGITS.charAt(rank)
      if (rank > 0) sparse += DIGITS.charAt(index >> 6) + DIGITS.charAt(index & 63) + DIGITS.charAt(rank)
    })
    return sparse.length < dense.length ? sparse : dense
  }

  /** Reads what {@link encode} wrote; anything else throws `corrupt`. */
  static decode(text: string): DeviceSketch {
    const sketch = new DeviceSketch()
    const body = text.slice(1)
    if (text.startsWith('d') && body.length === SKETCH_REGISTERS) {
      for (let index = 0; index < SKETCH_REGISTERS; index++) sketch.#raise(index, digitAt(body, index))
      return sketch
    }
    if (
      !text.startsWith('s') ||
      text.length > SKETCH_CHARACTERS_MAX ||
      body.length % SPARSE_CHARACTERS !== 0
    ) {
      throw new MimbarError('corrupt', 'This is no sketch of devices.')
    }
    for (let at = 0; at < body.length; at += SPARSE_CHARACTERS) {
      sketch.#raise((digitAt(body, at) << 6) | digitAt(body, at + 1), digitAt(body, at + 2))
    }
    return sketch
  }

  #raise(index: number, rank: number): boolean {
    if (rank > RANK_MAX) throw new MimbarError('corrupt', `A register cannot be ${rank}.`)
    if (rank <= (this.#registers[index] as number)) return false
    this.#registers[index] = rank
    return true
  }
}

/** Leading zeros of the last 52 of 64 bits, and one. */
function rankOf(hash: Uint8Array): number {
  const high = (((hash[1] as number) & 15) << 16) | ((hash[2] as number) << 8) | (hash[3] as number)
  if (high !== 0) return Math.clz32(high) - 12 + 1
  const low =
    (((hash[4] as number) << 24) |
      ((hash[5] as number) << 16) |
      ((hash[6] as number) << 8) |
      (hash[7] as number)) >>>
    0
  return 20 + Math.clz32(low) + 1
}

function digitAt(text: string, at: number): number {
  const value = VALUES.get(text.charAt(at))
  if (value === undefined) throw new MimbarError('corrupt', 'This is no sketch of devices.')
  return value
}

/** Ertl's σ: x + Σ x^(2^k) · 2^(k−1). */
function sigma(x: number): number {
  if (x === 1) return Number.POSITIVE_INFINITY
  let power = x
  let weight = 1
  let sum = x
  for (let before = -1; before !== sum; weight *= 2) {
    before = sum
    power *= power
    sum += power * weight
  }
  return sum
}

/** Ertl's τ: a third of 1 − x − Σ (1 − x^(2^−k))² · 2^−k. */
function tau(x: number): number {
  if (x === 0 || x === 1) return 0
  let root = x
  let weight = 1
  let sum = 1 - x
  for (let before = -1; before !== sum; ) {
    before = sum
    root = Math.sqrt(root)
    weight *= 0.5
    sum -= (1 - root) ** 2 * weight
  }
  return sum / 3
}
