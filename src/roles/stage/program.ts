// The program of one space while this stage holds it, from people's frames to parts in the log:
//
//     tick ─▶ pull a frame per seat ─▶ mix ─▶ encode ─▶ cut ─▶ package with events ─▶ append
//                                 │     └─▶ mix-minus back to the seats
//                                 └─▶ AAC, while somebody wants it ─▶ package
//
// It follows the wall clock frame by frame. In the lobby, and while nobody is there, the log gets the slate; from
// `programStart`, or the planned start, to `programEnd` everyone who is connected, on air and not muted is heard. Who is
// backstage is heard by the others with a seat alone; in a hold that is everybody.

import type { Clock } from '../../base/clock.ts'
import type { ErrorCode } from '../../base/errors.ts'
import type { SeatId, SpaceId, StageId } from '../../base/ids.ts'
import {
  type Dbov,
  type Epoch,
  FRAME_MS,
  FRAME_SAMPLES,
  FRAMES_PER_PART,
  type Sequence,
  samples,
  sequence,
  type WallMillis,
} from '../../base/units.ts'
import {
  type Audience,
  type AudienceRecord,
  audienceOf,
  RECORD_EVERY_PARTS,
} from '../../core/count/audience.ts'
import type { StartPoint } from '../../core/custody/start-point.ts'
import type { MixInput } from '../../core/mix/mixer.ts'
import { FramePacer } from '../../core/pace/frame-pacer.ts'
import { type CutPart, PartCutter } from '../../core/part/cutter.ts'
import { packagePart } from '../../core/part/packager.ts'
import { Opening } from '../../core/program/opening.ts'
import { ProgramEvents } from '../../core/program/program-events.ts'
import type { ReactionCounts } from '../../core/reaction/reactions.ts'
import { isOnAir } from '../../core/seat/air.ts'
import type { ObservedSpace, SpaceFacts } from '../../core/space/facts.ts'
import { courseAt } from '../../core/space/planned-start.ts'
import type { PartLog } from '../../engine/ports.ts'
import type { AacLibrary } from './aac/aac-library.ts'
import { AacTrack } from './aac/aac-track.ts'
import { Appender } from './appender.ts'
import { LogKeeper } from './log-keeper.ts'
import { absentSeat, type Place } from './place.ts'
import type { Places } from './places.ts'
import type { ProgramPacket, Slates } from './slate.ts'
import { Sound } from './sound.ts'

export interface ProgramOptions {
  readonly stage: StageId
  readonly space: SpaceId
  readonly epoch: Epoch
  readonly facts: SpaceFacts
  /** Where the log goes on; what lies between it and now becomes slate. */
  readonly start: StartPoint
  /** The newest part that others have written, if any. */
  readonly newest?: Sequence
  /** Since when the program was on air, if another stage began it and this one saw it. */
  readonly seenOnAirAtMs?: WallMillis
  readonly now: WallMillis
  readonly log: PartLog
  readonly clock: Clock
  readonly slates: Slates
  readonly places: Places
  /** Absent where there is no AAC to be had. */
  readonly aac: AacLibrary | undefined
  /** Whether AAC is to be made now. */
  readonly wantsAac: () => boolean
  /** What listeners pressed since it was asked last. */
  readonly takeReactions: () => ReactionCounts
  readonly random: () => number
  /** The log takes nothing more from us. */
  lost(code: ErrorCode): void
  /** The program is over and the log is closed. */
  finished(): void
}

/** Runs from construction until `stop`, `lost` or `finished`. Ticked by the process's one ticker. */
export class SpaceProgram {
  readonly epoch: Epoch
  readonly #options: ProgramOptions
  readonly #sound: Sound
  readonly #pacer: FramePacer
  readonly #cutter: PartCutter<ProgramPacket>
  readonly #aac: AacTrack
  readonly #events: ProgramEvents
  readonly #appender: Appender
  readonly #keeper: LogKeeper
  readonly #opening: Opening
  #desired: SpaceFacts
  /** What was desired, with a planned start that has come. */
  #facts: SpaceFacts
  #muted: ReadonlySet<SeatId> = new Set()
  #backstage: ReadonlySet<SeatId> = new Set()
  #listeners = 0
  #record: (isProgram: boolean) => AudienceRecord | undefined = () => undefined
  #audience: Audience | undefined
  #isSlate = true
  #isOver = false

