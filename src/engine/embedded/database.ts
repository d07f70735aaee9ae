// The engine's SQLite file: leases and the roster. WAL with synchronous=FULL: a commit has been synced.

import { Database } from 'bun:sqlite'
import { MimbarError } from '../../base/errors.ts'

/** Of the tables below; a file with a newer one is refused. */
const SCHEMA_VERSION = 1

const SCHEMA = `
  CREATE TABLE lease (
    space TEXT PRIMARY KEY,
    epoch INTEGER NOT NULL,
    holder TEXT,
    ttl_ms INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE fact (
    key TEXT PRIMARY KEY,
    json TEXT NOT NULL,
    revision INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE newest_revision (revision INTEGER NOT NULL) STRICT;
  INSERT INTO newest_revision VALUES (0);
`

/** Opens the file at `path`, with today's tables in it; it is made when missing. */
export function openDatabase(path: string): Database {
  return translateSqlite(() => {
    const database = new Database(path, { create: true, strict: true })
    database.run('PRAGMA journal_mode = WAL')
    database.run('PRAGMA synchronous = FULL')
    const { user_version: version } = database.query('PRAGMA user_version').get() as { user_version: number }
    if (version > SCHEMA_VERSION) {
      database.close()
      throw new MimbarError(
        'unsupported',
        `${path} has schema ${version}; this program knows ${SCHEMA_VERSION}.`,
      )
    }
    if (version === 0) {
      database.transaction(() => {
        database.run(SCHEMA)
        database.run(`PRAGMA user_version = ${SCHEMA_VERSION}`)
      })()
    }
    return database
  })
}

/** Runs `work`; what SQLite throws comes out as `unavailable`. */
export function translateSqlite<T>(work: () => T): T {
  try {
    return work()
  } catch (cause) {
    if (cause instanceof MimbarError) throw cause
    throw new MimbarError('unavailable', `The engine's database failed: ${cause}`, { cause })
  }
}
