// The JSON of the public API (`/api/v1`), as types that control serves and pages read. Control's schemas are
// checked against these; the generated OpenAPI is at `/api/v1/openapi.json`.
//
//   who      operator: `Authorization: Bearer <operator secret>` or the `mimbar_operator` cookie
//            seat: cookie `mimbar_seat_<seat>` (HttpOnly, SameSite=Strict, Path=/api/v1/spaces/<space>) or Bearer
//
//   POST   /api/v1/operator/session              {secret} → 204, sets the cookie
//   GET    /api/v1/operator/session              operator → 204; 401 tells a page to ask for the link
//   DELETE /api/v1/operator/session              → 204, forgets the cookie's session
//   POST   /api/v1/operator/link                 operator → Link; the old one and its sessions stop working
//   GET    /api/v1/node                          operator → NodeView (core/watch), as of the last second
//   POST   /api/v1/node/alarm-test               operator → 204, a test alarm was taken by the webhook
//   GET    /api/v1/spaces                        → SpaceList
//   POST   /api/v1/spaces                        operator · NewSpace → 201 CreatedSpace
//   GET    /api/v1/spaces/:space                 → PublicSpace
//   PATCH  /api/v1/spaces/:space                 who runs the room, or operator · SpaceChange → PublicSpace;
//                                                `withheld`: the operator alone
//   PUT    /api/v1/spaces/:space/picture         likewise · a PNG, JPEG or WebP file of at most 512 KB → PublicSpace
//   DELETE /api/v1/spaces/:space/picture         likewise → PublicSpace
//   DELETE /api/v1/spaces/:space                 operator · scheduled or ended → 204; its log goes too
//   POST   /api/v1/spaces/:space/links/:kind     operator · kind host|cohost|speaker → Link; the old one stops working;
//                                                who runs the room: kind speaker
//   POST   /api/v1/spaces/:space/seats           {secret, name} → 201 Seat, sets the cookie
//   GET    /api/v1/spaces/:space/seats/:seat     that seat → Seat
//   PATCH  /api/v1/spaces/:space/seats/:seat     that seat, or who runs the room (mute, on air), or the host (also role)
//                                                · SeatChange → Seat
//   DELETE /api/v1/spaces/:space/seats/:seat     that seat leaves, or who runs the room removes it → 204
//   POST   /api/v1/spaces/:space/seats/mute?seat=         who runs the room · mutes everybody but that seat → 204
//   POST   /api/v1/spaces/:space/seats/:seat/block        who runs the room · removes it, and its browser stays out → 204
//   POST   /api/v1/spaces/:space/seats/:seat/restore      who runs the room · undoes a removal or a block → Seat
//   POST   /api/v1/spaces/:space/start           who runs the room, or operator → PublicSpace
//   POST   /api/v1/spaces/:space/end             who runs the room, or operator → PublicSpace
//   POST   /api/v1/spaces/:space/hold            who runs the room, or operator → PublicSpace; everyone is off air, the slate is on
//   POST   /api/v1/spaces/:space/resume          who runs the room, or operator → PublicSpace; back on air
//   GET    /api/v1/spaces/:space/audience.csv    at the public door → text/csv, a line for each second of the program
//   POST   /api/v1/spaces/:space/audience/reported  operator · ReportedAudience → 204; what somebody else counted
//   POST   /api/v1/spaces/:space/stage?seat=     seat · application/sdp → 201 answer, Location; WHIP-shaped (RFC 9725)
//                                                Bearer of the host or invitation secret: an encoder's seat (OBS)
//   GET    /api/v1/spaces/:space/stage/relays?seat=    seat, or Bearer of a link's secret → IceServers
//   POST   /api/v1/spaces/:space/stage/check           seat, or Bearer of a link's secret · application/sdp → 201 answer;
//                                                a sentence comes back, nobody else hears it (core/sound-check)
//   GET    /api/v1/spaces/:space/stage/check/:session  the same → SoundCheckReport
//   DELETE /api/v1/spaces/:space/stage/check/:session  the same → 204
//   DELETE /api/v1/spaces/:space/stage/:session?seat=  seat → 200
//   GET    /api/v1/spaces/:space/stage/events?seat=    seat · text/event-stream of StageView (event `view`)
//
//   POST   /api/v1/spaces/:space/hands           at the public door · HandRequest → 201 RaisedHand
//   GET    /api/v1/spaces/:space/hands/:hand     at the public door · the hand's token as Bearer → HandStanding
//   DELETE /api/v1/spaces/:space/hands/:hand     likewise → 204; lowers the hand, or leaves the seat that it led to
//   POST   /api/v1/spaces/:space/hands/:hand/accept   host or operator → 204; its token opens one seat, once
//   POST   /api/v1/spaces/:space/hands/:hand/decline  host or operator → 204
//   DELETE /api/v1/spaces/:space/hands           host or operator → 204; lowers every hand
//
// Calls that change something need an `Origin` that is one of our two doors, or a Bearer token.

