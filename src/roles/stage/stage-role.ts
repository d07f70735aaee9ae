// The stage role: the process that holds the speakers' WebRTC, mixes and packages the programs of the spaces that it
// has, and stands by for those of other stages. It meets the other roles in the engine alone, and control at its door.

import { randomBytes } from 'node:crypto'
import { constants, setPriority } from 'node:os'
import type { Clock } from '../../base/clock.ts'
import { MimbarError } from '../../base/errors.ts'
import { idFromRandom, type SeatId, type SpaceId, type StageId } from '../../base/ids.ts'
import type { Running } from '../../base/lifetime.ts'
import type { WallMillis } from '../../base/units.ts'
import { sumListeners } from '../../core/count/listeners.ts'
import { type EdgeReactions, REACTIONS_PREFIX } from '../../core/reaction/reactions.ts'
import {
  type EdgeReport,
  observedTopic,
  type SpaceFacts,
  type StageHeartbeat,
  spaceKey,
  stageTopic,
  type TracksWanted,
  wantedTopic,
} from '../../core/space/facts.ts'
import { isFresh } from '../../core/space/freshness.ts'
import type { Engine } from '../../engine/ports.ts'
import { announce } from '../../host/announce.ts'
import { systemClock } from '../../host/system-clock.ts'
import type { AudioOffer } from '../../media/sdp/sdp-offer.ts'
import { AacLibrary } from './aac/aac-library.ts'
import { TrackWishes } from './aac/track-wishes.ts'
import { AudienceBook } from './audience-book.ts'
import { CostOfProcess } from './cost-of-process.ts'
import { type DoorHost, type OfferAnswer, openDoor } from './door.ts'
import { Neighbours } from './neighbours.ts'
import { makeSlates } from './slate.ts'
import { SoundChecks } from './sound-checks.ts'
import { SpaceKeeper, type StageContext } from './space-keeper.ts'
import { Ticker } from './ticker.ts'
import { WebRtcEndpoint } from './webrtc/endpoint.ts'
import { StunFront } from './webrtc/stun-front.ts'

/** Above every other role: listeners may saturate the machine, and speakers must not notice. */
const STAGE_PRIORITY = -5
const OBSERVED_EVERY_MS = 200
const HEARTBEAT_EVERY_MS = 1_000
/** Without an engine nobody can be told; the standby then finds out by itself. */
const FAREWELL_TIMEOUT_MS = 500

export interface StageOptions {
  readonly stageId: StageId
  readonly engine: Engine
  /** Unix socket of the stage's door. */
  readonly socketPath: string
  /** The one UDP port for every speaker. */
  readonly udpPort: number
  /** Local address for UDP; `0.0.0.0` for every interface. */
  readonly bindAddress: string
  /** What browsers are told to send to, when the machine is behind NAT. */
  readonly announcedAddress?: string | undefined
  /** UDP port for those who come through a relay; without it there is none. */
  readonly relayUdpPort?: number | undefined
  readonly clock?: Clock | undefined
  /** One line per event that a person would act on; `announce` by default. */
  readonly log?: ((line: string) => void) | undefined
}

/** Starts the role; resolves when its door is open. `stop` hands its spaces to the standby. */
export async function startStageRole(options: StageOptions): Promise<Running> {
  const { log = announce } = options
  raisePriority(log)
  const [aac, front] = await Promise.all([loadAac(log), openFront(options, log)])
  const stage = new StageRole(options, aac, front)
  const door = openDoor(options.socketPath, stage, log)
  stage.start()
  let stopped: Promise<void> | undefined
  const stop = async () => {
    await door.stop()
    await stage.stop()
  }
  return {
    stop: () => {
      stopped ??= stop()
      return stopped
    },
  }
}

/** Without it everything but one rendition works, so that is only said. */
async function loadAac(log: (line: string) => void): Promise<AacLibrary | undefined> {
  try {
    return await AacLibrary.load()
  } catch (error) {
    if (!(error instanceof MimbarError)) throw error
    log(`stage has no aac: ${error.message}`)
    return undefined
  }
}

/** Likewise: who reaches the stage without a relay must not miss it because its port is taken. */
async function openFront(options: StageOptions, log: (line: string) => void): Promise<StunFront | undefined> {
  const { relayUdpPort: port, bindAddress, udpPort } = options
  if (port === undefined) return undefined
  try {
    return await StunFront.open({ port, bindAddress, libraryPort: udpPort })
  } catch (error) {
    log(
      `stage hears nobody through a relay: UDP port ${port}: ${error instanceof Error ? error.message : error}`,
    )
    return undefined
  }
}

