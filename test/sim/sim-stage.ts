// A stage as people's connections meet it: the real places, fed by lines whose packets come from simulated tabs. What
// a stage hears of a seat is checked in every tick.

import type { SeatId } from '../../src/base/ids.ts'
import { FRAME_SAMPLES, type Millis } from '../../src/base/units.ts'
import type { SeatFacts } from '../../src/core/space/facts.ts'
import type { PlaceLine } from '../../src/roles/stage/place.ts'
import { Places } from '../../src/roles/stage/places.ts'
import type { SimTab } from './sim-tab.ts'
import type { StudioWorld } from './studio-world.ts'

/** A line plays what came within this. */
const FRESH_MS = 300
const AMPLITUDE = 0.1

/** One connection of one tab, seen from the stage. */
export class SimLine implements PlaceLine {
  readonly tab: SimTab
  readonly openedAt: Millis
  readonly stats = { loss: 0, delayMs: 0 }
  readonly returns = true
  heardAt: Millis | undefined
  isClosed = false
  readonly #stage: SimStage
  #isOpen = false

  constructor(stage: SimStage, tab: SimTab, openedAt: Millis) {
    this.#stage = stage
    this.tab = tab
    this.openedAt = openedAt
  }

  /** A packet of the tab's microphone: sound or silence. */
  hear(isOpen: boolean, now: Millis): void {
    if (this.isClosed) return
    const isFirst = this.heardAt === undefined
    this.heardAt = now
    this.#isOpen = isOpen
    if (isFirst) this.#stage.placeOf(this.tab.seat)?.heard(this)
  }

  isAudible(now: Millis): boolean {
    return this.#isOpen && this.heardAt !== undefined && now - this.heardAt < FRESH_MS
  }

  pull(now: Millis): Float32Array {
    return new Float32Array(FRAME_SAMPLES).fill(this.isAudible(now) ? AMPLITUDE : 0)
  }

  send(): void {}

  close(): void {
    if (this.isClosed) return
    this.isClosed = true
    this.#stage.forget(this)
  }
}

export class SimStage {
  readonly id: string
  isAlive = true
  readonly #world: StudioWorld
  /** Every line that is not closed. */
  readonly #lines = new Set<SimLine>()
  #places: Places | undefined
  #facts: readonly SeatFacts[] = []
  #factsAt = 0

  constructor(world: StudioWorld, id: string) {
    this.#world = world
    this.id = id
  }

  serve(seats: readonly SeatFacts[]): void {
    this.#places = new Places()
    this.#facts = seats
  }

  die(): void {
    this.isAlive = false
    this.#places?.close()
    this.#places = undefined
  }

  restart(): void {
    this.isAlive = true
  }

  /** Desired state, applied within `withinMs`; a later wish never overtakes an earlier one. */
  desire(seats: readonly SeatFacts[], withinMs: number): void {
    const { time, random } = this.#world
    this.#factsAt = Math.max(this.#factsAt, time.now + random() * withinMs)
    time.after(this.#factsAt - time.now, () => {
      if (this.#places === undefined) return
      this.#facts = seats
      this.#places.keepOnly(new Set(seats.map(({ id }) => id)))
    })
  }

  forget(line: SimLine): void {
    this.#lines.delete(line)
    this.placeOf(line.tab.seat)?.forget(line)
  }

  placeOf(seat: SeatId) {
    return this.#places?.get(seat)
  }

  /** An offer is answered by who holds the space, for a seat that there is. */
  answer(tab: SimTab): SimLine | undefined {
    if (!this.isAlive || this.#places === undefined || !this.#facts.some(({ id }) => id === tab.seat)) return
    const line = new SimLine(this, tab, this.#world.now)
    this.#lines.add(line)
    this.#places.take(tab.seat).join(line)
    return line
  }

  /** Whether sound from the stage reaches this line. */
  sends(line: SimLine): boolean {
    return this.isAlive && !line.isClosed && this.placeOf(line.tab.seat)?.line === line
  }

  isConnected(seat: SeatId): boolean {
    return this.placeOf(seat)?.isPresent(this.#world.now) === true
  }

  tick(): void {
    if (this.#places === undefined) return
    const { now, time } = this.#world
    if (time.now % 1_000 === 0) this.#places.sweep(now)
    for (const place of this.#places) {
      const facts = this.#facts.find(({ id }) => id === place.seat)
      if (facts === undefined) throw new Error(`no ghost: ${place.seat} has a place and no seat`)
      const live = [...this.#lines].filter(
        ({ tab, heardAt }) => tab.seat === place.seat && heardAt !== undefined,
      )
      if (live.length > 1) throw new Error(`one live connection: ${place.seat} has ${live.length}`)
      const frame = place.pull(facts.muted, now)
      const isHeard = frame?.some((sample) => sample !== 0) === true
      if (isHeard && facts.muted) throw new Error(`mute: ${place.seat} is muted and heard`)
      const line = place.line as SimLine | undefined
      if (isHeard && now - (line?.tab.openUntil ?? 0) > 2 * FRESH_MS)
        throw new Error(`no ghost: ${place.seat} is heard, and its microphone is closed`)
    }
  }
}
