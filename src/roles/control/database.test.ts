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

test('seats and secrets of a database without co-hosts are kept, and co-hosts fit in then', () => {
  inFolder((path) => {
    const old = openDatabase(path, MIGRATIONS.slice(0, 3))
    old.run(`INSERT INTO spaces (id, title, phase, recorded, created_at_ms, grid_start_ms, host_seat, encoder_seat)
             VALUES ('talk', 'Talk', 'lobby', 1, 1, 2000, 'host00', 'encode')`)
    old.run("INSERT INTO seats VALUES ('talk', 'host00', 'Ana', 'host', 0, 5)")
    old.run("INSERT INTO secrets VALUES (randomblob(32), 'seat', 'talk', 'host00', 5, 9, NULL)")
    expect(() => old.run("INSERT INTO seats VALUES ('talk', 'budi00', 'Budi', 'cohost', 0, 6)")).toThrow()
    old.close()
    const database = openDatabase(path)
    const insert = 'INSERT INTO seats (space, id, name, role, muted, taken_at_ms)'
    database.run(`${insert} VALUES ('talk', 'budi00', 'Budi', 'cohost', 0, 6)`)
    expect(database.query('SELECT name, role FROM seats ORDER BY taken_at_ms').all()).toEqual([
      { name: 'Ana', role: 'host' },
      { name: 'Budi', role: 'cohost' },
    ])
    expect(database.query('SELECT seat, created_at_ms, revoked_at_ms FROM secrets').all()).toEqual([
      { seat: 'host00', created_at_ms: 5, revoked_at_ms: null },
    ])
    expect(database.query('SELECT holder, host_came, locked FROM spaces').all()).toEqual([
      { holder: null, host_came: 0, locked: 0 },
    ])
    // A space still takes its seats with it.
    database.run('DELETE FROM spaces')
    expect(database.query('SELECT COUNT(*) AS n FROM seats').get()).toEqual({ n: 0 })
    database.close()
  })
})

test('recordings of a database from before any could be withheld are shown', () => {
  inFolder((path) => {
    const old = openDatabase(path, MIGRATIONS.slice(0, 8))
    old.run(`INSERT INTO spaces (id, title, phase, recorded, created_at_ms, grid_start_ms, host_seat, encoder_seat)
             VALUES ('talk', 'Talk', 'ended', 1, 1, 2000, 'host00', 'encode')`)
    old.close()
    const database = openDatabase(path)
    expect(database.query('SELECT withheld FROM spaces').all()).toEqual([{ withheld: 0 }])
    database.close()
  })
})
