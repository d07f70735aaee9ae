// What rides with the sound. A part carries deltas; the first part of each segment, of an epoch and of the
// program carries a snapshot, so that a join needs nothing but the latest segment. As JSON it is the `events`
// track; the same text travels in `emsg` boxes (ID3 TXXX frame, description `mimbar`) in CMAF.

import type { SeatId } from '../../base/ids.ts'
import type { Dbov, Epoch } from '../../base/units.ts'
import type { Audience } from '../count/audience.ts'
import type { ReactionCounts } from '../reaction/reactions.ts'
import type { SeatRole } from '../seat/roles.ts'
import type { SpacePhase } from '../space/facts.ts'

/** Everything a page shows, small enough to repeat every two seconds. */
export interface Snapshot {
  readonly kind: 'snapshot'
  /** Epoch of the part that carries this; with the part's sequence it is where a stream resumes. */
  readonly epoch: Epoch
  readonly phase: SpacePhase
  /** Wall clock of the program's start in ms, once there is one. */
  readonly startedAtMs?: number
  /** In the lobby: for when the program is planned, if it is. */
  readonly scheduledAtMs?: number
  readonly recorded: boolean
  /** Listeners, as counted by the edges a moment ago. */
  readonly listeners: number
  /** The rest of the last record; what others reported is in the `events` track alone. */
  readonly audience?: Omit<Audience, 'reported'>
  /** True while nobody's voice is on air. */
  readonly slate: boolean
  /** The program is held: who was on air is back in a moment. */
  readonly held?: boolean
  /** Nobody is on stage, and the space ends by itself then unless somebody returns. */
  readonly endsAtMs?: number
  /** True while listeners may raise a hand. */
  readonly handsOpen?: true
  /** Who is on air. */
  readonly seats: readonly SnapshotSeat[]
}

export interface SnapshotSeat {
  readonly id: SeatId
  readonly name: string
  readonly role: SeatRole
  readonly muted: boolean
  readonly speaking: boolean
}

/** A change within this part. */
export type Delta =
  | { readonly kind: 'speaking'; readonly seat: SeatId; readonly speaking: boolean; readonly level: Dbov }
  | { readonly kind: 'listeners'; readonly listeners: number }
  | { readonly kind: 'seats'; readonly seats: readonly SnapshotSeat[] }
  | { readonly kind: 'phase'; readonly phase: SpacePhase; readonly startedAtMs?: number }
  | { readonly kind: 'slate'; readonly slate: boolean; readonly held?: boolean }
  /** What listeners pressed a moment ago, over all edges: at most `REACTIONS_PER_PART_MAX` of each kind. */
  | { readonly kind: 'reactions'; readonly counts: ReactionCounts }

export type PartEvent = Snapshot | Delta

/** A snapshot never grows beyond this; names are cut before it would. */
export const SNAPSHOT_BYTES_MAX = 2_048
/** Scheme of the `emsg` box: ID3 in CMAF (AOM, Carriage of ID3 Timed Metadata in CMAF), which hls.js reads. */
export const EMSG_SCHEME = 'https://aomedia.org/emsg/ID3'
/** Description of the ID3v2.4 TXXX frame whose value is a JSON array of {@link PartEvent}. */
export const ID3_DESCRIPTION = 'mimbar'
