// RTP packets as values and as bytes. Reading happens on a native callback path, where a throw would end the
// process: whatever arrives is answered, never thrown at.
//
//     0                   1                   2                   3      RFC 3550, section 5.1
//     |V=2|P|X|  CC   |M|     PT      |       sequence number         |
//     |                           timestamp                           |
//     |                             SSRC                              |
//     |                       CSRC × CC (optional)                    |
//     |      profile 0xBEDE / 0x100x  |  length in 32-bit words       |  when X: RFC 8285, section 4
//     |                        extension elements                     |
//     |                       payload … padding (last byte: count)    |  when P

import { type Dbov, dbov } from '../../base/units.ts'

/** One RTP packet. `payload` is a view into the bytes it was read from. */
export interface RtpPacket {
  readonly payloadType: number
  /** 16 bits, as on the wire. */
  readonly sequenceNumber: number
  /** 32 bits, as on the wire; 48 kHz for Opus (RFC 7587, section 4.1). */
  readonly timestamp: number
  readonly ssrc: number
  readonly marker: boolean
  readonly payload: Uint8Array
  /** Client-to-mixer level (RFC 6464), when the extension was negotiated and is there. */
  readonly level?: AudioLevel
}

export interface AudioLevel {
  readonly dbov: Dbov
  /** The V bit. Senders differ in what they mean by it; some never set it. */
  readonly voice: boolean
}

/** The `a=extmap` ids of the header extensions that we read, 1 to 255. */
export interface RtpExtensionIds {
  readonly level?: number
}

export type ParsedRtp =
  | ({ readonly kind: 'rtp' } & RtpPacket)
  | { readonly kind: 'malformed'; readonly reason: string }

const FIXED_HEADER_BYTES = 12
const ONE_BYTE_PROFILE = 0xbede
/** The low four bits are the application's own (RFC 8285, section 4.3). */
const TWO_BYTE_PROFILE = 0x1000

const malformed = (reason: string): ParsedRtp => ({ kind: 'malformed', reason })
const u8 = (bytes: Uint8Array, at: number): number => bytes[at] as number
const u16 = (bytes: Uint8Array, at: number): number => (u8(bytes, at) << 8) | u8(bytes, at + 1)
const u32 = (bytes: Uint8Array, at: number): number => u16(bytes, at) * 0x10000 + u16(bytes, at + 2)

/**
 * True for RTCP on a port that it shares with RTP: second byte 192–223 (RFC 5761, section 4). Such bytes would
 * read as RTP payload types 64–95 with the marker set, which nobody may negotiate there.
 */
export function isRtcp(bytes: Uint8Array): boolean {
  return bytes.length >= 2 && u8(bytes, 1) >= 192 && u8(bytes, 1) <= 223
}

/** Reads one RTP packet. Never throws. Unknown header extensions are stepped over. */
export function parseRtp(bytes: Uint8Array, extensionIds: RtpExtensionIds = {}): ParsedRtp {
  if (bytes.length < FIXED_HEADER_BYTES) return malformed('shorter than the fixed header')
  const first = u8(bytes, 0)
  if (first >> 6 !== 2) return malformed(`version ${first >> 6}`)
  let at = FIXED_HEADER_BYTES + 4 * (first & 15)
  let level: AudioLevel | undefined
  if ((first & 0x10) !== 0) {
    if (at + 4 > bytes.length) return malformed('the header extension is cut off')
    const end = at + 4 + 4 * u16(bytes, at + 2)
    if (end > bytes.length) return malformed('the header extension is cut off')
    level = readLevel(bytes, u16(bytes, at), at + 4, end, extensionIds.level)
    at = end
  }
  if (at > bytes.length) return malformed('the list of contributing sources is cut off')
  const padding = (first & 0x20) === 0 ? 0 : u8(bytes, bytes.length - 1)
  if ((first & 0x20) !== 0 && padding === 0) return malformed('padding of zero bytes')
  if (at + padding > bytes.length) return malformed('more padding than packet')
  return {
    kind: 'rtp',
    payloadType: u8(bytes, 1) & 0x7f,
    sequenceNumber: u16(bytes, 2),
    timestamp: u32(bytes, 4),
    ssrc: u32(bytes, 8),
    marker: (u8(bytes, 1) & 0x80) !== 0,
    payload: bytes.subarray(at, bytes.length - padding),
    ...(level === undefined ? {} : { level }),
  }
}

/** Finds the level among the extension elements; elements that run over the end are ignored with what follows. */
function readLevel(
  bytes: Uint8Array,
  profile: number,
  from: number,
  end: number,
  id: number | undefined,
): AudioLevel | undefined {
  const oneByte = profile === ONE_BYTE_PROFILE
  if (id === undefined || (!oneByte && (profile & 0xfff0) !== TWO_BYTE_PROFILE)) return undefined
  for (let at = from; at < end; ) {
    const head = u8(bytes, at)
    // Id 0 is padding; one-byte id 15 means: stop reading (RFC 8285, section 4.2).
    if (head === 0) {
      at += 1
      continue
    }
    if (oneByte && head >> 4 === 15) return undefined
    if (!oneByte && at + 1 >= end) return undefined
    const element = oneByte ? head >> 4 : head
    const length = oneByte ? (head & 15) + 1 : u8(bytes, at + 1)
    const data = at + (oneByte ? 1 : 2)
    if (data + length > end) return undefined
    if (element === id && length >= 1) {
      // 0 − x rather than −x, so that silence at full scale is 0 and not −0.
      return { dbov: dbov(0 - (u8(bytes, data) & 0x7f)), voice: (u8(bytes, data) & 0x80) !== 0 }
    }
    at = data + length
  }
  return undefined
}

/** What {@link writeRtp} needs besides the packet: where a level goes, if it has one. */
export interface RtpToWrite extends RtpPacket {
  /** Sends `level` as a one-byte header extension under this id (1–14). */
  readonly levelId?: number
}

/** Writes one RTP packet without padding or contributing sources. */
export function writeRtp(packet: RtpToWrite): Uint8Array {
  const { level, levelId, payload } = packet
  const extended = level !== undefined && levelId !== undefined
  const header = FIXED_HEADER_BYTES + (extended ? 8 : 0)
  const bytes = new Uint8Array(header + payload.length)
  const view = new DataView(bytes.buffer)
  view.setUint8(0, 0x80 | (extended ? 0x10 : 0))
  view.setUint8(1, (packet.marker ? 0x80 : 0) | (packet.payloadType & 0x7f))
  view.setUint16(2, packet.sequenceNumber)
  view.setUint32(4, packet.timestamp)
  view.setUint32(8, packet.ssrc)
  if (extended) {
    view.setUint16(12, ONE_BYTE_PROFILE)
    view.setUint16(14, 1)
    view.setUint8(16, (levelId << 4) | 0)
    view.setUint8(17, (level.voice ? 0x80 : 0) | Math.min(127, Math.max(0, Math.round(-level.dbov))))
  }
  bytes.set(payload, header)
  return bytes
}
