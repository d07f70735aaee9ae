// The picture of an announcement. What it is, its first bytes say (WHATWG MIME Sniffing, section 6.1), not who sent
// it; its name is a hash of its content, so that an address never shows another one.

import { MimbarError } from '../../base/errors.ts'

/** A photograph of 1600 by 900 at good quality; more would keep a phone on a bad network busy before any sound. */
export const PICTURE_BYTES_MAX = 512 * 1024

const CONTENT_TYPES = { png: 'image/png', jpg: 'image/jpeg', webp: 'image/webp' } as const
type PictureType = keyof typeof CONTENT_TYPES
const NAME = /^[0-9a-f]{32}\.(png|jpg|webp)$/

/** `<hash>.<type>` of a picture, with `hash` of 32 hexadecimal digits. Throws `unsupported`, `too-large`. */
export function namePicture(bytes: Uint8Array, hash: string): string {
  if (bytes.length > PICTURE_BYTES_MAX) {
    throw new MimbarError('too-large', `A picture has at most ${PICTURE_BYTES_MAX / 1024} KB.`)
  }
  const type = typeOf(bytes)
  if (type === undefined) throw new MimbarError('unsupported', 'A picture is a PNG, JPEG or WebP file.')
  return `${hash}.${type}`
}

/** The media type of a picture by its name. Throws `not-found` when that is not a name of one. */
export function contentTypeOf(name: string | undefined): string {
  const type = NAME.exec(name ?? '')?.[1]
  if (type === undefined) throw new MimbarError('not-found', 'There is no such picture.')
  return CONTENT_TYPES[type as PictureType]
}

function typeOf(bytes: Uint8Array): PictureType | undefined {
  if (startsWith(bytes, 0, '\x89PNG\r\n\x1a\n')) return 'png'
  if (startsWith(bytes, 0, '\xff\xd8\xff')) return 'jpg'
  return startsWith(bytes, 0, 'RIFF') && startsWith(bytes, 8, 'WEBPVP8') ? 'webp' : undefined
}

/** `text` as Latin-1. */
function startsWith(bytes: Uint8Array, from: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[from + i] !== text.charCodeAt(i)) return false
  return true
}
