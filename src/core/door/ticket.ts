// What a listener keeps of the door: a place (a signed arrival time) while waiting, a ticket to return once inside.
// Both are the same words under the same key, so any edge verifies either by itself, and whoever was let in keeps the
// arrival time by which the line is ordered.
//
//     <kind><arrivedAtMs>.<expiresAtMs>.<id>.<mac>     times in base 36 · id: 9 random bytes · mac: 132 bits
//     kind  p: waits, or has been called and not come yet · r: has been inside
//
// The space is part of what is signed, not of the text: shown at another space, the mac is wrong. Nothing in it is
// about the person or the device, and it opens nothing but the door of that space.

import { type WallMillis, wallMillis } from '../../base/units.ts'
import { isSameText } from '../rehearsal/proof.ts'
import { TICKET_CHARACTERS_MAX } from './waiting.ts'

/** Base64url of HMAC-SHA256 of the UTF-8 of `message` under one door key. */
export type TicketMac = (message: string) => string

export type TicketKind = 'place' | 'return'

export interface Ticket {
  readonly kind: TicketKind
  /** When its holder first came to the door; order of admission. */
  readonly arrivedAtMs: WallMillis
  /** Random; the same in every ticket that follows from the first. */
  readonly id: string
}

/** A place is good for this long after the arrival: no line that people wait in is longer. */
export const PLACE_LASTS_MS = 6 * 3_600_000
/**
 * A ticket to return is good for this long after the join that it came with. It isn't renewed while listening, which
 * would cost a signature per listener and period; it lasts longer than the programs that people listen to instead.
 */
export const RETURN_LASTS_MS = 12 * 3_600_000
/** Random bytes of an id, base64url: 12 characters. */
export const TICKET_ID_BYTES = 9

const MAC_CHARACTERS = 22
const KIND_LETTERS = { place: 'p', return: 'r' } as const
const TEXT = /^([pr])([0-9a-z]{1,10})\.([0-9a-z]{1,10})\.([A-Za-z0-9_-]{12})\.([A-Za-z0-9_-]{22})$/

/** The text of `ticket` for `space`, signed at `now`. */
export function writeTicket(mac: TicketMac, space: string, ticket: Ticket, now: WallMillis): string {
  const { kind, id } = ticket
  const arrivedAt = Math.round(ticket.arrivedAtMs)
  const expiresAt = kind === 'place' ? arrivedAt + PLACE_LASTS_MS : Math.round(now) + RETURN_LASTS_MS
  const body = `${KIND_LETTERS[kind]}${arrivedAt.toString(36)}.${expiresAt.toString(36)}.${id}`
  return `${body}.${signature(mac, space, body)}`
}

/**
 * The ticket in `text`; undefined when it was not signed by one of `macs`, is another space's, or has expired.
 * A sibling's clock may run ahead of ours: an arrival in the future is one of now.
 */
export function readTicket(
  macs: readonly TicketMac[],
  space: string,
  text: string,
  now: WallMillis,
): Ticket | undefined {
  if (text.length > TICKET_CHARACTERS_MAX) return undefined
  const match = TEXT.exec(text)
  if (match === null) return undefined
  const [, letter, arrivedAt, expiresAt, id, claimed] = match as unknown as readonly string[] &
    [string, string, string, string, string, string]
  const body = text.slice(0, text.length - MAC_CHARACTERS - 1)
  if (!macs.some((mac) => isSameText(claimed, signature(mac, space, body)))) return undefined
  if (Number.parseInt(expiresAt, 36) <= now) return undefined
  return {
    kind: letter === 'p' ? 'place' : 'return',
    arrivedAtMs: wallMillis(Math.min(now, Number.parseInt(arrivedAt, 36))),
    id,
  }
}

// Neither can contain a line feed: the one is a space id, the other has the alphabet of `TEXT`.
function signature(mac: TicketMac, space: string, body: string): string {
  return mac(`mimbar door\n${space}\n${body}`).slice(0, MAC_CHARACTERS)
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** Where an id falls in [0, 1): by its first eight characters, so evenly spread and the same on every edge. */
export function rankOf(id: string): number {
  let rank = 0
  for (let i = 7; i >= 0; i--) rank = (rank + ALPHABET.indexOf(id.charAt(i))) / 64
  return rank
}
