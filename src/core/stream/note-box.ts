// Edge notes as bytes: JSON in a `uuid` box. Written by the edge, read by pages of any age: a note that a page
// does not know is passed over, so that edges can learn new words first.

import { decodeUtf8, encodeUtf8 } from '../../base/bytes.ts'
import { epoch, sequence, wallMillis } from '../../base/units.ts'
import { uuidBox, uuidPayload } from '../../media/cmaf/between.ts'
import { TICKET_CHARACTERS_MAX } from '../door/waiting.ts'
import { type EdgeNote, NOTE_UUID } from './notes.ts'

/** The `uuid` box that carries `note`. */
export function encodeNote(note: EdgeNote): Uint8Array {
  return uuidBox(NOTE_UUID, encodeUtf8(JSON.stringify(note)))
}

/** The note in a whole `uuid` box; `undefined` when it is not ours, not JSON, or not a note that we know. Never throws. */
export function decodeNote(uuid: Uint8Array): EdgeNote | undefined {
  const payload = uuidPayload(uuid, NOTE_UUID)
  if (payload === undefined) return undefined
  try {
    return parseNote(JSON.parse(decodeUtf8(payload)))
  } catch {
    // Not JSON: the same as a note from the future.
    return undefined
  }
}

/** Reads a note from any JSON value. */
export function parseNote(value: unknown): EdgeNote | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const note = value as Readonly<Record<string, unknown>>
  switch (note.kind) {
    case 'hello':
      if (!isPositive(note.flushMs) || !isCount(note.epoch)) return undefined
      return {
        kind: 'hello',
        flushMs: note.flushMs,
        epoch: epoch(note.epoch),
        ...(isCount(note.next) ? { next: sequence(note.next) } : {}),
        ...(isCount(note.newest) ? { newest: sequence(note.newest) } : {}),
        ...(isCount(note.gridStartMs) ? { gridStartMs: wallMillis(note.gridStartMs) } : {}),
        ...(isTicket(note.ticket) ? { ticket: note.ticket } : {}),
        ...(note.track === 'low.mp4' ? { track: note.track } : {}),
      }
    case 'flush':
      return isPositive(note.flushMs) ? { kind: 'flush', flushMs: note.flushMs } : undefined
    case 'skipped':
      return isCount(note.parts) ? { kind: 'skipped', parts: note.parts } : undefined
    case 'move':
    case 'ended':
      return { kind: note.kind }
    default:
      return undefined
  }
}

function isPositive(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0
}

function isTicket(value: unknown): value is string {
  return typeof value === 'string' && value.length <= TICKET_CHARACTERS_MAX
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
