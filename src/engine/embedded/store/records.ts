// A part is encoded once, however many readers and files it goes to.

import { hasCode, MimbarError } from '../../../base/errors.ts'
import { type DecodedRecord, decodeRecord, encodeRecord, type Part } from '../../../core/part/part.ts'

const RECORDS = new WeakMap<Part, Uint8Array>()

/** The record of `part`; encoded the first time it is asked for. */
export function recordOf(part: Part): Uint8Array {
  const known = RECORDS.get(part)
  if (known !== undefined) return known
  const record = encodeRecord(part)
  RECORDS.set(part, record)
  return record
}

/** The record at the start of `bytes`, if there is a whole one that passes its checksum. */
export function recordAt(bytes: Uint8Array): { readonly part: Part; readonly length: number } | undefined {
  const decoded = decodedAt(bytes)
  if (decoded.kind !== 'record') return undefined
  // The bytes are kept, not made anew: they may hold tracks that this version does not know.
  RECORDS.set(decoded.part, bytes.subarray(0, decoded.length))
  return decoded
}

/** Decodes bytes that are exactly one record; `corrupt` when they are not. */
export function partOf(record: Uint8Array): Part {
  const found = recordAt(record)
  if (found?.length === record.length) return found.part
  throw new MimbarError('corrupt', 'The bytes are not one whole record.')
}

// A checksum that fits by chance (one in 2³²) can still hold nonsense; that is damage, too.
function decodedAt(bytes: Uint8Array): DecodedRecord {
  try {
    return decodeRecord(bytes)
  } catch (error) {
    if (hasCode(error, 'corrupt')) return { kind: 'corrupt', reason: error.message }
    throw error
  }
}
