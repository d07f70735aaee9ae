import { describe, expect, test } from 'bun:test'
import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { crc32, encodeUtf8 } from '../../base/bytes.ts'
import { type HmacSha1, hasFingerprint, hasIntegrity, writeSigned } from '../../media/stun/integrity.ts'
import {
  ATTRIBUTE,
  attributeOf,
  parseStun,
  STUN,
  type StunMessage,
  writeStun,
} from '../../media/stun/message.ts'
import { readXorAddress, writeXorAddress } from '../../media/stun/xor-address.ts'
import { type IceLogin, passAnswer, passCheck, readCheck } from './ice-login.ts'

const hmac: HmacSha1 = (key, bytes) => new Uint8Array(createHmac('sha1', key).update(bytes).digest())
const LOGIN: IceLogin = {
  ufrag: 'Ours',
  password: 'what-only-the-answer-told',
  remoteUfrag: 'Thrs',
  tieBreaker: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8),
}
const KEY = encodeUtf8(LOGIN.password)
const ID = new Uint8Array(12).fill(7)

function check(tieBreaker: readonly number[], username = 'Ours:Thrs'): StunMessage {
  return {
    type: STUN.bindingRequest,
    transactionId: ID,
    attributes: [
      { type: ATTRIBUTE.username, value: encodeUtf8(username) },
      { type: 0xc057, value: Uint8Array.of(0, 0, 0, 10) },
      { type: ATTRIBUTE.iceControlling, value: Uint8Array.from(tieBreaker) },
      { type: 0x25, value: new Uint8Array() },
      { type: 0x24, value: Uint8Array.of(0x6e, 0, 1, 255) },
    ],
  }
}
const ZERO = new Array<number>(8).fill(0)

/** By RFC 8489, section 14.7, without a key. */
function withFingerprint(message: StunMessage): Uint8Array {
  const place = { type: ATTRIBUTE.fingerprint, value: new Uint8Array(4) }
  const bytes = writeStun({ ...message, attributes: [...message.attributes, place] })
  const value = crc32(bytes.subarray(0, -8)) ^ 0x5354554e
  new DataView(bytes.buffer, bytes.byteOffset).setInt32(bytes.length - 4, value)
  return bytes
}

function pass(bytes: Uint8Array): Uint8Array | undefined {
  const read = readCheck(bytes)
  return read === undefined ? undefined : passCheck(bytes, read, LOGIN, hmac)
}

describe('a check', () => {
  test('with a tie-breaker of 0 is passed on with another, signed anew, and otherwise the same', () => {
    const passed = pass(writeSigned(check(ZERO), KEY, hmac)) as Uint8Array
    expect([hasIntegrity(passed, KEY, hmac), hasFingerprint(passed)]).toEqual([true, true])
    expect(passed).toEqual(writeSigned(check([...LOGIN.tieBreaker]), KEY, hmac))
  })

  test('with any other tie-breaker is passed on byte for byte', () => {
    const bytes = writeSigned(check([0, 0, 0, 0, 0, 0, 0, 1]), KEY, hmac)
    expect(pass(bytes)).toBe(bytes)
  })

  test('is for the connection that it names', () => {
    expect(readCheck(writeSigned(check(ZERO, 'Else:Thrs'), KEY, hmac))?.ufrag).toBe('Else')
    expect(readCheck(writeStun({ ...check(ZERO), type: STUN.bindingSuccess }))).toBeUndefined()
    expect(readCheck(writeStun({ ...check(ZERO), attributes: [] }))).toBeUndefined()
  })

  test('that does not prove the password, or names somebody else, is not passed on, let alone signed', () => {
    const stranger = encodeUtf8('a-guess-at-the-password')
    expect(pass(writeSigned(check(ZERO), stranger, hmac))).toBeUndefined()
    expect(pass(writeStun(check(ZERO)))).toBeUndefined()
    for (const username of ['Ours:Else', 'Ours', 'Ours:Thrs:', 'Else:Thrs'])
      expect([username, pass(writeSigned(check(ZERO, username), KEY, hmac))]).toEqual([username, undefined])
  })

  test('lends its signature to nothing that was put behind it', () => {
    const signed = parseStun(writeSigned(check(ZERO), KEY, hmac)) as StunMessage
    const smuggled = { type: 0x25, value: Uint8Array.of(6, 6, 6, 6) }
    // Whoever changes it in between can make the fingerprint right: that is no secret.
    const bytes = withFingerprint({ ...signed, attributes: [...signed.attributes.slice(0, -1), smuggled] })
    expect([hasIntegrity(bytes, KEY, hmac), hasFingerprint(bytes)]).toEqual([true, true])
    expect(pass(bytes)).toEqual(writeSigned(check([...LOGIN.tieBreaker]), KEY, hmac))
  })

  test('of any shape is passed on with our signature only if it came with it', () => {
    const keys = fc.constantFrom(KEY, encodeUtf8('another'))
    fc.assert(
      fc.property(
        keys,
        fc.boolean(),
        fc.nat(),
        fc.integer({ min: 0, max: 255 }),
        (key, isZero, where, flip) => {
          const bytes = writeSigned(check(isZero ? ZERO : [9, ...ZERO.slice(1)]), key, hmac)
          bytes[where % bytes.length] = (bytes[where % bytes.length] as number) ^ flip
          const isGenuine = hasIntegrity(bytes, KEY, hmac) && hasFingerprint(bytes)
          expect(pass(bytes) !== undefined).toBe(isGenuine)
        },
      ),
    )
  })
})

describe('an answer', () => {
  const own = { ip: Uint8Array.of(127, 0, 0, 1), port: 40_000 }
  const from = { ip: Uint8Array.of(203, 0, 113, 9), port: 50_000 }
  const answer = {
    type: STUN.bindingSuccess,
    transactionId: ID,
    attributes: [{ type: ATTRIBUTE.xorMappedAddress, value: writeXorAddress(own, ID) }],
  }

  test('tells from where the check came, not that we were in between', () => {
    const passed = passAnswer(writeSigned(answer, KEY, hmac), LOGIN, from, hmac)
    const message = parseStun(passed) as StunMessage
    const told = readXorAddress(attributeOf(message, ATTRIBUTE.xorMappedAddress) as Uint8Array, ID)
    expect(told).toEqual(from)
    expect([hasIntegrity(passed, KEY, hmac), hasFingerprint(passed)]).toEqual([true, true])
  })

  test('of another kind, of somebody else, and sound, is passed byte for byte', () => {
    const untouched = [
      writeSigned({ ...answer, type: 0x0111 }, KEY, hmac),
      writeSigned(answer, encodeUtf8('another'), hmac),
      writeSigned(check(ZERO), KEY, hmac),
      Uint8Array.from({ length: 60 }, (_, at) => 0x80 + at),
    ]
    for (const bytes of untouched) expect(passAnswer(bytes, LOGIN, from, hmac)).toBe(bytes)
  })
})
