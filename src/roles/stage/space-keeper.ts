// One space as this stage process knows it: what is desired, who holds it, and the program while that is us.

import type { Clock } from '../../base/clock.ts'
import { MimbarError } from '../../base/errors.ts'
import type { SeatId, SpaceId, StageId } from '../../base/ids.ts'
import type { Epoch, WallMillis } from '../../base/units.ts'
import { sequenceAt } from '../../base/units.ts'
import { SpaceAudience } from '../../core/count/audience.ts'
import { startPoint } from '../../core/custody/start-point.ts'
import { programHeaders } from '../../core/part/packager.ts'
import { ProgramWatch } from '../../core/program/program-watch.ts'
import { ReactionSum } from '../../core/reaction/reaction-sum.ts'
import { SEATS_MAX, type SpaceFacts } from '../../core/space/facts.ts'
import { isProgramDue } from '../../core/space/planned-start.ts'
import { type Engine, type LogHead, RING_PARTS_DEFAULT } from '../../engine/ports.ts'
import type { AudioOffer } from '../../media/sdp/sdp-offer.ts'
import type { AacLibrary } from './aac/aac-library.ts'
import { resumeAudience } from './audience-book.ts'
import { CustodyShell } from './custody-shell.ts'
import type { OfferAnswer } from './door.ts'
import { Line } from './line.ts'
import { Places } from './places.ts'
import { SpaceProgram } from './program.ts'
import type { Slates } from './slate.ts'
import type { WebRtcEndpoint } from './webrtc/endpoint.ts'

/** How long an offer waits for this stage to get hold of the space. */
export const HOLD_TIMEOUT_MS = 3_000
/** What is still to be written when the space is let go has this long to be written. */
export const FLUSH_TIMEOUT_MS = 1_000

/** What all keepers of a process share. */
export interface StageContext {
  readonly stage: StageId
  readonly engine: Engine
  readonly clock: Clock
  readonly log: (line: string) => void
  readonly endpoint: WebRtcEndpoint
  readonly slates: Slates
  /** Absent where it could not be loaded: programs then have no AAC. */
  readonly aac: AacLibrary | undefined
  /** In [0, 1), not guessable: session ids are made from it. */
  readonly random: () => number
  readonly newSessionId: () => string
  /** The wall time by which programs are paced. */
  paced(): WallMillis
  /** False while this stage has enough to do. */
  accepts(): boolean
  /** Whether somebody wants AAC of the space, and this stage is not too late with what people on stage need. */
  wantsAac(space: SpaceId): boolean
}

/** Made when the Roster first tells of a space; `leave` ends it. */
export class SpaceKeeper {
  readonly space: SpaceId
  readonly #context: StageContext
  readonly #custody: CustodyShell
  /** Summed whether or not this stage holds the space, so that a successor knows what its forerunner knew. */
  readonly audience = new SpaceAudience()
  /** The same of what listeners press. */
  readonly reactions = new ReactionSum()
  readonly #watch = new ProgramWatch()
  #facts: SpaceFacts
  #program: SpaceProgram | undefined
  #places: Places | undefined
  readonly #lines = new Map<string, Line>()
  #waiting: (() => void)[] = []