import type { HandId, SeatId, SpaceId } from '../../base/ids.ts'
import type { Announcement, AnnouncementChange } from '../announcement/announcement.ts'
import type { Audience } from '../count/audience.ts'
import type { Arrivals } from '../seat/air.ts'
import type { SeatRole } from '../seat/roles.ts'
import type { SeatSoundCheck } from '../sound-check/sound-check.ts'
import type { ObservedSeat, SeatFacts, SpacePhase } from '../space/facts.ts'
import type { StartMode } from '../space/planned-start.ts'

export interface NewSpace extends Announcement {
  /** 1 to 120 characters. */
  readonly title: string
  /** Wall clock, ms since the Unix epoch. */
  readonly scheduledAtMs?: number
  readonly recorded: boolean
  /** `automatic`: begins by itself at `scheduledAtMs`, which it then needs. `manual` when left out. */
  readonly start?: StartMode
  /** Where who takes a seat after the start comes in. `on-air` when left out. */
  readonly arrivals?: Arrivals
  /** Chosen by Mimbar when left out. */
  readonly id?: string
}

/** What is left out stays as it is; of the announcement, an empty text or list is taken away. */
export interface SpaceChange extends AnnouncementChange {
  /** 1 to 120 characters. */
  readonly title?: string
  /** Wall clock, ms since the Unix epoch; null takes the plan away. Not once it has begun. */
  readonly scheduledAtMs?: number | null
  readonly start?: StartMode
  /** True: the invitation opens no new seats; who has one returns to it. */
  readonly locked?: boolean
  readonly arrivals?: Arrivals
  /** Whether listeners may raise a hand. */
  readonly handsOpen?: boolean
  /** By the operator alone. True: nobody may hear the recording, until it is false. */
  readonly withheld?: boolean
}

/** What anyone may know of a space. In lists without its description. */
export interface PublicSpace extends Announcement {
  readonly id: SpaceId
  readonly title: string
  /** Path of the announced picture at the public door. */
  readonly pictureUrl?: string
  readonly phase: SpacePhase
  readonly recorded: boolean
  readonly scheduledAtMs?: number
  /** Who begins the program, or began it: the host, or the clock. */
  readonly start: StartMode
  readonly startedAtMs?: number
  /** How much later than scheduled the program's first part was on air; absent until it is known. */
  readonly startLatenessMs?: number
  readonly endedAtMs?: number
  /** Since when the program is held: everyone is off air for a moment. Absent while it is not. */
  readonly heldSinceMs?: number
  /** Nobody is on stage, and the space ends by itself then unless somebody returns. Absent while somebody is there. */
  readonly endsAtMs?: number
  /** True when `/replay/:space/index.m3u8` has something to play. */
  readonly replay: boolean
  /** True while the recording, or what will be one, is withheld; absent otherwise. */
  readonly withheld?: true
  readonly listeners: number
  /** True while listeners may raise a hand; absent otherwise. */
  readonly handsOpen?: true
  /** Absent until the space has been on air. What each number means: `GET /about/count`. */
  readonly audience?: Audience
}

export interface SpaceList {
  readonly live: readonly PublicSpace[]
  readonly upcoming: readonly PublicSpace[]
  readonly recent: readonly PublicSpace[]
}

export interface CreatedSpace {
  readonly space: PublicSpace
  readonly links: {
    readonly host: string
    readonly cohost: string
    readonly speaker: string
    readonly listen: string
  }
}

/** Shown once; only a hash of its secret is kept. */
export interface Link {
  readonly url: string
}

export interface Seat {
  readonly id: SeatId
  readonly space: SpaceId
  readonly name: string
  readonly role: SeatRole
  readonly muted: boolean
  /** False backstage: heard on stage, and not by listeners. */
  readonly onAir?: boolean
  readonly soundCheck?: SeatSoundCheck
}

export interface SeatChange {
  readonly muted?: boolean
  /** `false`: the person themselves, or who runs the room; `true`: who runs the room. */
  readonly onAir?: boolean
  readonly name?: string
  /** By the host alone, of others. */
  readonly role?: 'cohost' | 'speaker'
  /** What the person's newest sound check found. */
  readonly soundCheck?: SeatSoundCheck
}

