// Keys, topics and JSON documents, checked before they are kept or sent.

import { MimbarError } from '../../base/errors.ts'

/** Printable ASCII without spaces. */
const KEY = /^[\x21-\x7e]{1,200}$/
const PREFIX = /^[\x21-\x7e]{0,200}$/

/** Throws `bad-request` unless `key` can name a fact or a topic. */
export function checkKey(key: unknown): asserts key is string {
  if (typeof key === 'string' && KEY.test(key)) return
  throw new MimbarError('bad-request', 'A key has 1 to 200 printable ASCII characters and no space.')
}

/** Throws `bad-request` unless `prefix` can begin a key; the empty one begins all. */
export function checkPrefix(prefix: unknown): asserts prefix is string {
  if (typeof prefix === 'string' && PREFIX.test(prefix)) return
  throw new MimbarError('bad-request', 'A prefix has at most 200 printable ASCII characters and no space.')
}

/** `value` as JSON; `bad-request` when it has none, `too-large` over `bytesMax` of UTF-8. */
export function jsonText(value: unknown, bytesMax: number): string {
  const text = JSON.stringify(value)
  if (text === undefined) throw new MimbarError('bad-request', 'The value has no JSON.')
  if (Buffer.byteLength(text) <= bytesMax) return text
  throw new MimbarError('too-large', `A document has at most ${bytesMax} bytes.`)
}
