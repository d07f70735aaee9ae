// A part is encoded once, however many readers and files it goes to.

import { MimbarError } from '../../../base/errors.ts'
import { decodeRecord, encodeRecord, type Part } from '../../../core/part/part.ts'

const RECORDS = new WeakMap<Part, Uint8Array>()

/** The record of `part`; encoded the first time it is asked for. */
export function recordOf(part: Part): Uint8Array {
  const known = RECORDS.get(part)
  if (known !== undefined) return known
  const record = encodeRecord(part)
  RECORDS.set(part, record)
  return record
}

/** Decodes bytes that are exactly one record; `corrupt` when they are not. */
export function partOf(record: Uint8Array): Part {
  const decoded = decodeRecord(record)
  if (decoded.kind !== 'record' || decoded.length !== record.length) {
    throw new MimbarError('corrupt', 'The bytes are not one whole record.')
  }
  // The bytes are kept, not made anew: they may hold tracks that this version does not know.
  RECORDS.set(decoded.part, record)
  return decoded.part
}
