// The audience as the log has it: in the `events` track of one part in five. Logs of earlier versions have only the
// listeners, in snapshots and deltas; they are read as far as they go.

import { decodeUtf8 } from '../../base/bytes.ts'
import type { Part } from '../part/part.ts'
import type { Audience, AudienceRecord } from './audience.ts'

/** What one part says of the audience: a whole record, or the listeners alone. */
export type AudienceInPart = AudienceRecord | { readonly kind: 'listeners'; readonly listeners: number }

/** The last word of `part` about the audience; undefined when it has none, or cannot be read. */
export function audienceIn(part: Part): AudienceInPart | undefined {
  const bytes = part.tracks.get('events')
  if (bytes === undefined || bytes.length < 4) return undefined
  const events = parseList(decodeUtf8(bytes))
  return events.findLast(isAudienceRecord) ?? listenersIn(events)
}

/** The newest record among `parts`, and where it was. */
export function lastAudience(
  parts: readonly Part[],
): { readonly at: number; readonly audience: Audience } | undefined {
  for (const part of parts.toReversed()) {
    const found = audienceIn(part)
    if (found?.kind === 'audience') return { at: part.sequence, audience: found }
  }
  return undefined
}

function listenersIn(events: readonly unknown[]): AudienceInPart | undefined {
  const last = events.findLast((event) => isRecord(event) && Number.isInteger(event.listeners))
  return last === undefined ? undefined : { kind: 'listeners', listeners: (last as AudienceRecord).listeners }
}

const NUMBERS = ['listeners', 'peak', 'unique', 'turnedAway', 'gaveUp', 'couldNotPlay', 'replaying'] as const

function isAudienceRecord(event: unknown): event is AudienceRecord {
  if (!isRecord(event) || event.kind !== 'audience' || !Array.isArray(event.edges)) return false
  return NUMBERS.every((name) => Number.isInteger(event[name]))
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function parseList(text: string): readonly unknown[] {
  try {
    const list: unknown = JSON.parse(text)
    return Array.isArray(list) ? list : []
  } catch {
    // A damaged part has no audience to tell of; the line is missing, and that can be seen.
    return []
  }
}
