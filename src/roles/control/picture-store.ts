// The pictures of announcements, beside the spaces that they belong to: they are backed up, kept and gone with them.

import type { Database } from 'bun:sqlite'
import type { SpaceId } from '../../base/ids.ts'

export interface StoredPicture {
  /** See `core/announcement/picture.ts`. */
  readonly name: string
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** The `pictures` table: at most one for a space. */
export class PictureStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  load(space: SpaceId): StoredPicture | undefined {
    const query = 'SELECT name, bytes FROM pictures WHERE space = ?'
    return this.#database.query<StoredPicture, [string]>(query).get(space) ?? undefined
  }

  /** Writes over what was there; undefined removes it. */
  save(space: SpaceId, picture: StoredPicture | undefined): void {
    this.#database.query('DELETE FROM pictures WHERE space = ?').run(space)
    if (picture === undefined) return
    this.#database
      .query('INSERT INTO pictures (space, name, bytes) VALUES (?, ?, ?)')
      .run(space, picture.name, picture.bytes)
  }
}
