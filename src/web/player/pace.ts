// Holds the listener a steady distance behind the live edge. A machine: every 50 ms it is shown where playback
// stands and answers with a speed, a jump, or nothing. It measures by the *least* forward buffer of the last
// while, the trough before each arrival, so that jitter decides the distance and not the luck of the moment.

import { PART_MS } from '../../base/units.ts'

export const PACE = {
  tickMs: 50,
  targetMsDefault: 600,
  /** What repeated stalls can make of the target. */
  targetMsMax: 1_500,
  targetGrowthMs: 300,
  /** A stall within this time of the one before is a repeated one. */
  stallMemoryMs: 30_000,
  /** After so long without a stall the target shrinks by one step. */
  calmMs: 60_000,
  /** A longer flush interval moves the target to itself and this much more. */
  flushMarginMs: 400,
  troughWindowMs: 1_200,
  rateMin: 0.97,
  rateMax: 1.06,
  /** Speed for a second of error. */
  ratePerSecond: 0.25,
  /** Errors below this are left alone: a speed that never rests is heard. */
  deadZoneSeconds: 0.03,
  /** Further behind than this is not caught up by speed. */
  seekBehindSeconds: 3,
  /** The same where the listener asked to be back at the live edge. */
  jumpBehindSeconds: 0.3,
  keepBehindSeconds: 30,
  /** Trimming a little at a time costs as much as trimming a lot. */
  trimSlackSeconds: 5,
  /** Less than this ahead counts as nothing ahead. */
  emptySeconds: 0.03,
  /** Browsers stop a little before the end of what they have: a playhead that rests for `restMs` this near is out of sound. */
  restSeconds: 0.25,
  restMs: 150,
} as const

/** Seeks go a hair into a range, so that rounding does not leave the playhead before it. */
const INSIDE_SECONDS = 0.001

/** What is buffered, in seconds, in order and disjoint: `SourceBuffer.buffered` as pairs. */
export type BufferedRanges = readonly (readonly [startSeconds: number, endSeconds: number])[]

export interface PaceSample {
  readonly nowMs: number
  readonly playheadSeconds: number
  readonly paused: boolean
  readonly seeking: boolean
  readonly buffered: BufferedRanges
  readonly flushMs: number
  /** Where the burst of this stream ends, if the edge said: what is on its way at once, however slow the way. */
  readonly burstEndSeconds?: number
  /** True when the edge is there (heartbeats) and has no parts: silence that no buffer of ours would have covered. */
  readonly originSilent: boolean
}

export type PaceEffect =
  | { readonly kind: 'rate'; readonly rate: number }
  | { readonly kind: 'seek'; readonly toSeconds: number; readonly why: 'start' | 'gap' | 'behind' }
  | { readonly kind: 'trim'; readonly beforeSeconds: number }

/** One listener's distance from the live edge. */
export class Pace {
  #started = false
  #firstDataAtMs: number | undefined
  #rate = 1
  #grownMs = 0
  #stalled = false
  #stallIsOurs = false
  #stalls = 0
  #lastStallAtMs: number | undefined
  #calmSinceMs = 0
  #held = false
  #jump = false
  #playheadSeconds = 0
  #movedAtMs = 0
  #troughs: { readonly atMs: number; readonly seconds: number }[] = []

  /** Playing was begun by {@link sample}. */
  get hasStarted(): boolean {
    return this.#started
  }
  /** Nothing to play right now, though it is wanted. */
  get isStalled(): boolean {
    return this.#stalled
  }
  /** How often sound ran out because the network held it back; silence and holes at the origin don't count. */
  get stalls(): number {
    return this.#stalls
  }

  /** How far behind the end of what is buffered the playhead should be just after an arrival. */
  targetMs(flushMs: number): number {
    const wanted = PACE.targetMsDefault + this.#grownMs
    return Math.max(Math.min(wanted, PACE.targetMsMax), flushMs + PACE.flushMarginMs)
  }

  /** The listener paused or went back on purpose: the distance is theirs until {@link release}. */
  hold(): void {
    this.#held = true
    this.#troughs = []
  }
  /** Back to the live edge: by one jump, or without it by a little speed where that is enough. */
  release(options: { readonly jump: boolean }): void {
    this.#held = false
    this.#jump = options.jump
  }
  get isHeld(): boolean {
    return this.#held
  }

  /** Everything buffered was thrown away (another source, a new stream after a long pause). */
  restart(): void {
    this.#started = false
    this.#firstDataAtMs = undefined
    this.#held = false
    this.#stalled = false
    this.#troughs = []
  }

  sample(at: PaceSample): PaceEffect[] {
    const newest = at.buffered.at(-1)
    if (newest === undefined) return []
    if (!this.#started) return this.#start(at, newest)
    const effects = this.#trim(at)
    const forward = this.#soundAhead(at)
    // A seek into a hole never ends by itself, so only one that has sound to come to is waited for.
    if (at.seeking && forward > 0) return effects
    const jump = this.#jumpToLive(at, newest) ?? this.#jumpGap(at, forward)
    if (jump !== undefined) return [...effects, jump]
    if (at.paused) return effects
    this.#watchStalls(at, forward)
    return [...effects, ...this.#setRate(at, forward)]
  }

  /** What can be played without a hole; nothing where the browser has stopped short of the last of it. */
  #soundAhead(at: PaceSample): number {
    const forward = forwardSeconds(at)
    if (at.paused || at.playheadSeconds !== this.#playheadSeconds) this.#movedAtMs = at.nowMs
    this.#playheadSeconds = at.playheadSeconds
    const rests = at.nowMs - this.#movedAtMs >= PACE.restMs
    return rests && forward < PACE.restSeconds ? 0 : forward
  }

  /** Begins `target` behind the end of the burst, once all of it is there; with less than that after a patient while. */
  #start(at: PaceSample, newest: readonly [number, number]): PaceEffect[] {
    this.#firstDataAtMs ??= at.nowMs
    const [start, end] = newest
    const target = this.targetMs(at.flushMs) / 1000
    const patient = at.nowMs - this.#firstDataAtMs >= at.flushMs + PACE.flushMarginMs
    // Sums of parts are a hair less than their whole.
    const isComing = end < (at.burstEndSeconds ?? 0) - 0.005
    if ((end - start < target - 0.005 || isComing) && !patient) return []
    this.#started = true
    this.#calmSinceMs = at.nowMs
    return [{ kind: 'seek', toSeconds: Math.max(start, end - target), why: 'start' }]
  }

  #trim(at: PaceSample): PaceEffect[] {
    const oldest = at.buffered[0]
    const keepFrom = at.playheadSeconds - PACE.keepBehindSeconds
    if (oldest === undefined || oldest[0] > keepFrom - PACE.trimSlackSeconds) return []
    return [{ kind: 'trim', beforeSeconds: keepFrom }]
  }

