// The API's JSON as schemas: what is checked on the way in, and what the OpenAPI document says of both ways. The
// types at the end fail to compile when a schema and `core/api/api.ts` no longer say the same.

import { z } from '@hono/zod-openapi'
import type { HandId, SeatId, SpaceId } from '../../base/ids.ts'
import type { Dbov, WallMillis } from '../../base/units.ts'
import {
  DESCRIPTION_CHARACTERS_MAX,
  LANGUAGE_CHARACTERS_MAX,
  PEOPLE_MAX,
  TIME_ZONE_CHARACTERS_MAX,
} from '../../core/announcement/announcement.ts'
import type * as api from '../../core/api/api.ts'
import { REPORTED_LISTENERS_MAX, SOURCE_PATTERN } from '../../core/count/audience.ts'
import { ARRIVALS } from '../../core/seat/air.ts'
import { SEAT_ROLES } from '../../core/seat/roles.ts'
import { NAME_CHARACTERS_MAX } from '../../core/seat/seats.ts'
import { SOUND_FINDINGS, type SoundCheckReport } from '../../core/sound-check/sound-check.ts'
import { TITLE_CHARACTERS_MAX } from '../../core/space/new-space.ts'

const spaceIdPattern = '^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$'
const seatIdPattern = '^[a-z0-9]{6,24}$'
const textMatching = <T extends string>(pattern: string, what: string) =>
  z
    .custom<T>((value) => typeof value === 'string' && new RegExp(pattern).test(value), what)
    .openapi({ type: 'string', pattern })

export const spaceId = textMatching<SpaceId>(
  spaceIdPattern,
  'A space id has 1 to 40 characters: a–z, 0–9 and inner hyphens.',
)
export const seatId = textMatching<SeatId>(seatIdPattern, 'A seat id has 6 to 24 characters: a–z and 0–9.')
export const sessionId = textMatching<string>(
  '^[A-Za-z0-9_-]{1,64}$',
  'A session id has 1 to 64 letters, digits, hyphens and underscores.',
)

const branded = <T extends number>(description: string) =>
  z.custom<T>((value) => typeof value === 'number').openapi({ type: 'number', description })
const wallMs = branded<WallMillis>('Milliseconds since the Unix epoch')
const ms = z.int().openapi({ description: 'Milliseconds since the Unix epoch' })
const phase = z.enum(['scheduled', 'lobby', 'live', 'ended'])
const start = z.enum(['manual', 'automatic'])
const role = z.enum(SEAT_ROLES)
const arrivals = z
  .enum(ARRIVALS)
  .describe('Where who takes a seat after the start comes in; on-air by default')
const onAir = z.boolean().describe('False backstage: heard on stage, and not by listeners')

export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string(),
    detail: z.string(),
    instance: z.string().exactOptional(),
  })
  .openapi('Problem')

const title = z.string().openapi({ minLength: 1, maxLength: TITLE_CHARACTERS_MAX })
const name = z.string().openapi({ minLength: 1, maxLength: NAME_CHARACTERS_MAX })
const secret = z.string().min(1).max(128)
/** Checked further, and brought into the form in which it is kept, by `announce`. */
const announcement = {
  description: z.string().exactOptional().openapi({
    maxLength: DESCRIPTION_CHARACTERS_MAX,
    description: 'Plain text; an empty line parts paragraphs',
  }),
  language: z.string().exactOptional().openapi({
    maxLength: LANGUAGE_CHARACTERS_MAX,
    description: 'Language of the talk, BCP 47',
    example: 'id',
  }),
  people: z
    .array(z.string())
    .readonly()
    .exactOptional()
    .openapi({ maxItems: PEOPLE_MAX, description: 'Names of those who are announced' }),
  timeZone: z.string().exactOptional().openapi({
    maxLength: TIME_ZONE_CHARACTERS_MAX,
    description: 'IANA name of the zone in which the time was planned',
    example: 'Asia/Jakarta',
  }),
}

export const newSpaceSchema = z
  .object({
    title,
    scheduledAtMs: ms.exactOptional(),
    recorded: z.boolean(),
    start: start
      .exactOptional()
      .openapi({ description: 'automatic: begins by itself at scheduledAtMs; manual by default' }),
    arrivals: arrivals.exactOptional(),
    id: textMatching<string>(spaceIdPattern, 'A space id.').exactOptional(),
    ...announcement,
  })
  .openapi('NewSpace')

