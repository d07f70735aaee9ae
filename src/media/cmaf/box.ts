// Boxes of ISO BMFF (ISO/IEC 14496-12, section 4.2): u32 size, four characters, content.

import { ByteWriter, concatBytes, encodeUtf8 } from '../../base/bytes.ts'
import { BOX_HEADER_BYTES } from './walk.ts'

/** One box round its content. */
export function box(type: string, ...content: readonly Uint8Array[]): Uint8Array {
  let size = BOX_HEADER_BYTES
  for (const piece of content) size += piece.length
  const header = new ByteWriter(BOX_HEADER_BYTES).u32(size).bytes(encodeUtf8(type)).finish()
  return concatBytes([header, ...content])
}

/** A box with version and flags. */
export function fullBox(
  type: string,
  version: number,
  flags: number,
  ...content: readonly Uint8Array[]
): Uint8Array {
  return box(type, new ByteWriter(4).u32(version * 2 ** 24 + flags).finish(), ...content)
}