  constructor(context: StageContext, facts: SpaceFacts) {
    this.space = facts.id
    this.#context = context
    this.#facts = facts
    const { stage, engine, clock, random } = context
    this.#custody = new CustodyShell({
      space: facts.id,
      stage,
      engine,
      clock,
      random,
      // Whom nobody else takes: late sound is better than none, and than a start that nobody hears.
      accepts: () => context.accepts() || isProgramDue(this.#facts, clock.wall()),
      seen: (part) => this.#watch.seen(part, this.#facts, clock.wall()),
      serve: (epoch) => void this.#serve(epoch),
      quit: (epoch, flush) => this.#quit(epoch, flush),
    })
  }

  get facts(): SpaceFacts {
    return this.#facts
  }

  /** The program while this stage holds the space. */
  get program(): SpaceProgram | undefined {
    return this.#program
  }

  setFacts(facts: SpaceFacts): void {
    this.#facts = facts
    this.#program?.setFacts(facts)
    this.#custody.handle({ kind: 'facts', phase: facts.phase })
  }

  /** How many stages should take this space before this one does. */
  setRank(rank: number): void {
    this.#custody.handle({ kind: 'ranked', rank })
  }

  /** Take the space if it is free. */
  want(): void {
    this.#custody.handle({ kind: 'wanted' })
  }

  tick(now: WallMillis): void {
    this.#program?.tick(now)
  }

  sweep(): void {
    this.#places?.sweep(this.#context.clock.now())
  }

  /**
   * Seats a person. `not-found`: no such seat; `conflict`: another stage holds the space, or nobody may; `unavailable`:
   * the space could not be taken now.
   */
  async answerOffer(seat: SeatId, offer: AudioOffer): Promise<OfferAnswer> {
    await this.#hold()
    const program = this.#program
    const places = this.#places
    if (!program || !places) throw new MimbarError('unavailable', 'This stage does not have the space yet.')
    const index = this.#facts.seats.findIndex(({ id }) => id === seat)
    if (index < 0) throw new MimbarError('not-found', 'There is no such seat in this space.')
    if (index >= SEATS_MAX)
      throw new MimbarError('too-many', `A stage has room for ${SEATS_MAX} seats in one space.`)
    const { line, sdp } = await this.#openLine(places, seat, offer)
    // The offer was answered while the space went elsewhere, or the seat was taken away.
    if (places !== this.#places || !this.#facts.seats.some(({ id }) => id === seat)) {
      line.close()
      throw new MimbarError('conflict', 'The seat or the space was lost in the meantime.')
    }
    places.take(seat).join(line)
    return { session: line.id, sdp, epoch: program.epoch }
  }

  /** Closes one session; false when it is not here. */
  closeSession(session: string): boolean {
    const line = this.#lines.get(session)
    line?.close()
    return line !== undefined
  }

  /** Lets go: what is whole is written, the lease released, connections closed. */
  async leave(): Promise<void> {
    await this.#custody.leave()
  }

  async #openLine(places: Places, seat: SeatId, offer: AudioOffer) {
    const { endpoint, clock, random, newSessionId } = this.#context
    const opened = await Line.open({
      id: newSessionId(),
      offer,
      endpoint,
      now: () => clock.now(),
      random,
      heard: (line) => places.get(seat)?.heard(line),
      closed: (line) => {
        this.#lines.delete(line.id)
        places.get(seat)?.forget(line)
      },
    })
    this.#lines.set(opened.line.id, opened.line)
    return opened
  }

  /** Resolves when this stage holds the space; asks for it when nobody does. */
  async #hold(): Promise<void> {
    if (this.#program) return
    const { phase } = this.#facts
    if (phase !== 'lobby' && phase !== 'live')
      throw new MimbarError('conflict', `The space is ${phase}: there is no stage.`)
    const { engine, stage } = this.#context
    const holder = await engine.lease.holder(this.space)
    if (holder && holder.holder !== stage)
      throw new MimbarError('conflict', `The space is held by ${holder.holder}.`)
    if (!holder && !this.#context.accepts())
      throw new MimbarError('unavailable', 'This stage has enough to do.')
    this.want()
    await Promise.race([this.#held(), new Promise((resolve) => setTimeout(resolve, HOLD_TIMEOUT_MS))])
  }

  #held(): Promise<void> {
    return this.#program ? Promise.resolve() : new Promise((resolve) => this.#waiting.push(resolve))
  }

  async #serve(epoch: Epoch): Promise<void> {
    const head = await this.#openLog(epoch)
    if (!head || this.#custody.heldEpoch !== epoch) return
    if (head.ended) {
      this.#custody.handle({ kind: 'finished' })
      return
    }
    const { stage, engine, clock, slates, aac, random, wantsAac } = this.#context
    const now = this.#context.paced()
    this.#places = new Places()
    this.#program = new SpaceProgram({
      stage,
      space: this.space,
      epoch,
      facts: this.#facts,
      ...(head.newest === undefined ? {} : { newest: head.newest }),
      ...(this.#watch.onAirAtMs === undefined ? {} : { seenOnAirAtMs: this.#watch.onAirAtMs }),
      start: startPoint(head, sequenceAt(now, this.#facts.gridStartMs)),
      now,
      log: engine.log,
      clock,
      slates,
      places: this.#places,
      aac,
      wantsAac: () => wantsAac(this.space),
      takeReactions: () => this.reactions.take(clock.wall()),
      random,
      lost: (code) => {
        this.#context.log(`space ${this.space} lost epoch=${epoch} code=${code}`)
        this.#custody.handle({ kind: 'fenced' })
      },
      finished: () => this.#custody.handle({ kind: 'finished' }),
    })
    void resumeAudience(this.audience, engine.log, this.#facts, head)
    this.#context.log(`space ${this.space} held stage=${stage} epoch=${epoch}`)
    for (const resolve of this.#waiting.splice(0)) resolve()
  }

  /** Where the log stands; undefined when it cannot be opened, and the space is given back. */
  async #openLog(epoch: Epoch): Promise<LogHead | undefined> {
    const { log } = this.#context.engine
    while (this.#custody.heldEpoch === epoch) {
      try {
        await log.open(this.space, {
          gridStartMs: this.#facts.gridStartMs,
          tracks: programHeaders(),
          ringParts: RING_PARTS_DEFAULT,
        })
        return await log.head(this.space)
      } catch (error) {
        if (!(error instanceof MimbarError)) throw error
        if (error.code !== 'unavailable') {
          this.#context.log(`space ${this.space} cannot be opened: ${error.code} ${error.message}`)
          this.#custody.handle({ kind: 'leave' })
          return undefined
        }
        await new Promise((resolve) => setTimeout(resolve, OPEN_RETRY_MS))
      }
    }
    return undefined
  }

  async #quit(epoch: Epoch, flush: boolean): Promise<void> {
    const program = this.#program
    this.#program = undefined
    this.#places?.close()
    this.#places = undefined
    if (!program) return
    const stopped = program.stop({ flush })
    await Promise.race([stopped, new Promise((resolve) => setTimeout(resolve, FLUSH_TIMEOUT_MS))])
    this.#context.log(`space ${this.space} let go epoch=${epoch} droppedParts=${program.droppedParts}`)
  }
}

const OPEN_RETRY_MS = 100