  /**
   * Over a hole, once what lies behind it is enough to go on with. Until then the hole is waited out in silence:
   * the live edge moves on meanwhile, so the wait is never longer than the hole.
   */
  #jumpGap(at: PaceSample, forward: number): PaceEffect | undefined {
    if (forward > PACE.emptySeconds) return undefined
    const ahead = at.buffered.find(([start]) => start > at.playheadSeconds)
    if (ahead === undefined) return undefined
    const end = at.buffered.at(-1)?.[1] ?? ahead[1]
    const enough = this.#setpointSeconds(at.flushMs)
    const isSliver = ahead[0] - at.playheadSeconds < 0.1
    if (end - ahead[0] < enough && !isSliver) return undefined
    this.#stallIsOurs = false
    return { kind: 'seek', toSeconds: ahead[0] + INSIDE_SECONDS, why: 'gap' }
  }

  #jumpToLive(at: PaceSample, newest: readonly [number, number]): PaceEffect | undefined {
    if (this.#held) return undefined
    const [start, end] = newest
    const target = this.targetMs(at.flushMs) / 1000
    const tolerated = this.#jump ? PACE.jumpBehindSeconds : PACE.seekBehindSeconds
    if (end - at.playheadSeconds <= target + tolerated) {
      this.#jump = false
      return undefined
    }
    // Behind a hole there may not be enough yet to go on with; a seek into the hole would stay there.
    if (start > at.playheadSeconds && end - start < this.#setpointSeconds(at.flushMs)) return undefined
    this.#jump = false
    this.#troughs = []
    if (start > at.playheadSeconds) this.#stallIsOurs = false
    return { kind: 'seek', toSeconds: Math.max(start + INSIDE_SECONDS, end - target), why: 'behind' }
  }

  #watchStalls(at: PaceSample, forward: number): void {
    const empty = forward <= PACE.emptySeconds
    if (empty && !this.#stalled) this.#stallIsOurs = true
    if (empty && at.originSilent) this.#stallIsOurs = false
    if (!empty && this.#stalled && this.#stallIsOurs) this.#countStall(at.nowMs)
    if (empty) this.#calmSinceMs = at.nowMs
    this.#stalled = empty
    if (at.nowMs - this.#calmSinceMs < PACE.calmMs) return
    this.#grownMs = Math.max(0, this.#grownMs - PACE.targetGrowthMs)
    this.#calmSinceMs = at.nowMs
  }

  /** A stall is judged when it is over: only then is it known that the network was to blame, and not the origin. */
  #countStall(nowMs: number): void {
    this.#stalls += 1
    const repeated = this.#lastStallAtMs !== undefined && nowMs - this.#lastStallAtMs < PACE.stallMemoryMs
    this.#lastStallAtMs = nowMs
    if (!repeated) return
    const room = PACE.targetMsMax - PACE.targetMsDefault
    this.#grownMs = Math.min(room, this.#grownMs + PACE.targetGrowthMs)
  }

  #setRate(at: PaceSample, forward: number): PaceEffect[] {
    const window = Math.max(PACE.troughWindowMs, 1.2 * at.flushMs)
    this.#troughs.push({ atMs: at.nowMs, seconds: forward })
    while ((this.#troughs[0]?.atMs ?? at.nowMs) < at.nowMs - window) this.#troughs.shift()
    const trough = this.#troughs.reduce((least, { seconds }) => Math.min(least, seconds), forward)
    const error = trough - this.#setpointSeconds(at.flushMs)
    const rate = this.#held ? 1 : rateFor(error)
    if (rate === this.#rate) return []
    this.#rate = rate
    return [{ kind: 'rate', rate }]
  }

  /** The trough that belongs to the target: an interval's worth of sound arrives at once and is played down. */
  #setpointSeconds(flushMs: number): number {
    return (this.targetMs(flushMs) - Math.max(flushMs, PART_MS)) / 1000
  }
}

/** Speed that works off `errorSeconds` of distance; in steps of a hundredth, within what ears forgive. */
export function rateFor(errorSeconds: number): number {
  if (Math.abs(errorSeconds) < PACE.deadZoneSeconds) return 1
  const rate = Math.round((1 + PACE.ratePerSecond * errorSeconds) * 100) / 100
  return Math.min(PACE.rateMax, Math.max(PACE.rateMin, rate))
}

/** How much follows the playhead without a hole. */
export function forwardSeconds(at: Pick<PaceSample, 'playheadSeconds' | 'buffered'>): number {
  const range = at.buffered.find(
    ([start, end]) => start <= at.playheadSeconds + 0.001 && end > at.playheadSeconds,
  )
  return range === undefined ? 0 : range[1] - at.playheadSeconds
}
