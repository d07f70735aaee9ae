// Spaces and their seats as rows. The database is the truth; the Roster is what others read of it.

import type { Database } from 'bun:sqlite'
import type { SeatId, SpaceId } from '../../base/ids.ts'
import { PART_MS, type Sequence, sequence, type WallMillis, wallMillis } from '../../base/units.ts'
import { type Announcement, announcementOf } from '../../core/announcement/announcement.ts'
import type { Audience } from '../../core/count/audience.ts'
import { type Arrivals, isOnAir } from '../../core/seat/air.ts'
import type { SeatSoundCheck } from '../../core/sound-check/sound-check.ts'
import type { SeatFacts, SpaceFacts, SpacePhase } from '../../core/space/facts.ts'
import { LOBBY_AHEAD_MS } from '../../core/space/phases.ts'
import { SPACES_LISTED_MAX } from '../../core/space/public-space.ts'

/** A space as control knows it: what everyone may read, and which seats are spoken for. */
export interface SpaceRecord {
  readonly facts: SpaceFacts
  /** The one seat that the host secret opens. */
  readonly hostSeat: SeatId
  /** The one seat for an encoder that brings the invitation as a Bearer token. */
  readonly encoderSeat: SeatId
  /** The host has been on stage here: only then can the room pass on (`core/seat/succession.ts`). */
  readonly hostCame: boolean
}

interface SpaceRow {
  readonly id: SpaceId
  readonly title: string
  readonly phase: SpacePhase
  readonly recorded: number
  readonly created_at_ms: number
  readonly scheduled_at_ms: number | null
  readonly grid_start_ms: number
  readonly planned_start: number | null
  readonly program_start: number | null
  readonly program_end: number | null
  readonly start_lateness_ms: number | null
  readonly audience: string | null
  readonly arrivals: Arrivals | null
  readonly held_since_ms: number | null
  readonly ends_at_ms: number | null
  readonly hands_open: number
  readonly withheld: number
  readonly host_seat: SeatId
  readonly encoder_seat: SeatId
  readonly holder: SeatId | null
  readonly host_came: number
  readonly locked: number
  readonly announcement: string | null
  readonly picture: string | null
}

interface SeatRow {
  readonly id: SeatId
  readonly name: string
  readonly role: SeatFacts['role']
  readonly muted: number
  readonly on_air: number
  readonly taken_at_ms: number
  readonly sound_check: string | null
}