/** What a seat-holder sees: desired and observed, side by side. Pages show the observed. */
export interface StageView {
  readonly space: PublicSpace
  readonly me: SeatId
  /** Who holds the room while the host is away; absent while the host does. */
  readonly holder?: SeatId
  /** True while the invitation opens no new seats. */
  readonly locked?: boolean
  readonly seats: readonly (SeatFacts & { readonly observed?: ObservedSeat })[]
  /** Who serves the space now. A changed epoch means: connect anew, at once. Absent while nobody does. */
  readonly stage?: {
    readonly id: string
    readonly epoch: number
    readonly slate: boolean
    /** The program began by itself and nobody has spoken: whoever does is heard at once. */
    readonly opening?: boolean
    /** A hold is what keeps everyone off air. */
    readonly held?: boolean
  }
  /** Where who takes a seat from now on comes in, once the program is on; absent: on air. */
  readonly arrivals?: Arrivals
  readonly hands?: HandsView
  readonly nowMs: number
}

/** A TURN relay, in the words of `RTCIceServer` (W3C WebRTC, section 4.2.4). */
export interface IceServer {
  readonly urls: readonly string[]
  readonly username: string
  readonly credential: string
}

/** For people whose network lets no UDP out; an empty list where the operator has no relay. */
export interface IceServers {
  readonly iceServers: readonly IceServer[]
  readonly expiresAtMs: number
}

/** The hands, as people on stage see them. Who asks to speak is for those who run the room alone. */
export interface HandsView {
  readonly open: boolean
  /** How many are up. */
  readonly count: number
  /** Those who were called and have not come yet, and the first of the queue in their order. */
  readonly queue?: readonly HandInQueue[]
}

export interface HandInQueue {
  readonly id: HandId
  readonly name: string
  readonly state: 'raised' | 'accepted'
  readonly raisedAtMs: number
}

export interface HandRequest {
  /** 1 to 40 characters. */
  readonly name: string
}

/** The token is shown once; only a hash of it is kept. */
export interface RaisedHand {
  readonly hand: HandId
  readonly token: string
  readonly standing: HandStanding
}

/**
 * How it stands with a hand. `accepted`: the token opens one speaker's seat, once, for as long as `expiresInMs` says.
 * `seated`: it did, and the seat is still taken. `expired`: nobody came. A hand that nobody knows any more is 410.
 */
export interface HandStanding {
  readonly state: 'raised' | 'accepted' | 'seated' | 'declined' | 'lowered' | 'expired'
  /** 1: next. While raised. */
  readonly place?: number
  /** While accepted. */
  readonly expiresInMs?: number
  /** A page asks again after about this long; spread, so that pages don't ask in step. */
  readonly askAgainMs: number
}

/** RFC 9457, with our stable `code`. Media type application/problem+json. */
export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly code: string
  readonly detail: string
  readonly instance?: string
}

/** Data that the edge writes into the listening page, as JSON in `<script type="application/json" id="mimbar-data">`. */
export interface ListenPageData {
  readonly space: PublicSpace
  /** Who is on stage and on air, in their order, before the stream says more; nobody before the lobby and after the end. */
  readonly seats: readonly Pick<Seat, 'id' | 'name' | 'role'>[]
  readonly studioUrl: string
  readonly nowMs: number
}

/** Data that control writes into the stage page, likewise. */
export interface StagePageData {
  readonly space: PublicSpace
  /** The public door, without a trailing slash: listeners are sent to `<publicUrl>/s/<space>`. */
  readonly publicUrl: string
  readonly nowMs: number
  /** Origins whose listening pages may show the stage inside them. */
  readonly framedBy?: readonly string[]
  /** Shown inside a page of another site, where browsers send no cookie: no seat can be held here. */
  readonly cookiesBlocked?: true
}

/** Fragment keys of the links that control makes: `/s/:space/stage#host=<secret>`; `hand`: the token of a raised one. */
export const LINK_FRAGMENT = {
  host: 'host',
  cohost: 'cohost',
  speaker: 'invite',
  operator: 'operator',
  hand: 'hand',
} as const

/**
 * Request header in which an edge tells control, over the unix socket, whose request it passes on: one IP
 * address. An edge drops what a client sent by that name; control reads it on no other listener.
 */
export const CLIENT_ADDRESS_HEADER = 'mimbar-client-address'