export const spaceChangeSchema = z
  .object({
    title: title.exactOptional(),
    scheduledAtMs: ms
      .nullable()
      .exactOptional()
      .openapi({ description: 'null: no planned time any more. Not once the program has begun' }),
    start: start.exactOptional(),
    locked: z.boolean().exactOptional().describe('True: the invitation opens no new seats'),
    arrivals: arrivals.exactOptional(),
    handsOpen: z
      .boolean()
      .exactOptional()
      .openapi({ description: 'Whether listeners may raise a hand; those that are up stay up' }),
    withheld: z.boolean().exactOptional().openapi({
      description:
        'By the operator alone. True: nobody may hear the recording, until it is false; set before the end, there is no replay then',
    }),
    ...announcement,
  })
  .openapi('SpaceChange')
const count = z.int().min(0)
const reported = z.object({
  source: textMatching<string>(SOURCE_PATTERN, 'A source has 1 to 32 of a–z, 0–9, dot and hyphen.'),
  listeners: count.max(REPORTED_LISTENERS_MAX),
})
export const reportedAudienceSchema = reported
  .openapi('ReportedAudience')
  .describe('What somebody else counted, such as a CDN. Repeat it at least every two minutes.')
const audience = z
  .object({
    peak: count.describe('The most listeners in one second of the program'),
    unique: count.describe('Different devices, an estimate; never mixed with listeners'),
    turnedAway: count,
    gaveUp: count,
    couldNotPlay: count,
    replaying: count,
    reported: z.array(reported).readonly().exactOptional(),
  })
  .openapi('Audience')

export const publicSpaceSchema = z
  .object({
    id: spaceId,
    title: z.string(),
    phase,
    recorded: z.boolean(),
    scheduledAtMs: ms.exactOptional(),
    start,
    startedAtMs: ms.exactOptional(),
    startLatenessMs: z
      .int()
      .exactOptional()
      .openapi({ description: 'How much later than scheduled the first part of the program was on air' }),
    endedAtMs: ms.exactOptional(),
    heldSinceMs: ms.exactOptional(),
    endsAtMs: ms.exactOptional(),
    replay: z.boolean(),
    withheld: z.literal(true).exactOptional().openapi({ description: 'Nobody may hear the recording' }),
    listeners: z.int(),
    handsOpen: z.literal(true).exactOptional(),
    audience: audience.exactOptional(),
    pictureUrl: z.string().exactOptional().openapi({ description: 'Path at the public door' }),
    ...announcement,
  })
  .openapi('PublicSpace')

const spaces = z.array(publicSpaceSchema).readonly()
export const spaceListSchema = z
  .object({ live: spaces, upcoming: spaces, recent: spaces })
  .openapi('SpaceList')

export const createdSpaceSchema = z
  .object({
    space: publicSpaceSchema,
    links: z.object({ host: z.url(), cohost: z.url(), speaker: z.url(), listen: z.url() }),
  })
  .openapi('CreatedSpace')

export const linkSchema = z.object({ url: z.url() }).openapi('Link')
export const operatorSecretSchema = z.object({ secret }).openapi('OperatorSecret')
export const seatRequestSchema = z.object({ secret, name }).openapi('SeatRequest')

/** Nothing found means fine. */
const soundCheck = z
  .object({ found: z.array(z.enum(SOUND_FINDINGS)).max(SOUND_FINDINGS.length).readonly() })
  .openapi('SoundCheck')

export const seatSchema = z
  .object({
    id: seatId,
    space: spaceId,
    name: z.string(),
    role,
    muted: z.boolean(),
    onAir: onAir.exactOptional(),
    soundCheck: soundCheck.exactOptional(),
  })
  .openapi('Seat')

export const seatChangeSchema = z
  .object({
    muted: z.boolean().exactOptional(),
    onAir: onAir.exactOptional(),
    name: name.exactOptional(),
    role: z.enum(['cohost', 'speaker']).exactOptional().describe('By the host alone, of others'),
    soundCheck: soundCheck.exactOptional(),
  })
  .openapi('SeatChange')

const observedSeat = z.object({
  id: seatId,
  connection: z.enum(['absent', 'connecting', 'connected']),
  muted: z.boolean(),
  speaking: z.boolean(),
  level: branded<Dbov>('dBov, −127 to 0 (RFC 6464)'),
  loss: z.number(),
  jitterBufferMs: z.number(),
  onAir: onAir.exactOptional(),
})

