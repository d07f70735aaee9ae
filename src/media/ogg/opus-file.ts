// A whole Ogg Opus file at once (RFC 7845): headers, and the packets in order.

import { MimbarError } from '../../base/errors.ts'
import { type Samples, samples } from '../../base/units.ts'
import { type OpusHead, type OpusTags, parseOpusHead, parseOpusTags } from '../opus/headers.ts'
import { parseToc } from '../opus/toc.ts'
import { OggReader } from './reader.ts'

export interface OpusFile {
  readonly head: OpusHead
  readonly tags: OpusTags
  readonly packets: readonly Uint8Array[]
  /** What a player plays: without the pre-skip, and without the padding after the end (section 4.4). */
  readonly duration: Samples
}

/** Throws `corrupt` when `bytes` is no Ogg Opus file or breaks off inside a page. */
export function readOpusFile(bytes: Uint8Array): OpusFile {
  const [head, tags, ...audio] = new OggReader().push(bytes)
  if (head === undefined || tags === undefined) {
    throw new MimbarError('corrupt', 'An Ogg Opus file has two header packets.')
  }
  const parsedHead = parseOpusHead(head.bytes)
  const packets = audio.map((packet) => packet.bytes)
  const coded = packets.reduce((sum, packet) => sum + parseToc(packet).duration, 0)
  const end = audio.at(-1)?.granule ?? coded
  const duration = samples(Math.max(0, Math.min(coded, end) - parsedHead.preSkip))
  return { head: parsedHead, tags: parseOpusTags(tags.bytes), packets, duration }
}
