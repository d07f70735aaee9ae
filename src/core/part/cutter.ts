// Cuts a run of packets (or of what stands for one frame in several tracks) into parts, exactly on the grid, whatever the timing of the input: a part is whole when it
// leaves here, and nothing that leaves is ever changed. What did not come in time is replaced by the fill packet;
// what comes after its part has left is dropped and counted.

import { assert } from '../../base/assert.ts'
import {
  FRAME_SAMPLES,
  FRAMES_PER_PART,
  PART_SAMPLES,
  type Samples,
  type Sequence,
  sequence,
} from '../../base/units.ts'
import type { GapReason } from './part.ts'

/** One part's sound, before it is packaged. */
export interface CutPart<Packet = Uint8Array> {
  readonly sequence: Sequence
  /** Ten packets of 20 ms. */
  readonly packets: readonly Packet[]
  /** Present when the part before this one did not come from this cutter. */
  readonly gap?: GapReason
  /** How many of the packets are the fill packet. */
  readonly filledFrames: number
}

export interface PartCutterOptions<Packet = Uint8Array> {
  /** One packet of silence in the program's codec configuration. */
  readonly fill: Packet
  /** Gap of the first part that is cut: `first` in a new log, `takeover` after another stage, absent when it follows. */
  readonly firstGap?: GapReason
}

/** A transform from packets to parts. Holds at most one part. */
export class PartCutter<Packet = Uint8Array> {
  readonly #fill: Packet
  readonly #firstGap: GapReason | undefined
  #open: OpenPart<Packet> | undefined
  /** The smallest sequence that may still be cut. */
  #from: Sequence = sequence(0)
  #hasCut = false
  #late = 0
  #duplicates = 0

  constructor(options: PartCutterOptions<Packet>) {
    this.#fill = options.fill
    this.#firstGap = options.firstGap
  }

  /** Packets that came after their part had left, and were dropped. */
  get lateFrames(): number {
    return this.#late
  }

  /** Packets for a place that was taken already; the first one stays. */
  get duplicateFrames(): number {
    return this.#duplicates
  }

  /**
   * Takes the packet whose first sample is at `position` on the log's grid (sequence × 9600 + frame × 960).
   * Answers with the part that this completes: its own when it was the last one missing, or the one before when
   * this packet begins a later part. Throws on a position that is off the grid: the encoder's pacing is broken.
   */
  push(position: Samples, packet: Packet): CutPart<Packet> | undefined {
    assert(position >= 0 && position % FRAME_SAMPLES === 0, `a packet starts on the grid, not at ${position}`)
    const at = sequence(Math.floor(position / PART_SAMPLES))
    if (at < (this.#open?.sequence ?? this.#from)) {
      this.#late += 1
      return undefined
    }
    const earlier = this.#open !== undefined && this.#open.sequence < at ? this.#close(this.#open) : undefined
    const open = this.#open ?? { sequence: at, packets: new Array(FRAMES_PER_PART), frames: 0 }
    this.#open = open
    this.#place(open, (position % PART_SAMPLES) / FRAME_SAMPLES, packet)
    // A part that this packet opened has nine places left, so there are never two to give.
    return open.frames === FRAMES_PER_PART ? this.#close(open) : earlier
  }

  /** Closes the part that is under way, filled to its end; the cutter can be used further. */
  finish(): CutPart<Packet> | undefined {
    return this.#open && this.#close(this.#open)
  }

  #place(open: OpenPart<Packet>, frame: number, packet: Packet): void {
    if (open.packets[frame] !== undefined) {
      this.#duplicates += 1
      return
    }
    open.packets[frame] = packet
    open.frames += 1
  }

  #close(open: OpenPart<Packet>): CutPart<Packet> {
    const gap = this.#hasCut ? (open.sequence === this.#from ? undefined : 'stalled') : this.#firstGap
    this.#open = undefined
    this.#hasCut = true
    this.#from = sequence(open.sequence + 1)
    return {
      sequence: open.sequence,
      packets: Array.from(open.packets, (packet) => packet ?? this.#fill),
      ...(gap === undefined ? {} : { gap }),
      filledFrames: FRAMES_PER_PART - open.frames,
    }
  }
}

interface OpenPart<Packet> {
  readonly sequence: Sequence
  /** By frame; a missing one is a hole. */
  readonly packets: (Packet | undefined)[]
  frames: number
}
