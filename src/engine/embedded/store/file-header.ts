// The first eight bytes of every file the store writes: "mimbar", a letter for the kind, the format version.

import { concatBytes, encodeUtf8 } from '../../../base/bytes.ts'
import { MimbarError } from '../../../base/errors.ts'

/** P: parts · I: index of a parts file · M: manifest of a log. */
export type FileKind = 'P' | 'I' | 'M'

export const FILE_HEADER_BYTES = 8
export const FORMAT_VERSION = 1

export function fileHeader(kind: FileKind): Uint8Array {
  return concatBytes([encodeUtf8(`mimbar${kind}`), Uint8Array.of(FORMAT_VERSION)])
}

/**
 * Checks the header at the start of `bytes`; false when it is torn: cut short, or zeros where it was never written,
 * as a power cut leaves them. Throws `unsupported` for a version that this program does not know, instead of
 * guessing, and `corrupt` for a file of another kind.
 */
export function checkFileHeader(bytes: Uint8Array, kind: FileKind, path: string): boolean {
  const wanted = fileHeader(kind)
  const magic = bytes.subarray(0, FILE_HEADER_BYTES - 1)
  if (magic.some((byte, i) => byte !== wanted[i] && byte !== 0)) {
    throw new MimbarError('corrupt', `${path} is not a file of this log.`)
  }
  const version = bytes[FILE_HEADER_BYTES - 1] ?? 0
  if (version === 0 || magic.includes(0)) return false
  if (version !== FORMAT_VERSION) {
    throw new MimbarError(
      'unsupported',
      `${path} has format ${version}; this program reads ${FORMAT_VERSION}.`,
    )
  }
  return true
}
