// The packets that wait, by unwrapped sequence number, in a ring: finding one is an index, and the ring is the bound.

import type { Samples } from '../../base/units.ts'

/** A packet that waits for its turn. */
export interface StoredPacket {
  /** Unwrapped. */
  readonly sequence: number
  /** Unwrapped; samples at 48 kHz. */
  readonly timestamp: number
  readonly duration: Samples
  readonly payload: Uint8Array
}

/** How many sequence numbers the store spans: 1.28 s of 20 ms packets. */
export const SPAN_PACKETS_MAX = 64

/** Holds packets whose sequence numbers lie within {@link SPAN_PACKETS_MAX} of each other; the owner sees to that. */
export class PacketStore {
  readonly #slots: (StoredPacket | undefined)[] = new Array(SPAN_PACKETS_MAX).fill(undefined)
  #size = 0

  get size(): number {
    return this.#size
  }

  get(sequence: number): StoredPacket | undefined {
    const packet = this.#slots[slotOf(sequence)]
    return packet?.sequence === sequence ? packet : undefined
  }

  put(packet: StoredPacket): void {
    const slot = slotOf(packet.sequence)
    if (this.#slots[slot] === undefined) this.#size += 1
    this.#slots[slot] = packet
  }

  /** Takes the packet out, if it is there. */
  take(sequence: number): StoredPacket | undefined {
    const packet = this.get(sequence)
    if (packet !== undefined) {
      this.#slots[slotOf(sequence)] = undefined
      this.#size -= 1
    }
    return packet
  }

  /** The packet with the lowest sequence number. */
  oldest(): StoredPacket | undefined {
    let oldest: StoredPacket | undefined
    for (const packet of this.#slots) {
      if (packet !== undefined && (oldest === undefined || packet.sequence < oldest.sequence)) oldest = packet
    }
    return oldest
  }

  /** Lets go of every packet before `sequence`; how many there were. */
  dropBefore(sequence: number): number {
    const before = this.#size
    for (let slot = 0; slot < this.#slots.length; slot++) {
      const packet = this.#slots[slot]
      if (packet === undefined || packet.sequence >= sequence) continue
      this.#slots[slot] = undefined
      this.#size -= 1
    }
    return before - this.#size
  }

  clear(): void {
    this.#slots.fill(undefined)
    this.#size = 0
  }
}

const slotOf = (sequence: number): number =>
  ((sequence % SPAN_PACKETS_MAX) + SPAN_PACKETS_MAX) % SPAN_PACKETS_MAX
