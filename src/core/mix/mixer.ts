// Who hears what. Listeners hear the program: everyone who is on air. A person on stage hears the room without
// himself. Whoever has been quiet for a moment adds nothing to the room, so his mix-minus is the program itself,
// and thirteen seats cost a few encodes rather than fourteen.
//
// Nobody starts or stops in the middle of a wave: a seat that comes in is faded in over 10 ms, one that goes is
// continued by its last 10 ms played backwards and faded out, which is as smooth as a mirror and needs no
// look-ahead. Everybody's speech is brought to the same loudness first (see the leveller), for listeners and for the
// people on stage alike, so that a mix-minus is still the room less exactly what this seat adds to it.

import { assert } from '../../base/assert.ts'
import { FRAME_SAMPLES } from '../../base/units.ts'
import { levelOf } from '../../media/pcm/level.ts'
import { Leveller } from './leveller.ts'
import { Limiter } from './limiter.ts'

/** One person's sound of this tick: 960 samples, mono, 48 kHz. Leave a seat out to mute it. */
export interface MixInput<Seat extends string = string> {
  readonly seat: Seat
  readonly frame: Float32Array
  /** False backstage: heard by the stage, not in the program. */
  readonly onAir: boolean
}

/** What a tick sounds like. Every frame belongs to the mixer and is overwritten by the next tick: encode it first. */
export interface Mixed<Seat extends string = string> {
  /** What listeners hear, limited. */
  readonly program: Float32Array
  /** True when nobody adds to the program: it is digital silence (after the limiter has run empty). */
  readonly isSilent: boolean
  /**
   * What `seat` hears, limited: `'program'` when that is the same, so that its encode can be shared; otherwise a
   * frame. Two seats that hear the same get the same array.
   */
  minus(seat: Seat): Float32Array | 'program'
}

/** Ramp at the start and end of anybody's sound. */
export const RAMP_SAMPLES = 480
/** Below this a frame is nothing that anybody could hear. */
const QUIET_DBOV = -72
/** A seat keeps its own mix-minus for so long after it was last heard: 400 ms, longer than a breath. */
const HOLD_FRAMES = 20
/** A seat that has been left out for this long is forgotten: 5 s. */
const FORGET_FRAMES = 250
/** What was learnt of a voice outlives its absence, for as many seats; beyond it, the one that was learnt first goes. */
const LEVELLERS_MAX = 64

/** Mixes one space. Call {@link mix} once per 20 ms tick. */
export class Mixer<Seat extends string = string> {
  readonly #seats = new Map<Seat, SeatVoice>()
  readonly #levellers = new Map<Seat, Leveller>()
  readonly #program = new Float32Array(FRAME_SAMPLES)
  readonly #programSum = new Float64Array(FRAME_SAMPLES)
  readonly #programLimiter = new Limiter()
  readonly #room = new Float32Array(FRAME_SAMPLES)
  readonly #roomSum = new Float64Array(FRAME_SAMPLES)
  readonly #roomLimiter = new Limiter()
  readonly #minusSum = new Float64Array(FRAME_SAMPLES)
  /** Ticks for which the room still counts as different from the program: somebody backstage was heard. */
  #roomHold = 0

