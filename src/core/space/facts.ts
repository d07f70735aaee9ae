// What is true of a space for everyone who may read the Roster, and what its stage reports on the Feed.
// Control writes facts (desired state); the stage applies them and publishes what it sees (observed state).

import type { SeatId, SpaceId, StageId } from '../../base/ids.ts'
import type { Dbov, Epoch, Sequence, WallMillis } from '../../base/units.ts'
import type { Announcement } from '../announcement/announcement.ts'
import type { EdgeLoad } from '../capacity/edge-load.ts'
import type { Audience, EdgeAudienceReport } from '../count/audience.ts'
import type { DoorReport } from '../door/door-line.ts'
import type { Arrivals } from '../seat/air.ts'
import type { SeatRole } from '../seat/roles.ts'
import type { SeatSoundCheck } from '../sound-check/sound-check.ts'

/** scheduled: nobody serves it yet · lobby: a stage runs the slate · live: the program · ended: the replay, if any. */
export type SpacePhase = 'scheduled' | 'lobby' | 'live' | 'ended'

/** Roster document `space/<id>`, written by control alone. Desired state. */
export interface SpaceFacts extends Announcement {
  readonly id: SpaceId
  readonly title: string
  readonly phase: SpacePhase
  readonly recorded: boolean
  readonly createdAtMs: WallMillis
  /** Name of the picture that is announced (`core/announcement/picture.ts`). */
  readonly picture?: string
  /** When the host means to begin, if said. */
  readonly scheduledAtMs?: WallMillis
  /** Wall time of sequence 0: a whole multiple of 2 s, fixed at creation, so every reader and writer agrees. */
  readonly gridStartMs: WallMillis
  /** The program begins at this part by itself (`core/space/planned-start.ts`); absent when the host begins it. */
  readonly plannedStart?: Sequence
  /** First sequence of the program; media time 0. Present once live. */
  readonly programStart?: Sequence
  /** First sequence after the program. Present once ended. */
  readonly programEnd?: Sequence
  /** How late the program's first part was on air, measured from `scheduledAtMs` when the log had taken it. */
  readonly startLatenessMs?: number
  /** What the audience had come to at the end. Present once ended, if a stage had told. */
  readonly audience?: Audience
  readonly seats: readonly SeatFacts[]
  /** Who holds the room while the host is away; see `core/seat/roles.ts`. Absent while the host does. */
  readonly holder?: SeatId
  /** True while the invitation opens no new seats. */
  readonly locked?: boolean
  /** Where who takes a seat after the start comes in; absent: on air. */
  readonly arrivals?: Arrivals
  /** Since when everyone is off air and listeners hear "We'll be right back" (`core/space/hold.ts`); absent: not held. */
  readonly heldSinceMs?: WallMillis
  /** Nobody is on stage, and the space ends by itself then (`core/space/abandonment.ts`); absent while somebody is. */
  readonly endsAtMs?: WallMillis
  /** True while listeners may raise a hand; absent otherwise. */
  readonly handsOpen?: true
  /** True while nobody may hear the recording (`core/space/withholding.ts`); absent otherwise. */
  readonly withheld?: true
}

/** Desired state of one seat. */
export interface SeatFacts {
  readonly id: SeatId
  readonly name: string
  readonly role: SeatRole
  readonly muted: boolean
  /** False backstage: heard on stage, and not by listeners. Absent: on air. */
  readonly onAir?: boolean
  /** In the order in which seats were taken; ties are broken by id. */
  readonly takenAtMs: WallMillis
  /** The newest sound check of the person in it; absent when there was none. */
  readonly soundCheck?: SeatSoundCheck
}

/** Feed topic `observed/<space>`, five times a second from the stage that holds the space. */
export interface ObservedSpace {
  readonly space: SpaceId
  readonly stage: StageId
  readonly epoch: Epoch
  readonly atMs: WallMillis
  /** The newest part that the log has acknowledged. */
  readonly head?: Sequence
  readonly slate: boolean
  /** True while the slate covers a program that has begun by itself: whoever speaks now ends it, and is heard. */
  readonly opening?: boolean
  /** True while a hold is what keeps everyone off air. */
  readonly held?: boolean
  readonly listeners: number
  /**
   * When the program's first part was on air: its beginning, plus what the log took to have it beyond the part's own
   * length. From the stage that wrote it, or after a takeover from one that saw it; absent before.
   */
  readonly programOnAirAtMs?: WallMillis
  /** As last recorded in the log. */
  readonly audience?: Audience
  readonly seats: readonly ObservedSeat[]
}

export interface ObservedSeat {
  readonly id: SeatId
  /** `connecting`: an offer was answered, no sound yet; `absent`: nothing for 2.5 s. */
  readonly connection: 'absent' | 'connecting' | 'connected'
  readonly muted: boolean
  readonly speaking: boolean
  readonly level: Dbov
  /** Packets lost of those expected, over the last 5 s, 0…1. */
  readonly loss: number
  /** Delay of the jitter buffer now. */
  readonly jitterBufferMs: number
  /** Whether listeners hear what is said from this seat. Absent from a stage that does not tell. */
  readonly onAir?: boolean
}

/** Feed topic `stage/<id>`, once a second from every stage process. */
export interface StageHeartbeat {
  readonly stage: StageId
  readonly atMs: WallMillis
  /** Unix socket on which this stage answers `POST /offer` (see `roles/stage/door.ts`). */
  readonly socketPath: string
  readonly spaces: number
  readonly tickLatenessMsP99: number
  /** False once the lateness passes the limit: this stage takes no further space. */
  readonly accepts: boolean
  /** In its last heartbeat: the spaces that it has just let go (none, if it had none), for another stage to take at once. */
  readonly leaving?: readonly SpaceId[]
  /** Of one core, over the last second, 0…1. Absent from a stage that does not tell. */
  readonly cpu?: number
  /** Resident. */
  readonly memoryBytes?: number
}

/** Feed topic `edge/<id>`, once a second from every edge process. */
export interface EdgeReport {
  readonly edge: string
  readonly atMs: WallMillis
  /** Listeners by space; spaces without any are left out. */
  readonly listeners: Readonly<Record<string, number>>
  /** Absent from an edge that is stopping: it carries no share of its node any more. */
  readonly load?: EdgeLoad
  /** Room, and who waits for it. */
  readonly door?: DoorReport
  /** Everything else that is counted. */
  readonly audience?: EdgeAudienceReport
}

/**
 * Feed topic `wanted/<space>`, every two seconds from each edge that has a player of a track which is made on demand. The
 * stage that holds the space makes it until 30 s after the last one.
 */
export interface TracksWanted {
  readonly space: SpaceId
  readonly atMs: WallMillis
  readonly tracks: readonly 'aac.mp4'[]
}

/** How often an edge repeats a wish, and how long the stage goes on after the last one that it heard. */
export const WANTED_EVERY_MS = 2_000
export const WANTED_FOR_MS = 30_000

/** A stage has room for this many seats in one space. */
export const SEATS_MAX = 16

export const spaceKey = (space: SpaceId): string => `space/${space}`
export const observedTopic = (space: SpaceId): string => `observed/${space}`
export const stageTopic = (stage: StageId): string => `stage/${stage}`
export const wantedTopic = (space: SpaceId): string => `wanted/${space}`
export const edgeTopic = (edge: string): string => `edge/${edge}`
