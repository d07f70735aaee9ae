// The shape of control's database, as the steps that led to it. A step that was released is never edited; a new
// one is added below. `user_version` of the file says how many were taken.

export interface Migration {
  /** 1, 2, 3 … without a hole. */
  readonly version: number
  readonly sql: string
}

export const MIGRATIONS: readonly Migration[] = [
  {
    version: 1,
    sql: `
      CREATE TABLE spaces (
        id TEXT PRIMARY KEY,
        title TEXT NOT NULL,
        phase TEXT NOT NULL CHECK (phase IN ('scheduled', 'lobby', 'live', 'ended')),
        recorded INTEGER NOT NULL CHECK (recorded IN (0, 1)),
        created_at_ms INTEGER NOT NULL,
        scheduled_at_ms INTEGER,
        grid_start_ms INTEGER NOT NULL,
        program_start INTEGER,
        program_end INTEGER,
        -- Fixed at creation, so that who comes back comes back to the same seat.
        host_seat TEXT NOT NULL,
        encoder_seat TEXT NOT NULL
      ) STRICT;
      CREATE INDEX spaces_by_phase ON spaces (phase, scheduled_at_ms, program_end);

      CREATE TABLE seats (
        space TEXT NOT NULL REFERENCES spaces (id) ON DELETE CASCADE,
        id TEXT NOT NULL,
        name TEXT NOT NULL,
        role TEXT NOT NULL CHECK (role IN ('host', 'speaker')),
        muted INTEGER NOT NULL CHECK (muted IN (0, 1)),
        taken_at_ms INTEGER NOT NULL,
        PRIMARY KEY (space, id)
      ) STRICT;

      -- SHA-256 of secrets with 160 random bits; the secrets themselves are nowhere.
      CREATE TABLE secrets (
        hash BLOB PRIMARY KEY CHECK (length(hash) = 32),
        kind TEXT NOT NULL CHECK (kind IN ('operator', 'operator-session', 'host', 'speaker', 'seat')),
        space TEXT REFERENCES spaces (id) ON DELETE CASCADE,
        seat TEXT,
        created_at_ms INTEGER NOT NULL,
        expires_at_ms INTEGER,
        revoked_at_ms INTEGER
      ) STRICT;
      CREATE INDEX secrets_by_owner ON secrets (kind, space, seat);
    `,
  },
  {
    version: 2,
    sql: `
      ALTER TABLE spaces ADD COLUMN planned_start INTEGER;
      ALTER TABLE spaces ADD COLUMN start_lateness_ms INTEGER;
    `,
  },
  {
    version: 3,
    sql: `
      -- What the audience had come to when the program ended, as JSON: see core/count/audience.ts.
      ALTER TABLE spaces ADD COLUMN audience TEXT;
    `,
  },
  {
    version: 4,
    // What a CHECK allows can only be changed by making the table anew. Nothing refers to these two.
    sql: `
      CREATE TABLE seats_with_cohosts (
        space TEXT NOT NULL REFERENCES spaces (id) ON DELETE CASCADE,
        id TEXT NOT NULL,
        name TEXT NOT NULL,
        role TEXT NOT NULL CHECK (role IN ('host', 'cohost', 'speaker')),
        muted INTEGER NOT NULL CHECK (muted IN (0, 1)),
        taken_at_ms INTEGER NOT NULL,
        PRIMARY KEY (space, id)
      ) STRICT;
      INSERT INTO seats_with_cohosts (space, id, name, role, muted, taken_at_ms)
        SELECT space, id, name, role, muted, taken_at_ms FROM seats;
      DROP TABLE seats;
      ALTER TABLE seats_with_cohosts RENAME TO seats;

      CREATE TABLE secrets_with_cohosts (
        hash BLOB PRIMARY KEY CHECK (length(hash) = 32),
        kind TEXT NOT NULL CHECK (kind IN ('operator', 'operator-session', 'host', 'cohost', 'speaker', 'seat')),
        space TEXT REFERENCES spaces (id) ON DELETE CASCADE,
        seat TEXT,
        created_at_ms INTEGER NOT NULL,
        expires_at_ms INTEGER,
        revoked_at_ms INTEGER
      ) STRICT;
      INSERT INTO secrets_with_cohosts (hash, kind, space, seat, created_at_ms, expires_at_ms, revoked_at_ms)
        SELECT hash, kind, space, seat, created_at_ms, expires_at_ms, revoked_at_ms FROM secrets;
      DROP TABLE secrets;
      ALTER TABLE secrets_with_cohosts RENAME TO secrets;
      CREATE INDEX secrets_by_owner ON secrets (kind, space, seat);

      -- Who holds the room while the host is away, and whether the host has ever been on this stage.
      ALTER TABLE spaces ADD COLUMN holder TEXT;
      ALTER TABLE spaces ADD COLUMN host_came INTEGER NOT NULL DEFAULT 0 CHECK (host_came IN (0, 1));
      ALTER TABLE spaces ADD COLUMN locked INTEGER NOT NULL DEFAULT 0 CHECK (locked IN (0, 1));

      -- Seats that others have emptied: for undoing it, and for good while blocked.
      CREATE TABLE removals (
        space TEXT NOT NULL REFERENCES spaces (id) ON DELETE CASCADE,
        seat TEXT NOT NULL,
        -- The seat as it was, as JSON: see SeatFacts.
        facts TEXT NOT NULL,
        removed_at_ms INTEGER NOT NULL,
        blocked INTEGER NOT NULL CHECK (blocked IN (0, 1)),
        PRIMARY KEY (space, seat)
      ) STRICT;
    `,
  },
  {
    version: 5,
    sql: `
      ALTER TABLE spaces ADD COLUMN arrivals TEXT CHECK (arrivals IN ('on-air', 'backstage'));
      ALTER TABLE spaces ADD COLUMN held_since_ms INTEGER;
      ALTER TABLE spaces ADD COLUMN ends_at_ms INTEGER;
      ALTER TABLE seats ADD COLUMN on_air INTEGER NOT NULL DEFAULT 1 CHECK (on_air IN (0, 1));
    `,
  },
  {
    version: 6,
    sql: `
      ALTER TABLE spaces ADD COLUMN hands_open INTEGER NOT NULL DEFAULT 0 CHECK (hands_open IN (0, 1));

      -- Listeners who ask to speak. Seats are named without a reference: they are written anew at each change.
      CREATE TABLE hands (
        space TEXT NOT NULL REFERENCES spaces (id) ON DELETE CASCADE,
        id TEXT NOT NULL,
        name TEXT NOT NULL,
        token_hash BLOB NOT NULL CHECK (length(token_hash) = 32),
        state TEXT NOT NULL CHECK (state IN ('raised', 'accepted', 'seated', 'declined', 'lowered')),
        raised_at_ms INTEGER NOT NULL,
        changed_at_ms INTEGER NOT NULL,
        seat TEXT,
        PRIMARY KEY (space, id)
      ) STRICT;
    `,
  },
  {
    version: 7,
    sql: `
      -- What the person's newest sound check found, as JSON: see core/sound-check/sound-check.ts.
      ALTER TABLE seats ADD COLUMN sound_check TEXT;
    `,
  },
  {
    version: 8,
    sql: `
      -- What the space says of itself, as JSON: see core/announcement/announcement.ts.
      ALTER TABLE spaces ADD COLUMN announcement TEXT;

      -- Its picture, named by a hash of its content.
      ALTER TABLE spaces ADD COLUMN picture TEXT;
      CREATE TABLE pictures (
        space TEXT PRIMARY KEY REFERENCES spaces (id) ON DELETE CASCADE,
        name TEXT NOT NULL,
        bytes BLOB NOT NULL
      ) STRICT;
    `,
  },
  {
    version: 9,
    sql: `
      ALTER TABLE spaces ADD COLUMN withheld INTEGER NOT NULL DEFAULT 0 CHECK (withheld IN (0, 1));
    `,
  },
]