  mix(inputs: readonly MixInput<Seat>[]): Mixed<Seat> {
    const shared = this.#roomHold > 0 ? this.#roomLimiter : this.#programLimiter
    this.#programSum.fill(0)
    this.#roomSum.fill(0)
    this.#addVoices(inputs)
    if (shared === this.#programLimiter && this.#roomHold > 0) this.#roomLimiter.adopt(shared)
    for (const voice of this.#seats.values()) {
      if (voice.isAudible) voice.limitMinus(this.#roomSum, this.#minusSum, shared)
      else voice.hearsOwnMix = false
    }
    this.#programLimiter.limit(this.#programSum, this.#program)
    if (this.#roomHold > 0) this.#roomLimiter.limit(this.#roomSum, this.#room)
    return this.#mixed()
  }

  /** Sums everyone up; seats that were left out fade away. */
  #addVoices(inputs: readonly MixInput<Seat>[]): void {
    for (const input of inputs) {
      assert(input.frame.length === FRAME_SAMPLES, 'a frame has 960 samples')
      let voice = this.#seats.get(input.seat)
      if (voice === undefined) {
        voice = new SeatVoice(this.#levellerOf(input.seat))
        this.#seats.set(input.seat, voice)
      }
      voice.take(input.frame, input.onAir)
    }
    this.#roomHold = Math.max(0, this.#roomHold - 1)
    for (const [seat, voice] of this.#seats) {
      if (voice.finishTick()) this.#seats.delete(seat)
      else if (voice.isAudible) {
        voice.addTo(this.#roomSum, this.#programSum)
        if (!voice.isOnAir) this.#roomHold = HOLD_FRAMES
      }
    }
  }

  #levellerOf(seat: Seat): Leveller {
    let leveller = this.#levellers.get(seat)
    if (leveller === undefined) {
      leveller = new Leveller()
      this.#levellers.set(seat, leveller)
      if (this.#levellers.size > LEVELLERS_MAX) {
        this.#levellers.delete(this.#levellers.keys().next().value as Seat)
      }
    }
    return leveller
  }

  #mixed(): Mixed<Seat> {
    const others = this.#roomHold > 0 ? this.#room : 'program'
    let isSilent = true
    for (const voice of this.#seats.values()) if (voice.isAudible && voice.isInProgram) isSilent = false
    return {
      program: this.#program,
      isSilent,
      minus: (seat) => {
        const voice = this.#seats.get(seat)
        return voice?.isAudible ? voice.minus : others
      },
    }
  }
}

/** What the mixer keeps of one seat. */
class SeatVoice {
  readonly minus = new Float32Array(FRAME_SAMPLES)
  readonly #leveller: Leveller
  readonly #limiter = new Limiter()
  /** The seat's sound of this tick, before and after its fade. */
  readonly #source = new Float32Array(FRAME_SAMPLES)
  readonly #contribution = new Float32Array(FRAME_SAMPLES)
  hearsOwnMix = false
  /** Heard in this tick, fades included. */
  isAudible = false
  /** True when the program has it just as the room has. */
  isOnAir = true
  /** True when the program has it at all. */
  isInProgram = false
  #isGiven = false
  #wantsAir = false
  #roomGain = 0
  #airGain = 0
  #airGainBefore = 0
  #quietFrames = HOLD_FRAMES
  #absentFrames = 0

  constructor(leveller: Leveller) {
    this.#leveller = leveller
  }

  take(frame: Float32Array, onAir: boolean): void {
    this.#quietFrames = levelOf(frame) > QUIET_DBOV ? 0 : this.#quietFrames + 1
    // Silence teaches nothing, and costs nothing.
    if (this.#quietFrames < HOLD_FRAMES) this.#leveller.level(frame, this.#source)
    else this.#source.set(frame)
    this.#isGiven = true
    this.#wantsAir = onAir
  }

  /** Fades in or out, as what was given (or not) asks for. True when the seat can be forgotten. */
  finishTick(): boolean {
    if (this.#isGiven) this.#absentFrames = 0
    else this.#goAway()
    const isHeard = this.#isGiven && this.#quietFrames < HOLD_FRAMES
    const fromRoom = this.#roomGain
    const fromAir = this.#airGain
    this.#roomGain = isHeard ? 1 : 0
    this.#airGain = isHeard && this.#wantsAir ? 1 : 0
    this.isAudible = fromRoom > 0 || this.#roomGain > 0
    this.isInProgram = fromAir > 0 || this.#airGain > 0
    this.isOnAir = fromAir === fromRoom && this.#airGain === this.#roomGain
    if (this.isAudible) fade(this.#source, this.#contribution, fromRoom, this.#roomGain)
    this.#airGainBefore = fromAir
    this.#isGiven = false
    return this.#absentFrames > FORGET_FRAMES
  }

  addTo(room: Float64Array, program: Float64Array): void {
    add(this.#contribution, room)
    if (this.isOnAir) add(this.#contribution, program)
    else if (this.isInProgram) {
      const aired = new Float32Array(FRAME_SAMPLES)
      fade(this.#source, aired, this.#airGainBefore, this.#airGain)
      add(aired, program)
    }
  }

  /** The room without this seat, limited. `shared` is the limiter of what it heard until now. */
  limitMinus(room: Float64Array, sum: Float64Array, shared: Limiter): void {
    if (!this.hearsOwnMix) this.#limiter.adopt(shared)
    this.hearsOwnMix = true
    for (let i = 0; i < FRAME_SAMPLES; i++) sum[i] = (room[i] as number) - (this.#contribution[i] as number)
    this.#limiter.limit(sum, this.minus)
  }

  /** Nothing was given: what was last heard, backwards, so that the wave goes on without a step; then nothing. */
  #goAway(): void {
    this.#absentFrames += 1
    if (this.#absentFrames === 1) {
      for (let i = 0; i < RAMP_SAMPLES; i++) this.#source[i] = this.#source[FRAME_SAMPLES - 1 - i] as number
    }
    this.#source.fill(0, this.#absentFrames === 1 ? RAMP_SAMPLES : 0)
  }
}

/** `source` with the gain going from `from` to `to` (0 or 1) within {@link RAMP_SAMPLES}. */
function fade(source: Float32Array, out: Float32Array, from: number, to: number): void {
  for (let i = 0; i < RAMP_SAMPLES; i++) {
    const gain = from + ((to - from) * (i + 1)) / RAMP_SAMPLES
    out[i] = (source[i] as number) * gain
  }
  for (let i = RAMP_SAMPLES; i < FRAME_SAMPLES; i++) out[i] = (source[i] as number) * to
}

function add(frame: Float32Array, sum: Float64Array): void {
  for (let i = 0; i < FRAME_SAMPLES; i++) sum[i] = (sum[i] as number) + (frame[i] as number)
}
