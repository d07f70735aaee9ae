// What an edge sends, as the network sees it. The edge counts the bytes that it hands to sockets and how often; what
// the network adds is estimated here, because nobody tells an edge. Whoever listens is reckoned with at full rate even
// while less is sent (a silent stage, a stalled machine): what is not sent now is no room for others.

/** Payload of a full TCP segment on Ethernet with timestamps (RFC 9293, RFC 7323). */
const SEGMENT_BYTES = 1_448
/** Around each: Ethernet 14, IPv4 20, TCP with timestamps 32. IPv6 would be 20 more. */
const PACKET_OVERHEAD_BYTES = 66
/** A TLS 1.3 record's header, content type and tag (RFC 8446, section 5.2); one for each write. */
const RECORD_OVERHEAD_BYTES = 22

/** Measured over about this long: a flush interval of two seconds must not look like bursts. */
const MEMORY_S = 4

/** Bytes on the wire of `writes` writes that carry `bytes` together; each ends in a packet that is not full. */
export function wireBytes(bytes: number, writes: number, isTls: boolean): number {
  const sent = bytes + (isTls ? writes * RECORD_OVERHEAD_BYTES : 0)
  return sent + PACKET_OVERHEAD_BYTES * (sent / SEGMENT_BYTES + writes)
}

/** Totals since the process began. */
export interface Written {
  readonly bytes: number
  readonly writes: number
}

/** One listener on the wire while somebody talks: a part of 1,340 bytes of Opus, or one of 700, and its packet. */
const FULL_BPS = 58_000
const LOW_BPS = 34_000

/** What the listeners of `track` take of the network each, in an ordinary second of speech. */
export function nominalBps(track: string): number {
  return track.startsWith('low.') ? LOW_BPS : FULL_BPS
}

export class EgressMeter {
  readonly #isTls: boolean
  #before: Written | undefined
  #rateBps = 0
  #bps = 0

  constructor(isTls: boolean) {
    this.#isTls = isTls
  }

  /** Once a second. `nominal`: what those who are here now take in an ordinary second; see {@link nominalBps}. */
  measure(now: Written, nominal: number, elapsedS: number): void {
    const before = this.#before
    this.#before = now
    if (before === undefined || elapsedS <= 0) return
    const sent = wireBytes(now.bytes - before.bytes, now.writes - before.writes, this.#isTls)
    const kept = Math.exp(-elapsedS / MEMORY_S)
    this.#rateBps = this.#rateBps * kept + ((sent * 8) / elapsedS) * (1 - kept)
    this.#bps = Math.max(this.#rateBps, nominal)
  }

  /** Bits a second, with everyone who is here now. */
  get bps(): number {
    return Math.round(this.#bps)
  }
}
