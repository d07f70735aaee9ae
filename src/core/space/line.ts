// One line of text that people typed and others will read: titles and names.

import { MimbarError } from '../../base/errors.ts'

/**
 * Trims `text` and returns it. Throws `bad-request` when nothing is left, when it has more than `charactersMax`
 * code points, or when it holds what would move or hide the text around it on somebody else's screen: control
 * characters, line separators, lone surrogates, and the bidirectional overrides of Unicode (UAX #9, section 2).
 */
export function parseLine(
  text: unknown,
  limit: { readonly what: string; readonly charactersMax: number },
): string {
  if (typeof text !== 'string') throw new MimbarError('bad-request', `${limit.what} is text.`)
  const line = text.trim()
  const characters = [...line].length
  if (characters < 1 || characters > limit.charactersMax) {
    throw new MimbarError('bad-request', `${limit.what} has 1 to ${limit.charactersMax} characters.`)
  }
  if (/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u.test(line)) {
    throw new MimbarError('bad-request', `${limit.what} has no control characters.`)
  }
  return line
}
