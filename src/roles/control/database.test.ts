import { expect, test } from 'bun:test'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hasCode } from '../../base/errors.ts'
import { openDatabase } from './database.ts'
import { MIGRATIONS } from './migrations.ts'

function inFolder(work: (path: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'mimbar-database-'))
  try {
    work(join(folder, 'control.db'))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const addition = { version: MIGRATIONS.length + 1, sql: 'CREATE TABLE later (id TEXT) STRICT;' }

test('a new database is private, durable and at the newest version', () => {
  inFolder((path) => {
    const database = openDatabase(path)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(database.query('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' })
    expect(database.query('PRAGMA synchronous').get()).toEqual({ synchronous: 2 })
    expect(database.query('PRAGMA user_version').get()).toEqual({ user_version: MIGRATIONS.length })
    database.close()
  })
})

test('an older database is brought up to date and keeps what is in it', () => {
  inFolder((path) => {
    const old = openDatabase(path)
    old.run("INSERT INTO secrets (hash, kind, created_at_ms) VALUES (randomblob(32), 'operator', 1)")
    old.close()
    const database = openDatabase(path, [...MIGRATIONS, addition])
    expect(database.query('SELECT COUNT(*) AS n FROM secrets').get()).toEqual({ n: 1 })
    expect(database.query('SELECT COUNT(*) AS n FROM later').get()).toEqual({ n: 0 })
    database.close()
  })
})

test('a step that fails leaves the database as it was', () => {
  inFolder((path) => {
    openDatabase(path).close()
    const broken = { ...addition, sql: `${addition.sql} CREATE TABLE later (id TEXT) STRICT;` }
    expect(() => openDatabase(path, [...MIGRATIONS, broken])).toThrow()
    const database = openDatabase(path, [...MIGRATIONS, addition])
    expect(database.query('PRAGMA user_version').get()).toEqual({ user_version: MIGRATIONS.length + 1 })
    database.close()
  })
})

test('a database of a newer Mimbar is refused, with what to do about it', () => {
  inFolder((path) => {
    openDatabase(path, [...MIGRATIONS, addition]).close()
    let thrown: unknown
    try {
      openDatabase(path)
    } catch (error) {
      thrown = error
    }
    expect(hasCode(thrown, 'unsupported')).toBe(true)
    expect(String(thrown)).toContain('Start the newer Mimbar')
  })
})
