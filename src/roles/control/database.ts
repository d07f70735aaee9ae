// Opens control's SQLite file: write-ahead log, and an fsync before any commit is answered, so that what a host was
// told survives a power cut. One process owns the file; the lock on the data folder sees to that.

import { Database } from 'bun:sqlite'
import { chmodSync } from 'node:fs'
import { MimbarError } from '../../base/errors.ts'
import { MIGRATIONS, type Migration } from './migrations.ts'

/** Opens or creates the database at `path` and brings it up to date. Throws `unsupported` when it is newer than us. */
export function openDatabase(path: string, migrations: readonly Migration[] = MIGRATIONS): Database {
  const database = new Database(path, { create: true, strict: true })
  try {
    chmodSync(path, 0o600)
    database.run('PRAGMA journal_mode = WAL')
    database.run('PRAGMA synchronous = FULL')
    database.run('PRAGMA foreign_keys = ON')
    migrate(database, path, migrations)
    return database
  } catch (cause) {
    database.close()
    throw cause
  }
}

function migrate(database: Database, path: string, migrations: readonly Migration[]): void {
  const { user_version: found } = database.query('PRAGMA user_version').get() as { user_version: number }
  const known = migrations.length
  if (found > known) {
    throw new MimbarError(
      'unsupported',
      `${path} has schema version ${found}, and this Mimbar knows up to ${known}. ` +
        'Start the newer Mimbar that wrote it, or restore the backup made before the upgrade.',
    )
  }
  for (const migration of migrations.slice(found)) {
    database.transaction(() => {
      database.run(migration.sql)
      database.run(`PRAGMA user_version = ${migration.version}`)
    })()
  }
}