/** The `spaces` and `seats` tables. Synchronous; callers group calls in transactions. */
export class SpaceStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  load(id: SpaceId): SpaceRecord | undefined {
    const row = this.#database.query<SpaceRow, [string]>('SELECT * FROM spaces WHERE id = ?').get(id)
    return row === null ? undefined : this.#recordOf(row)
  }

  all(): readonly SpaceRecord[] {
    return this.#records('SELECT * FROM spaces ORDER BY id')
  }

  /** The spaces that the public list can name: of each phase the ones that matter most now. */
  listed(): readonly SpaceRecord[] {
    const limit = `LIMIT ${SPACES_LISTED_MAX}`
    return [
      ...this.#records(`SELECT * FROM spaces WHERE phase = 'live' ORDER BY created_at_ms DESC ${limit}`),
      ...this.#records(`SELECT * FROM spaces WHERE phase = 'lobby' ORDER BY created_at_ms DESC ${limit}`),
      ...this.#records(
        `SELECT * FROM spaces WHERE phase = 'scheduled' ORDER BY scheduled_at_ms IS NULL, scheduled_at_ms ${limit}`,
      ),
      ...this.#records(
        `SELECT * FROM spaces WHERE phase = 'ended' ORDER BY grid_start_ms + program_end * ${PART_MS} DESC ${limit}`,
      ),
    ]
  }

  /** The spaces whose phase time alone may change now. */
  waiting(now: WallMillis): readonly SpaceRecord[] {
    return this.#records(
      `SELECT * FROM spaces WHERE phase = 'lobby' OR (phase = 'scheduled' AND scheduled_at_ms <= ?)`,
      now + LOBBY_AHEAD_MS,
    )
  }

  /** The spaces that are on now. */
  live(): readonly SpaceRecord[] {
    return this.#records(`SELECT * FROM spaces WHERE phase = 'live'`)
  }

  /** The spaces that are on now, and those whose lobby is open. */
  open(): readonly SpaceRecord[] {
    return this.#records(`SELECT * FROM spaces WHERE phase IN ('lobby', 'live')`)
  }

  /** How many spaces there are in each phase, and how many seats are taken in spaces that have not ended. */
  census(): { readonly spaces: ReadonlyMap<SpacePhase, number>; readonly seats: number } {
    const rows = this.#database
      .query<{ phase: SpacePhase; count: number }, []>(
        'SELECT phase, COUNT(*) AS count FROM spaces GROUP BY phase',
      )
      .all()
    const seats = this.#database
      .query<{ count: number }, []>(
        `SELECT COUNT(*) AS count FROM seats JOIN spaces ON spaces.id = seats.space WHERE spaces.phase <> 'ended'`,
      )
      .get()
    return { spaces: new Map(rows.map((row) => [row.phase, row.count])), seats: seats?.count ?? 0 }
  }

  /** Writes `record` as it is, over what was there. */
  save(record: SpaceRecord): void {
    const { facts } = record
    this.#database
      .query(
        `INSERT INTO spaces (id, title, phase, recorded, created_at_ms, scheduled_at_ms, grid_start_ms,
                             planned_start, program_start, program_end, start_lateness_ms, audience,
                             arrivals, held_since_ms, ends_at_ms, hands_open, withheld,
                             host_seat, encoder_seat)
         VALUES ($id, $title, $phase, $recorded, $createdAt, $scheduledAt, $gridStart,
                 $planned, $start, $end, $lateness, $audience,
                 $arrivals, $held, $endsAt, $handsOpen, $withheld, $host, $encoder)
         ON CONFLICT (id) DO UPDATE SET title = $title, phase = $phase, scheduled_at_ms = $scheduledAt,
                                        planned_start = $planned, program_start = $start, program_end = $end,
                                        start_lateness_ms = $lateness, audience = $audience,
                                        arrivals = $arrivals, held_since_ms = $held, ends_at_ms = $endsAt,
                                        hands_open = $handsOpen, withheld = $withheld`,
      )
      .run({
        id: facts.id,
        title: facts.title,
        phase: facts.phase,
        recorded: facts.recorded ? 1 : 0,
        createdAt: facts.createdAtMs,
        scheduledAt: facts.scheduledAtMs ?? null,
        gridStart: facts.gridStartMs,
        planned: facts.plannedStart ?? null,
        start: facts.programStart ?? null,
        end: facts.programEnd ?? null,
        lateness: facts.startLatenessMs ?? null,
        audience: facts.audience === undefined ? null : JSON.stringify(facts.audience),
        arrivals: facts.arrivals ?? null,
        held: facts.heldSinceMs ?? null,
        endsAt: facts.endsAtMs ?? null,
        handsOpen: facts.handsOpen === true ? 1 : 0,
        withheld: facts.withheld === true ? 1 : 0,
        host: record.hostSeat,
        encoder: record.encoderSeat,
      })
    this.#database
      .query('UPDATE spaces SET holder = ?, host_came = ?, locked = ? WHERE id = ?')
      .run(facts.holder ?? null, record.hostCame ? 1 : 0, facts.locked === true ? 1 : 0, facts.id)
    this.#database
      .query('UPDATE spaces SET announcement = ?, picture = ? WHERE id = ?')
      .run(JSON.stringify(announcementOf(facts)), facts.picture ?? null, facts.id)
    this.#database.query('DELETE FROM seats WHERE space = ?').run(facts.id)
    const insert = this.#database.query(
      'INSERT INTO seats (space, id, name, role, muted, on_air, taken_at_ms, sound_check) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    )
    for (const seat of facts.seats) {
      insert.run(
        facts.id,
        seat.id,
        seat.name,
        seat.role,
        seat.muted ? 1 : 0,
        isOnAir(seat) ? 1 : 0,
        seat.takenAtMs,
        seat.soundCheck === undefined ? null : JSON.stringify(seat.soundCheck),
      )
    }
  }

  /** Removes the space, its seats and its secrets. */
  delete(id: SpaceId): void {
    this.#database.query('DELETE FROM spaces WHERE id = ?').run(id)
  }

  #records(sql: string, ...values: number[]): SpaceRecord[] {
    return this.#database
      .query<SpaceRow, number[]>(sql)
      .all(...values)
      .map((row) => this.#recordOf(row))
  }

  #recordOf(row: SpaceRow): SpaceRecord {
    const seats = this.#database
      .query<SeatRow, [string]>('SELECT * FROM seats WHERE space = ? ORDER BY taken_at_ms, id')
      .all(row.id)
    const optional = <K extends string, V>(key: K, value: number | null, as: (n: number) => V) =>
      (value === null ? {} : { [key]: as(value) }) as { readonly [key in K]?: V }
    const facts: SpaceFacts = {
      id: row.id,
      title: row.title,
      ...(row.picture === null ? {} : { picture: row.picture }),
      ...(row.announcement === null ? {} : (JSON.parse(row.announcement) as Announcement)),
      phase: row.phase,
      recorded: row.recorded === 1,
      createdAtMs: wallMillis(row.created_at_ms),
      ...optional('scheduledAtMs', row.scheduled_at_ms, wallMillis),
      gridStartMs: wallMillis(row.grid_start_ms),
      ...optional<'plannedStart', Sequence>('plannedStart', row.planned_start, sequence),
      ...optional<'programStart', Sequence>('programStart', row.program_start, sequence),
      ...optional<'programEnd', Sequence>('programEnd', row.program_end, sequence),
      ...optional('startLatenessMs', row.start_lateness_ms, (lateness) => lateness),
      ...(row.arrivals === null ? {} : { arrivals: row.arrivals }),
      ...optional('heldSinceMs', row.held_since_ms, wallMillis),
      ...optional('endsAtMs', row.ends_at_ms, wallMillis),
      ...(row.audience === null ? {} : { audience: JSON.parse(row.audience) as Audience }),
      ...(row.hands_open === 1 ? { handsOpen: true as const } : {}),
      ...(row.withheld === 1 ? { withheld: true as const } : {}),
      seats: seats.map((seat) => ({
        id: seat.id,
        name: seat.name,
        role: seat.role,
        muted: seat.muted === 1,
        ...(seat.on_air === 1 ? {} : { onAir: false }),
        takenAtMs: wallMillis(seat.taken_at_ms),
        ...(seat.sound_check === null ? {} : { soundCheck: JSON.parse(seat.sound_check) as SeatSoundCheck }),
      })),
      ...(row.holder === null ? {} : { holder: row.holder }),
      ...(row.locked === 1 ? { locked: true } : {}),
    }
    return {
      facts,
      hostSeat: row.host_seat,
      encoderSeat: row.encoder_seat,
      hostCame: row.host_came === 1,
    }
  }
}