export const handId = textMatching<HandId>(
  seatIdPattern,
  'A hand has an id of 6 to 24 characters: a–z and 0–9.',
)
const handInQueue = z.object({
  id: handId,
  name: z.string(),
  state: z.enum(['raised', 'accepted']),
  raisedAtMs: z.number(),
})
const handsView = z.object({
  open: z.boolean(),
  count: z.int(),
  queue: z
    .array(handInQueue)
    .readonly()
    .exactOptional()
    .openapi({ description: 'Only for those who run the room' }),
})
export const handRequestSchema = z.object({ name }).openapi('HandRequest')
export const handStandingSchema = z
  .object({
    state: z.enum(['raised', 'accepted', 'seated', 'declined', 'lowered', 'expired']),
    place: z.int().min(1).exactOptional(),
    expiresInMs: z.number().exactOptional(),
    askAgainMs: z.number(),
  })
  .openapi('HandStanding')
export const raisedHandSchema = z
  .object({ hand: handId, token: z.string(), standing: handStandingSchema })
  .openapi('RaisedHand')

export const stageViewSchema = z
  .object({
    space: publicSpaceSchema,
    me: seatId,
    holder: seatId.exactOptional().describe('Who holds the room while the host is away'),
    locked: z.boolean().exactOptional().describe('True while the invitation opens no new seats'),
    seats: z
      .array(
        z.object({
          id: seatId,
          name: z.string(),
          role,
          muted: z.boolean(),
          onAir: onAir.exactOptional(),
          takenAtMs: wallMs,
          soundCheck: soundCheck.exactOptional(),
          observed: observedSeat.exactOptional(),
        }),
      )
      .readonly(),
    stage: z
      .object({
        id: z.string(),
        epoch: z.int().openapi({ description: 'Grows with every stage that takes the space over' }),
        slate: z.boolean(),
        opening: z
          .boolean()
          .exactOptional()
          .openapi({ description: 'The program began by itself and nobody has spoken yet' }),
        held: z.boolean().exactOptional().openapi({ description: 'A hold keeps everyone off air' }),
      })
      .exactOptional(),
    arrivals: arrivals.exactOptional(),
    hands: handsView.exactOptional(),
    nowMs: z.number(),
  })
  .openapi('StageView')

export const iceServersSchema = z
  .object({
    iceServers: z
      .array(z.object({ urls: z.array(z.string()).readonly(), username: z.string(), credential: z.string() }))
      .readonly(),
    expiresAtMs: z.number(),
  })
  .openapi('IceServers')

export const soundCheckReportSchema = z
  .object({
    phase: z.enum(['waiting', 'recording', 'playing', 'done']),
    measured: z
      .object({
        sentenceMs: z.number(),
        speechLevel: branded<Dbov>('dBov, −127 to 0 (RFC 6464)'),
        peakDb: z.number(),
        clipped: z.number().openapi({ description: 'Share of the frames, 0 to 1' }),
        loss: z.number().openapi({ description: 'Share of the packets, 0 to 1' }),
        jitterBufferMs: z.number(),
      })
      .exactOptional(),
  })
  .openapi('SoundCheckReport')

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false
type AllTrue<T extends readonly true[]> = T

/** Compiles only while every schema and its type in `core/api/api.ts` accept the same values. */
export type SchemasMatchTheApi = AllTrue<
  [
    Same<z.output<typeof problemSchema>, api.Problem>,
    Same<z.output<typeof newSpaceSchema>, api.NewSpace>,
    Same<z.output<typeof spaceChangeSchema>, api.SpaceChange>,
    Same<z.output<typeof publicSpaceSchema>, api.PublicSpace>,
    Same<z.output<typeof spaceListSchema>, api.SpaceList>,
    Same<z.output<typeof createdSpaceSchema>, api.CreatedSpace>,
    Same<z.output<typeof linkSchema>, api.Link>,
    Same<z.output<typeof seatSchema>, api.Seat>,
    Same<z.output<typeof seatChangeSchema>, api.SeatChange>,
    Same<z.output<typeof stageViewSchema>, api.StageView>,
    Same<z.output<typeof iceServersSchema>, api.IceServers>,
    Same<z.output<typeof handRequestSchema>, api.HandRequest>,
    Same<z.output<typeof handStandingSchema>, api.HandStanding>,
    Same<z.output<typeof raisedHandSchema>, api.RaisedHand>,
    Same<z.output<typeof soundCheckReportSchema>, SoundCheckReport>,
  ]
>