  constructor(options: ProgramOptions) {
    const { epoch, space, log, clock, start, slates, now, random } = options
    this.epoch = epoch
    this.#options = options
    this.#desired = options.facts
    this.#facts = options.facts
    this.#opening = new Opening(options.newest, options.seenOnAirAtMs)
    this.#sound = new Sound(slates)
    this.#aac = new AacTrack(options.aac)
    this.#events = new ProgramEvents(epoch)
    this.#appender = new Appender({
      space,
      log,
      clock,
      appended: (sequence) => this.#opening.appended(sequence, this.#facts, clock.wall()),
      lost: (code) => this.#lose(code),
    })
    this.#keeper = new LogKeeper({ space, epoch, log, random, lost: (code) => this.#lose(code) })
    this.#cutter = new PartCutter({
      fill: slates.silence.packetAt(0),
      ...(start.gap === undefined ? {} : { firstGap: start.gap }),
    })
    const current = Math.max(start.frame, Math.floor((now - this.#facts.gridStartMs) / FRAME_MS))
    this.#pacer = new FramePacer(this.#facts.gridStartMs, current)
    this.setFacts(options.facts)
    if (this.#facts.phase === 'live') this.#sound.expectVoices(current)
    if (start.frame < current && options.wantsAac()) this.#aac.continueSilently(start.sequence, current)
    for (let frame = start.frame; frame < current && frame < this.#endFrame; frame++) {
      this.#cut(frame, this.#sound.slate(frame, this.#opening.cue(frame, this.#facts)).packet)
    }
  }

  /** Applies desired state; a seat that is no longer in it loses its connection. */
  setFacts(desired: SpaceFacts): void {
    const facts = courseAt(desired, sequence(Math.floor(this.#pacer.next / FRAMES_PER_PART)))
    this.#desired = desired
    this.#facts = facts
    this.#muted = new Set(facts.seats.filter((seat) => seat.muted).map((seat) => seat.id))
    this.#backstage = new Set(facts.seats.filter((seat) => !isOnAir(seat)).map((seat) => seat.id))
    this.#options.places.keepOnly(new Set(facts.seats.map((seat) => seat.id)))
    if (facts.recorded && facts.programStart !== undefined) this.#keeper.keepFrom(facts.programStart)
  }

  /** Who listens, and the record of this second once it is asked for. */
  setAudience(listeners: number, record: (isProgram: boolean) => AudienceRecord | undefined): void {
    this.#listeners = listeners
    this.#record = record
  }

  /** Makes the frames that are due. Call at every 20 ms of the wall clock, or as soon after as can be. */
  tick(now: WallMillis): void {
    const due = this.#pacer.due(now)
    if (due.kind === 'stalled') {
      const open = this.#cutter.finish()
      if (open) this.#append(open)
      this.#pacer.skipTo(due.next)
      this.tick(now)
      return
    }
    for (let left = due.count; left > 0 && !this.#isOver; left--) {
      const frame = this.#pacer.next
      if (frame >= this.#endFrame) break
      this.#makeFrame(frame)
      this.#pacer.advance()
    }
    if (this.#facts.phase === 'ended' && this.#pacer.next >= this.#endFrame) this.#finish()
  }

  /** What is, as opposed to what was commanded. */
  observed(): ObservedSpace {
    const { space, stage, clock, places } = this.#options
    const now = clock.now()
    const head = this.#appender.newest
    return {
      space,
      stage,
      epoch: this.epoch,
      atMs: clock.wall(),
      ...(head === undefined ? {} : { head }),
      slate: this.#isSlate,
      ...this.#opening.observed(),
      ...(this.#isSlate && this.#facts.heldSinceMs !== undefined ? { held: true } : {}),
      listeners: this.#listeners,
      ...(this.#audience === undefined ? {} : { audience: this.#audience }),
      seats: this.#facts.seats.map(({ id, muted }) => ({
        ...(places.get(id)?.observed(muted, now) ?? absentSeat(id, muted)),
        onAir: this.#isAudible(id),
      })),
    }
  }

  /** Parts that never reached the log. */
  get droppedParts(): number {
    return this.#appender.dropped
  }

  /** Ends without closing the log. `flush`: what was said until now is still written. Idempotent. */
  async stop(options: { readonly flush: boolean }): Promise<void> {
    const open = options.flush && !this.#isOver ? this.#cutter.finish() : undefined
    if (open) this.#append(open)
    this.#isOver = true
    this.#closeSound()
    if (options.flush) await this.#appender.drained()
    this.#appender.stop()
    this.#keeper.stop()
  }

  /** The first frame after the program. */
  get #endFrame(): number {
    if (this.#facts.phase !== 'ended') return Number.POSITIVE_INFINITY
    // Ended before it began: nothing more is said.
    return this.#facts.programEnd === undefined ? 0 : this.#facts.programEnd * FRAMES_PER_PART
  }

  #isOnAir(frame: number): boolean {
    const { phase, programStart } = this.#facts
    return (
      (phase === 'live' || phase === 'ended') &&
      programStart !== undefined &&
      frame >= programStart * FRAMES_PER_PART
    )
  }

  /** Whether what is said from `seat` is in the frame that is made next. */
  #isAudible(seat: SeatId): boolean {
    return (
      this.#isOnAir(this.#pacer.next) && this.#facts.heldSinceMs === undefined && !this.#backstage.has(seat)
    )
  }

  #makeFrame(frame: number): void {
    const { places, clock, wantsAac } = this.#options
    const now = clock.now()
    // A planned start needs nobody to say so: its part has come.
    if (frame === (this.#desired.plannedStart ?? Number.NaN) * FRAMES_PER_PART) this.setFacts(this.#desired)
    const inputs: MixInput<SeatId>[] = []
    let isHeard = false
    let isSpeaking = false
    for (const place of places) {
      const onAir = this.#isAudible(place.seat)
      const sound = place.pull(this.#muted.has(place.seat), now)
      if (sound) inputs.push({ seat: place.seat, frame: sound, onAir })
      isHeard ||= onAir && place.isPresent(now)
      isSpeaking ||= onAir && place.isSpeaking
    }
    const air = this.#opening.airOf(isHeard, isSpeaking, this.#facts)
    this.#isSlate = air !== 'voices'
    const cue = this.#opening.cue(frame, this.#facts)
    const made = this.#sound.make({ frame, inputs, air, cue, ears: [...earsOf(places)] })
    this.#aac.push(frame, made.sound, wantsAac())
    this.#cut(frame, made.packet)
  }

  #cut(frame: number, packet: ProgramPacket): void {
    const part = this.#cutter.push(samples(frame * FRAME_SAMPLES), packet)
    if (part) this.#append(part)
  }

  #append(part: CutPart<ProgramPacket>): void {
    const recorded = this.#recordOf(part.sequence)
    const events = this.#events.of(part.sequence, {
      facts: this.#facts,
      slate: this.#isSlate,
      listeners: this.#listeners,
      ...(this.#audience === undefined ? {} : { audience: this.#audience }),
      reactions: this.#options.takeReactions(),
      speaking: this.#speaking(),
    })
    const { sequence, packets, gap } = part
    const aacFrames = this.#aac.take(sequence)
    this.#appender.push(
      packagePart({
        sequence,
        epoch: this.epoch,
        ...(gap === undefined ? {} : { gap }),
        packets: packets.map(({ opus }) => opus),
        lowPackets: packets.map(({ low }) => low),
        ...(aacFrames === undefined ? {} : { aacFrames }),
        events,
        recorded,
      }),
    )
  }

  /** One part in five says who listened, and what has become of the others. */
  #recordOf(sequence: Sequence): readonly AudienceRecord[] {
    if (sequence % RECORD_EVERY_PARTS !== 0) return []
    const { programStart, phase } = this.#facts
    const isProgram = phase !== 'lobby' && programStart !== undefined && sequence >= programStart
    const record = this.#record(isProgram)
    if (record === undefined) return []
    this.#audience = audienceOf(record)
    return [record]
  }

  #speaking(): ReadonlyMap<SeatId, Dbov> {
    const speaking = new Map<SeatId, Dbov>()
    for (const { seat, isSpeaking, level } of this.#options.places) {
      if (isSpeaking && this.#isAudible(seat)) speaking.set(seat, level)
    }
    return speaking
  }

  #finish(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#closeSound()
    void this.#closeLog()
  }

  #closeSound(): void {
    this.#sound.close()
    this.#aac.close()
  }

  async #closeLog(): Promise<void> {
    await this.#appender.drained()
    if (await this.#keeper.end()) this.#options.finished()
  }

  #lose(code: ErrorCode): void {
    this.#isOver = true
    // `gone`: the log was ended by whoever came after us; there is nothing left to write.
    if (code === 'gone') this.#options.finished()
    else this.#options.lost(code)
  }
}

function* earsOf(places: Iterable<Place>) {
  for (const place of places) {
    const { line } = place
    if (line?.returns)
      yield { seat: place.seat, send: (payload: Uint8Array, frame: number) => line.send(payload, frame) }
  }
}
