// What a page knows of the program at the moment that is heard: the last snapshot with every delta since.

import { assertNever } from '../../base/assert.ts'
import type { PartEvent, Snapshot, SnapshotSeat } from '../../core/part/events.ts'
import type { SpacePhase } from '../../core/space/facts.ts'

export interface ProgramView {
  readonly phase: SpacePhase
  readonly startedAtMs?: number
  /** Before the program: for when it is planned, if it is. */
  readonly scheduledAtMs?: number
  readonly recorded: boolean
  readonly listeners: number
  /** Absent where nobody told, as in logs of earlier versions. */
  readonly audience?: Snapshot['audience']
  readonly slate: boolean
  /** The program is held: who was on air is back in a moment. */
  readonly held?: boolean
  /** Nobody is on stage, and the space ends by itself then unless somebody returns. */
  readonly endsAtMs?: number
  readonly handsOpen?: true | undefined
  readonly seats: readonly SnapshotSeat[]
}

/** The view after `event`. */
export function applyEvent(view: ProgramView, event: PartEvent): ProgramView {
  switch (event.kind) {
    case 'snapshot':
      return {
        phase: event.phase,
        ...startOf(event.startedAtMs ?? view.startedAtMs),
        ...(event.scheduledAtMs === undefined ? {} : { scheduledAtMs: event.scheduledAtMs }),
        recorded: event.recorded,
        listeners: event.listeners,
        ...(event.audience === undefined ? {} : { audience: event.audience }),
        slate: event.slate,
        ...(event.held === undefined ? {} : { held: event.held }),
        ...(event.endsAtMs === undefined ? {} : { endsAtMs: event.endsAtMs }),
        ...(event.handsOpen === undefined ? {} : { handsOpen: event.handsOpen }),
        seats: event.seats,
      }
    case 'speaking':
      return { ...view, seats: view.seats.map((seat) => speakingSeat(seat, event.seat, event.speaking)) }
    case 'listeners':
      return { ...view, listeners: event.listeners }
    case 'seats':
      return { ...view, seats: event.seats }
    case 'phase':
      return { ...view, phase: event.phase, ...startOf(event.startedAtMs ?? view.startedAtMs) }
    case 'slate':
      return { ...view, slate: event.slate, held: event.held === true }
    case 'reactions':
      // Nothing that lasts: the page lets them float by.
      return view
    default:
      return assertNever(event, 'an event of a kind that the parser let through')
  }
}

function startOf(startedAtMs: number | undefined): { startedAtMs?: number } {
  return startedAtMs === undefined ? {} : { startedAtMs }
}

function speakingSeat(seat: SnapshotSeat, id: string, speaking: boolean): SnapshotSeat {
  return seat.id === id && seat.speaking !== speaking ? { ...seat, speaking } : seat
}
