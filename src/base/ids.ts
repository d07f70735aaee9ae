// Names of things, parsed once at the border and trusted inside.

import { MimbarError } from './errors.ts'

declare const id: unique symbol
type Id<Kind extends string> = string & { readonly [id]: Kind }

/** A space's public name in URLs: 1–40 of a–z, 0–9 and inner hyphens. */
export type SpaceId = Id<'space'>
/** A seat in one space: 6–24 of a–z and 0–9. Public; never a secret. */
export type SeatId = Id<'seat'>
/** A raised hand in one space: 6–24 of a–z and 0–9. Never a secret. */
export type HandId = Id<'hand'>
/** A stage process of this cluster, such as `stage-0`. */
export type StageId = Id<'stage'>
/** An edge process of this cluster, such as `edge-1`. */
export type EdgeId = Id<'edge'>

const SPACE = /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/
const SEAT = /^[a-z0-9]{6,24}$/

/** Throws `bad-request` on anything that is not a space id. */
export function parseSpaceId(text: unknown): SpaceId {
  if (typeof text === 'string' && SPACE.test(text)) return text as SpaceId
  throw new MimbarError('bad-request', 'A space id has 1 to 40 characters: a–z, 0–9 and inner hyphens.')
}

/** Throws `bad-request` on anything that is not a seat id. */
export function parseSeatId(text: unknown): SeatId {
  if (typeof text === 'string' && SEAT.test(text)) return text as SeatId
  throw new MimbarError('bad-request', 'A seat id has 6 to 24 characters: a–z and 0–9.')
}

/** Throws `bad-request` on anything that is not a hand's id. */
export function parseHandId(text: unknown): HandId {
  if (typeof text === 'string' && SEAT.test(text)) return text as HandId
  throw new MimbarError('bad-request', 'A hand has an id of 6 to 24 characters: a–z and 0–9.')
}

const ALPHABET = 'abcdefghijkmnpqrstuvwxyz23456789'

/** Writes random bytes as letters and digits that people do not confuse (32 symbols, 5 bits a byte). */
export function idFromRandom(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += ALPHABET[byte & 31]
  return text
}
