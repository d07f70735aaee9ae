// Tells the Roster what the database says. Control is the only writer of `space/<id>`, so what it finds there that
// differs is either its own unfinished work (it died between the two) or nothing: the database wins.

import { backoffDelay, NEIGHBOUR_BACKOFF } from '../../base/backoff.ts'
import type { Clock } from '../../base/clock.ts'
import { hasCode } from '../../base/errors.ts'
import { parseSpaceId, type SpaceId } from '../../base/ids.ts'
import { type SpaceFacts, spaceKey } from '../../core/space/facts.ts'
import type { Engine } from '../../engine/ports.ts'

/** Tries `work` again while it throws `unavailable`, backed off, for `patienceMs`; then throws it on. */
export async function withPatience<T>(clock: Clock, patienceMs: number, work: () => Promise<T>): Promise<T> {
  const deadline = clock.now() + patienceMs
  for (let attempt = 0; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      const wait = backoffDelay(attempt, Math.random(), NEIGHBOUR_BACKOFF)
      if (!hasCode(error, 'unavailable') || clock.now() + wait > deadline) throw error
      await new Promise((resolve) => setTimeout(resolve, wait))
    }
  }
}

/** Makes the Roster's document of one space equal to `facts`, or absent. Idempotent; throws `unavailable`. */
export async function publishFacts(
  engine: Engine,
  id: SpaceId,
  facts: SpaceFacts | undefined,
  ifUnchangedSince?: number,
): Promise<void> {
  const key = spaceKey(id)
  let revision = ifUnchangedSince ?? (await revisionOf(engine, id))
  // A conflict means that an earlier try did arrive although its answer was lost: look again.
  for (let tries = 0; ; tries++) {
    try {
      if (facts !== undefined) await engine.roster.put(key, facts, revision)
      else if (revision !== 0) await engine.roster.delete(key, revision)
      return
    } catch (error) {
      if (!hasCode(error, 'conflict') || tries === 3) throw error
      const found = await engine.roster.get(key)
      if (facts !== undefined && Bun.deepEquals(found?.value, facts)) return
      revision = found?.revision ?? 0
    }
  }
}

/** Revision of the Roster's document of a space; 0 while there is none. Throws `unavailable`. */
export async function revisionOf(engine: Engine, id: SpaceId): Promise<number> {
  return (await engine.roster.get(spaceKey(id)))?.revision ?? 0
}

/** Removes what is left of a deleted space: first its log, then the fact by which a later start would find it. */
export async function forgetSpace(engine: Engine, id: SpaceId): Promise<void> {
  await engine.log.forget(id)
  await publishFacts(engine, id, undefined)
}

/** Spaces whose document differs from what the database says, and those that the database no longer knows. */
export async function findDifferences(
  engine: Engine,
  truth: ReadonlyMap<SpaceId, SpaceFacts>,
): Promise<readonly SpaceId[]> {
  const found = new Map<SpaceId, unknown>()
  for (const fact of await engine.roster.list('space/')) {
    found.set(parseSpaceId(fact.key.slice('space/'.length)), fact.value)
  }
  const ids = new Set([...truth.keys(), ...found.keys()])
  return [...ids].filter((id) => !Bun.deepEquals(truth.get(id), found.get(id)))
}
