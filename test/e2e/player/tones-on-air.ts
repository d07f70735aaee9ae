// A program of tones on the air: appended to a real log as the wall clock goes, with the space's facts in the roster.

import { parseSpaceId } from '../../../src/base/ids.ts'
import {
  epoch,
  PARTS_PER_SEGMENT,
  SEGMENT_MS,
  type Sequence,
  sequence,
  sequenceAt,
  wallMillis,
  wallTimeOf,
} from '../../../src/base/units.ts'
import type { PartEvent, Snapshot } from '../../../src/core/part/events.ts'
import { packagePart, programHeaders } from '../../../src/core/part/packager.ts'
import type { ReactionCounts } from '../../../src/core/reaction/reactions.ts'
import { type SpaceFacts, spaceKey } from '../../../src/core/space/facts.ts'
import { type Engine, RING_PARTS_DEFAULT } from '../../../src/engine/ports.ts'
import { ToneProgram } from './tones.ts'

/** The one space that is on. */
export const SPACE = parseSpaceId('harbour')

/** Appends the program to the log as the wall clock goes, and keeps the space's facts in the roster. */
export class TonesOnAir {
  readonly #engine: Engine
  readonly #program = new ToneProgram()
  readonly #lowProgram = new ToneProgram(24_000)
  readonly #timer: ReturnType<typeof setInterval>
  readonly gridStartMs = wallMillis(Math.floor((Date.now() - 2 * SEGMENT_MS) / SEGMENT_MS) * SEGMENT_MS)
  #made: Sequence | undefined
  #end: Sequence | undefined
  #revision = 0
  #facts: SpaceFacts
  #appending: Promise<void> = Promise.resolve()
  #scene: Partial<Snapshot> = {}
  #isNewScene = false
  #reactions: ReactionCounts | undefined

  constructor(engine: Engine) {
    this.#engine = engine
    this.#facts = {
      id: SPACE,
      title: 'What the harbour knows',
      phase: 'scheduled',
      recorded: true,
      createdAtMs: this.gridStartMs,
      scheduledAtMs: wallMillis(Date.now() + 60_000),
      gridStartMs: this.gridStartMs,
      seats: [],
    }
    this.#timer = setInterval(() => this.#tick(), 20)
  }

  get #now(): Sequence {
    return sequenceAt(wallMillis(Date.now()), this.gridStartMs)
  }

  async announce(): Promise<void> {
    this.#revision = await this.#engine.roster.put(spaceKey(SPACE), this.#facts, this.#revision)
  }

  async goLive(): Promise<void> {
    const start = this.#now
    await this.#engine.log.open(SPACE, {
      gridStartMs: this.gridStartMs,
      tracks: programHeaders(),
      ringParts: RING_PARTS_DEFAULT,
    })
    await this.#engine.log.keepFrom(SPACE, start, epoch(1))
    this.#facts = { ...this.#facts, phase: 'live', programStart: start }
    await this.announce()
    this.#made = start
  }

  /** From the next part on, snapshots say this too. */
  play(scene: Partial<Snapshot>): void {
    this.#scene = scene
    this.#isNewScene = true
  }

  /** The next part has these reactions. */
  react(counts: ReactionCounts): void {
    this.#reactions = counts
  }

  async end(): Promise<void> {
    this.#end = sequence(this.#now + 1)
    this.#facts = { ...this.#facts, phase: 'ended', programEnd: this.#end }
    while ((this.#made ?? 0) < this.#end) await Bun.sleep(20)
    await this.#appending
    await this.#engine.log.end(SPACE, epoch(1))
    await this.announce()
  }

  /** Nobody may hear the recording, or everybody may again. */
  async withhold(isWithheld: boolean): Promise<void> {
    const { withheld: _, ...shown } = this.#facts
    this.#facts = isWithheld ? { ...shown, withheld: true } : shown
    await this.announce()
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#appending
  }

  #tick(): void {
    if (this.#made === undefined) return
    const until = Math.min(this.#now, this.#end ?? Number.POSITIVE_INFINITY)
    for (; this.#made < until; this.#made = sequence(this.#made + 1)) {
      const part = this.#part(this.#made)
      this.#appending = this.#appending.then(() => this.#engine.log.append(SPACE, part))
    }
  }

  #part(at: Sequence) {
    const start = this.#facts.programStart as Sequence
    const isFirst = at === start
    return packagePart({
      sequence: at,
      epoch: epoch(1),
      ...(isFirst ? { gap: 'first' as const } : {}),
      packets: this.#program.packets(at),
      lowPackets: this.#lowProgram.packets(at),
      events: [...this.#snapshot(at, isFirst), ...this.#reacted()],
    })
  }

  #snapshot(at: Sequence, isFirst: boolean): PartEvent[] {
    if (!isFirst && !this.#isNewScene && at % PARTS_PER_SEGMENT !== 0) return []
    this.#isNewScene = false
    const start = this.#facts.programStart as Sequence
    return [
      {
        kind: 'snapshot',
        epoch: epoch(1),
        phase: 'live',
        startedAtMs: wallTimeOf(start, this.gridStartMs),
        recorded: true,
        listeners: 3,
        slate: false,
        seats: [{ id: 'seat01' as never, name: 'Sari', role: 'host', muted: false, speaking: true }],
        ...this.#scene,
      },
    ]
  }

  #reacted(): PartEvent[] {
    const counts = this.#reactions
    this.#reactions = undefined
    return counts === undefined ? [] : [{ kind: 'reactions', counts }]
  }
}
