// The Roster: a table of JSON documents, and who watches it.
// Revisions are counted over all documents and never used twice, also for one that was deleted and made anew.

import type { Database } from 'bun:sqlite'
import { MimbarError } from '../../base/errors.ts'
import { FACT_BYTES_MAX, type Roster, type RosterFact } from '../ports.ts'
import { translateSqlite } from './database.ts'
import { checkKey, checkPrefix, jsonText } from './json-value.ts'
import { LatestValues } from './latest-values.ts'

/** Watches at once: a few of each process. */
const WATCHERS_MAX = 1_000
/** Documents; far above what the spaces of one node need. */
const FACTS_MAX = 100_000

interface Row {
  readonly key: string
  readonly json: string
  readonly revision: number
}

interface Watcher {
  readonly prefix: string
  readonly latest: LatestValues<RosterFact>
}

export class SqliteRoster implements Roster {
  readonly #database: Database
  readonly #watchers = new Set<Watcher>()

  /** The caller owns `database`, and closes it. */
  constructor(database: Database) {
    this.#database = database
  }

  async get(key: string): Promise<RosterFact | undefined> {
    checkKey(key)
    const row = this.#row(key)
    return row === undefined ? undefined : factOf(row)
  }

  async put(key: string, value: unknown, revision: number): Promise<number> {
    checkKey(key)
    const json = jsonText(value, FACT_BYTES_MAX)
    const next = this.#change(key, revision, (newest) => {
      if (revision === 0) this.#checkRoom()
      this.#database
        .query(
          'INSERT INTO fact VALUES (?1, ?2, ?3) ON CONFLICT (key) DO UPDATE SET json = ?2, revision = ?3',
        )
        .run(key, json, newest)
    })
    this.#tell({ key, value: JSON.parse(json), revision: next })
    return next
  }

  async delete(key: string, revision: number): Promise<void> {
    checkKey(key)
    // Gone is what was wanted; a caller that saw no answer asks again.
    if (this.#row(key) === undefined) return
    const next = this.#change(key, revision, () => {
      this.#database.query('DELETE FROM fact WHERE key = ?').run(key)
    })
    this.#tell({ key, value: undefined, revision: next })
  }

  async list(prefix: string): Promise<readonly RosterFact[]> {
    checkPrefix(prefix)
    return this.#rows(prefix).map(factOf)
  }

  async *watch(prefix: string, signal: AbortSignal): AsyncGenerator<RosterFact> {
    checkPrefix(prefix)
    if (this.#watchers.size >= WATCHERS_MAX) {
      throw new MimbarError('too-many', `${WATCHERS_MAX} watches are open; that is the limit.`)
    }
    const watcher: Watcher = { prefix, latest: new LatestValues(signal) }
    for (const row of this.#rows(prefix)) watcher.latest.set(row.key, factOf(row))
    this.#watchers.add(watcher)
    try {
      yield* watcher.latest
    } finally {
      this.#watchers.delete(watcher)
    }
  }

  #change(key: string, revision: number, write: (newest: number) => void): number {
    return translateSqlite(() =>
      this.#database
        .transaction(() => {
          const current = this.#row(key)?.revision ?? 0
          if (current !== revision) {
            throw new MimbarError('conflict', `${key} has revision ${current}, not ${revision}.`)
          }
          const { revision: newest } = this.#database
            .query('UPDATE newest_revision SET revision = revision + 1 RETURNING revision')
            .get() as { revision: number }
          write(newest)
          return newest
        })
        .immediate(),
    )
  }

  #checkRoom(): void {
    const { count } = this.#database.query('SELECT count(*) AS count FROM fact').get() as { count: number }
    if (count < FACTS_MAX) return
    throw new MimbarError('too-many', `The roster has ${FACTS_MAX} documents; that is the limit.`)
  }

  #row(key: string): Row | undefined {
    return translateSqlite(
      () => (this.#database.query('SELECT * FROM fact WHERE key = ?').get(key) as Row | null) ?? undefined,
    )
  }

  #rows(prefix: string): Row[] {
    // Keys are ASCII, so DEL comes after every key that starts with the prefix.
    return translateSqlite(
      () =>
        this.#database
          .query('SELECT * FROM fact WHERE key >= ?1 AND key < ?2 ORDER BY key')
          .all(prefix, `${prefix}\x7f`) as Row[],
    )
  }

  #tell(fact: RosterFact): void {
    for (const { prefix, latest } of this.#watchers) {
      if (fact.key.startsWith(prefix)) latest.set(fact.key, fact)
    }
  }
}

function factOf(row: Row): RosterFact {
  return { key: row.key, value: JSON.parse(row.json), revision: row.revision }
}
