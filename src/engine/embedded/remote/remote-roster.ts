// The Roster from another process. A watch that reconnects reads everything again, and tells what has gone.

import type { Roster, RosterFact } from '../../ports.ts'
import { FACT_BYTES_MAX } from '../../ports.ts'
import { checkKey, checkPrefix, jsonText } from '../json-value.ts'
import { LatestValues } from '../latest-values.ts'
import type { EngineConnection } from './connection.ts'
import { readLinesForever } from './reconnecting-lines.ts'

export class RemoteRoster implements Roster {
  readonly #connection: EngineConnection

  constructor(connection: EngineConnection) {
    this.#connection = connection
  }

  async get(key: string): Promise<RosterFact | undefined> {
    checkKey(key)
    const answer = await this.#connection.call('GET', `/roster/fact?key=${encodeURIComponent(key)}`)
    return (answer as { fact?: RosterFact }).fact
  }

  async put(key: string, value: unknown, revision: number): Promise<number> {
    checkKey(key)
    const path = `/roster/fact?key=${encodeURIComponent(key)}&revision=${revision}`
    const answer = await this.#connection.call('PUT', path, jsonText(value, FACT_BYTES_MAX))
    return (answer as { revision: number }).revision
  }

  async delete(key: string, revision: number): Promise<void> {
    checkKey(key)
    const path = `/roster/fact?key=${encodeURIComponent(key)}&revision=${revision}`
    await this.#connection.call('DELETE', path)
  }

  async list(prefix: string): Promise<readonly RosterFact[]> {
    checkPrefix(prefix)
    const answer = await this.#connection.call('GET', `/roster?prefix=${encodeURIComponent(prefix)}`)
    return answer as RosterFact[]
  }

  async *watch(prefix: string, signal: AbortSignal): AsyncGenerator<RosterFact> {
    checkPrefix(prefix)
    const end = new AbortController()
    const until = AbortSignal.any([signal, this.#connection.signal, end.signal])
    const latest = new LatestValues<RosterFact>(until)
    const reader = new WatchReader(latest)
    const path = `/roster/watch?prefix=${encodeURIComponent(prefix)}`
    const reading = readLinesForever(this.#connection, path, reader, until)
    try {
      yield* latest
    } finally {
      end.abort()
      await reading
    }
  }
}

/** Follows the documents of one watch over its connections. */
class WatchReader {
  readonly #latest: LatestValues<RosterFact>
  /** Revisions of the documents that we have told about and that exist. */
  readonly #known = new Map<string, number>()
  /** What was known before this connection and has not come again; until the engine says that all has come. */
  #missing = new Map<string, number>()

  constructor(latest: LatestValues<RosterFact>) {
    this.#latest = latest
  }

  connected(): void {
    this.#missing = new Map(this.#known)
  }

  document(line: unknown): void {
    if ('synced' in (line as object)) this.#tellDeleted()
    else this.#tell(line as RosterFact)
  }

  // JSON leaves `undefined` out; a reader may count on the field.
  #tell({ key, value, revision }: RosterFact): void {
    this.#missing.delete(key)
    if (value === undefined) this.#known.delete(key)
    else this.#known.set(key, revision)
    this.#latest.set(key, { key, value, revision })
  }

  #tellDeleted(): void {
    for (const [key, revision] of this.#missing) {
      this.#known.delete(key)
      this.#latest.set(key, { key, value: undefined, revision })
    }
    this.#missing.clear()
  }
}