function raisePriority(log: (line: string) => void): void {
  try {
    setPriority(0, Math.max(STAGE_PRIORITY, constants.priority.PRIORITY_HIGHEST))
  } catch (error) {
    // Only root may; without it the stage competes with the edges for the processor.
    log(`stage priority unchanged: ${error instanceof Error ? error.message : error}`)
  }
}

class StageRole implements DoorHost {
  readonly #options: StageOptions
  readonly #context: StageContext
  readonly #endpoint: WebRtcEndpoint
  readonly #ticker: Ticker
  readonly checks: SoundChecks
  readonly #keepers = new Map<SpaceId, SpaceKeeper>()
  readonly #neighbours: Neighbours
  readonly #edges = new Map<string, EdgeReport>()
  readonly #wishes = new TrackWishes()
  readonly #audiences: AudienceBook
  #hasTimeForAac = true
  readonly #cost: CostOfProcess
  readonly #abort = new AbortController()
  readonly #timers: ReturnType<typeof setInterval>[] = []

  constructor(options: StageOptions, aac: AacLibrary | undefined, front: StunFront | undefined) {
    const { stageId, engine, udpPort, bindAddress, announcedAddress } = options
    const { clock = systemClock, log = announce } = options
    this.#options = options
    this.#neighbours = new Neighbours(stageId)
    this.#endpoint = new WebRtcEndpoint({ udpPort, bindAddress, announcedAddress, front })
    this.#ticker = new Ticker(clock, (now) => this.#tick(now))
    this.#audiences = new AudienceBook((space) => this.#keepers.get(space)?.audience, clock)
    this.#context = {
      stage: stageId,
      engine,
      clock,
      log,
      endpoint: this.#endpoint,
      slates: makeSlates(),
      aac,
      random: Math.random,
      newSessionId: () => idFromRandom(randomBytes(20)),
      paced: () => this.#ticker.now(),
      accepts: () => this.#accepts,
      wantsAac: (space) => this.#hasTimeForAac && this.#wishes.wants(space, clock.wall()),
    }
    this.#cost = new CostOfProcess(clock)
    this.checks = new SoundChecks({
      ...this.#context,
      now: () => clock.now(),
    })
  }

  start(): void {
    void this.#audiences.follow(this.#options.engine.feed, this.#abort.signal)
    this.#timers.push(
      setInterval(() => this.#publishObserved(), OBSERVED_EVERY_MS),
      setInterval(() => this.#everySecond(), HEARTBEAT_EVERY_MS),
    )
    this.#everySecond()
    void this.#watchSpaces()
    void this.#hearStages()
    void this.#hearEdges()
    void this.#hearWishes()
    void this.#hearReactions()
  }

  async stop(): Promise<void> {
    this.#abort.abort()
    for (const timer of this.#timers) clearInterval(timer)
    const leaving = this.#held().map((keeper) => keeper.space)
    await Promise.all([...this.#keepers.values()].map((keeper) => keeper.leave()))
    this.#ticker.stop()
    this.checks.close()
    this.#endpoint.close()
    await this.#sayFarewell({ ...this.heartbeat(), accepts: false, leaving })
  }

  /** Publishes the last heartbeat and waits until it is seen: the process may be gone in the next moment. */
  async #sayFarewell(heartbeat: StageHeartbeat): Promise<void> {
    const { feed } = this.#options.engine
    const topic = stageTopic(heartbeat.stage)
    feed.publish(topic, heartbeat)
    for await (const item of feed.subscribe(topic, AbortSignal.timeout(FAREWELL_TIMEOUT_MS))) {
      if (item.topic === topic && (item.value as StageHeartbeat).leaving) return
    }
  }

  async answerOffer(space: SpaceId, seat: SeatId, offer: AudioOffer): Promise<OfferAnswer> {
    const known = this.#keepers.get(space)
    // Control may be here before its news: then the Roster itself is asked.
    if (!known?.facts.seats.some(({ id }) => id === seat)) await this.#refresh(space)
    const keeper = this.#keepers.get(space)
    if (!keeper) throw new MimbarError('not-found', 'There is no such space.')
    return keeper.answerOffer(seat, offer)
  }

  closeSession(session: string): void {
    for (const keeper of this.#keepers.values()) if (keeper.closeSession(session)) return
  }

  heartbeat(): StageHeartbeat {
    const { lateness } = this.#ticker
    return {
      stage: this.#options.stageId,
      atMs: this.#context.clock.wall(),
      socketPath: this.#options.socketPath,
      spaces: this.#held().length,
      tickLatenessMsP99: Math.round(lateness.p99() * 100) / 100,
      accepts: this.#accepts,
      ...this.#cost.latest,
    }
  }

  /** False when this stage is late with what it has. One that has nothing is late by others' doing, and better than none. */
  get #accepts(): boolean {
    return this.#held().length === 0 || !this.#ticker.lateness.isTooLate()
  }

  #held(): readonly SpaceKeeper[] {
    return [...this.#keepers.values()].filter((keeper) => keeper.program !== undefined)
  }

  #tick(now: WallMillis): void {
    for (const keeper of this.#keepers.values()) keeper.tick(now)
    this.checks.tick()
  }

  async #watchSpaces(): Promise<void> {
    for await (const { key, value } of this.#options.engine.roster.watch(
      spaceKey('' as SpaceId),
      this.#abort.signal,
    )) {
      if (value === undefined) this.#forget(key.slice(spaceKey('' as SpaceId).length) as SpaceId)
      else this.#apply(value as SpaceFacts)
    }
  }

  async #hearStages(): Promise<void> {
    for await (const { value } of this.#options.engine.feed.subscribe(
      stageTopic('' as StageId),
      this.#abort.signal,
    )) {
      for (const space of this.#neighbours.note(value as StageHeartbeat)) {
        const keeper = this.#keepers.get(space)
        if (keeper && this.#rankFor(space) === 0) keeper.want()
      }
    }
  }

  async #hearEdges(): Promise<void> {
    for await (const { value } of this.#options.engine.feed.subscribe('edge/', this.#abort.signal)) {
      const report = value as EdgeReport
      this.#edges.set(report.edge, report)
      this.#audiences.heard(report)
    }
  }

  async #hearWishes(): Promise<void> {
    const topics = wantedTopic('' as SpaceId)
    for await (const { value } of this.#options.engine.feed.subscribe(topics, this.#abort.signal)) {
      this.#wishes.note(value as TracksWanted)
    }
  }

  async #hearReactions(): Promise<void> {
    const { signal } = this.#abort
    for await (const { value } of this.#options.engine.feed.subscribe(REACTIONS_PREFIX, signal)) {
      const told = value as EdgeReactions | null
      // A topic that was cleared says nothing.
      if (told === null || told === undefined) continue
      this.#keepers.get(told.space as SpaceId)?.reactions.heard(told, this.#context.clock.wall())
    }
  }

  async #refresh(space: SpaceId): Promise<void> {
    const fact = await this.#options.engine.roster.get(spaceKey(space))
    if (fact?.value !== undefined && !this.#abort.signal.aborted) this.#apply(fact.value as SpaceFacts)
  }

  #apply(facts: SpaceFacts): void {
    let keeper = this.#keepers.get(facts.id)
    if (!keeper) {
      if (facts.phase === 'scheduled') return
      keeper = new SpaceKeeper(this.#context, facts)
      this.#keepers.set(facts.id, keeper)
      keeper.setRank(this.#rankFor(facts.id))
    }
    keeper.setFacts(facts)
    this.#audiences.catchUp(facts.id, this.#edges.values())
  }

  #forget(space: SpaceId): void {
    const keeper = this.#keepers.get(space)
    this.#keepers.delete(space)
    if (keeper) void keeper.leave()
  }

  #rankFor(space: SpaceId): number {
    return this.#neighbours.rankFor(space, this.#context.clock.wall())
  }

  #publishObserved(): void {
    const now = this.#context.clock.wall()
    for (const keeper of this.#held()) {
      keeper.program?.setAudience(sumListeners(this.#edges.values(), keeper.space, now), (isProgram) =>
        this.#audiences.record(keeper, this.#edges.values(), isProgram),
      )
      this.#options.engine.feed.publish(observedTopic(keeper.space), keeper.program?.observed())
    }
  }

  #everySecond(): void {
    this.#cost.measure()
    this.#options.engine.feed.publish(stageTopic(this.#options.stageId), this.heartbeat())
    const now = this.#context.clock.wall()
    for (const [edge, { atMs }] of this.#edges) if (!isFresh(atMs, now)) this.#edges.delete(edge)
    this.#wishes.forgetOld(now)
    this.checks.sweep()
    this.#hasTimeForAac = this.#ticker.lateness.hasTimeToSpare(this.#hasTimeForAac)
    for (const keeper of this.#keepers.values()) {
      keeper.setRank(this.#rankFor(keeper.space))
      keeper.sweep()
    }
  }
}
