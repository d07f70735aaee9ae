// What a part says happened: the difference to what the last one said, and everything where a join may begin.

import type { SeatId } from '../../base/ids.ts'
import { type Dbov, type Epoch, type Sequence, type WallMillis, wallTimeOf } from '../../base/units.ts'
import type { Audience } from '../count/audience.ts'
import type { PartEvent, Snapshot, SnapshotSeat } from '../part/events.ts'
import { fitSnapshot, isSnapshotDue } from '../part/snapshot.ts'
import { countReactions, type ReactionCounts } from '../reaction/reactions.ts'
import { isOnAir } from '../seat/air.ts'
import type { SpaceFacts, SpacePhase } from '../space/facts.ts'

/** Listener counts ride along at most this often: one part in five, once a second. */
export const LISTENERS_EVERY_PARTS = 5

/** The state of a program at the end of one part. */
export interface ProgramState {
  readonly facts: SpaceFacts
  readonly slate: boolean
  readonly listeners: number
  /** As last recorded. */
  readonly audience?: Audience
  /** What listeners pressed since the part before. */
  readonly reactions?: ReactionCounts
  /** Who speaks, and how loud; seats that are not in it are silent. */
  readonly speaking: ReadonlyMap<SeatId, Dbov>
}

/** Makes the events of consecutive parts of one epoch. */
export class ProgramEvents {
  readonly #epoch: Epoch
  #before: { readonly snapshot: Snapshot; readonly seats: string } | undefined
  #listenersAt = Number.NEGATIVE_INFINITY

  constructor(epoch: Epoch) {
    this.#epoch = epoch
  }

  /** The events of the part `sequence`; call once for each part, in order. */
  of(sequence: Sequence, state: ProgramState): readonly PartEvent[] {
    const now = this.#snapshotOf(sequence, state)
    const seats = JSON.stringify(now.seats.map(({ speaking, ...rest }) => rest))
    const before = this.#before
    this.#before = { snapshot: now, seats }
    const isProgramStart = sequence === state.facts.programStart && now.phase === 'live'
    const joinable = before === undefined || isProgramStart || isSnapshotDue(sequence)
    const events: PartEvent[] = joinable ? [fitSnapshot(now)] : []
    if (before) events.push(...this.#deltas(sequence, before, { snapshot: now, seats }, state.speaking))
    const { reactions = {} } = state
    if (countReactions(reactions) > 0) events.push({ kind: 'reactions', counts: reactions })
    return events
  }

  #snapshotOf(sequence: Sequence, { facts, slate, listeners, audience, speaking }: ProgramState): Snapshot {
    const startedAtMs = startOf(facts)
    const { heldSinceMs, endsAtMs, scheduledAtMs } = facts
    const phase = phaseAt(sequence, facts)
    return {
      kind: 'snapshot',
      epoch: this.#epoch,
      phase,
      ...(startedAtMs === undefined ? {} : { startedAtMs }),
      ...(scheduledAtMs === undefined || phase !== 'lobby' ? {} : { scheduledAtMs }),
      recorded: facts.recorded,
      listeners,
      ...(audience === undefined ? {} : { audience: withoutReported(audience) }),
      slate,
      ...(slate && heldSinceMs !== undefined ? { held: true } : {}),
      ...(endsAtMs === undefined ? {} : { endsAtMs }),
      ...(facts.handsOpen === undefined ? {} : { handsOpen: facts.handsOpen }),
      seats: facts.seats.filter(isOnAir).map(
        ({ id, name, role, muted }): SnapshotSeat => ({
          id,
          name,
          role,
          muted,
          speaking: speaking.has(id),
        }),
      ),
    }
  }

  *#deltas(
    sequence: Sequence,
    before: { readonly snapshot: Snapshot; readonly seats: string },
    now: { readonly snapshot: Snapshot; readonly seats: string },
    levels: ReadonlyMap<SeatId, Dbov>,
  ): Iterable<PartEvent> {
    const { phase, startedAtMs, slate, held, listeners } = now.snapshot
    if (phase !== before.snapshot.phase)
      yield { kind: 'phase', phase, ...(startedAtMs === undefined ? {} : { startedAtMs }) }
    if (slate !== before.snapshot.slate || held !== before.snapshot.held)
      yield { kind: 'slate', slate, ...(held === undefined ? {} : { held }) }
    if (now.seats !== before.seats) yield { kind: 'seats', seats: now.snapshot.seats }
    const spoke = new Set(before.snapshot.seats.filter((seat) => seat.speaking).map((seat) => seat.id))
    for (const { id, speaking } of now.snapshot.seats) {
      if (speaking !== spoke.has(id))
        yield { kind: 'speaking', seat: id, speaking, level: levels.get(id) ?? SILENT }
    }
    if (listeners !== before.snapshot.listeners) {
      if (sequence - this.#listenersAt >= LISTENERS_EVERY_PARTS) {
        this.#listenersAt = sequence
        yield { kind: 'listeners', listeners }
      } else {
        // Still to be said: the next part compares with what was said last.
        this.#before = { ...now, snapshot: { ...now.snapshot, listeners: before.snapshot.listeners } }
      }
    }
  }
}

const SILENT = -127 as Dbov

function withoutReported({ reported, ...rest }: Audience): Omit<Audience, 'reported'> {
  return rest
}

/** Facts may come a little before or after the program's first part; the part's own place decides. */
function phaseAt(sequence: Sequence, facts: SpaceFacts): SpacePhase {
  if (facts.phase === 'scheduled') return 'lobby'
  if (facts.phase === 'lobby' || facts.programStart === undefined) return facts.phase
  return sequence < facts.programStart ? 'lobby' : 'live'
}

function startOf(facts: SpaceFacts): WallMillis | undefined {
  return facts.programStart === undefined ? undefined : wallTimeOf(facts.programStart, facts.gridStartMs)
}
