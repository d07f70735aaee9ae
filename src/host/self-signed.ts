// A certificate that nobody has vouched for, so that doors can open before a real one is there. X.509 in DER,
// written by hand: a handful of nested fields, and no other use for a library.
//
//   Certificate { TBSCertificate, AlgorithmIdentifier, signature }          RFC 5280, section 4.1
//   TBSCertificate { [0] version, serial, AlgorithmIdentifier, issuer, validity, subject, key, [3] extensions }

import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import type { TlsPair } from './tls-files.ts'

const DAY_MS = 86_400_000
const LIFE_DAYS = 90
/** Clocks of those who come may be behind ours. */
const BEFORE_DAYS = 1
const SUBJECT = 'Mimbar temporary certificate'

/** An EC key (P-256) and a self-signed certificate for DNS `names`, good for 90 days from `nowMs`. */
export function selfSigned(names: readonly string[], nowMs: number): TlsPair {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const validity = der(SEQUENCE, time(nowMs - BEFORE_DAYS * DAY_MS), time(nowMs + LIFE_DAYS * DAY_MS))
  const toSign = der(
    SEQUENCE,
    der(0xa0, der(INTEGER, [2])), // v3
    der(INTEGER, [0x40, ...randomBytes(15)]), // positive, and never the same twice
    ECDSA_WITH_SHA256,
    commonName(SUBJECT),
    validity,
    commonName(SUBJECT),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, der(SEQUENCE, subjectAltName(names))),
  )
  const signature = sign('sha256', toSign, privateKey)
  const certificate = der(SEQUENCE, toSign, ECDSA_WITH_SHA256, der(BIT_STRING, [0], signature))
  return { cert: pem(certificate), key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() }
}

// Universal tags (X.690, section 8).
const INTEGER = 0x02
const BIT_STRING = 0x03
const OCTET_STRING = 0x04
const OBJECT_IDENTIFIER = 0x06
const UTF8_STRING = 0x0c
const UTC_TIME = 0x17
const GENERALIZED_TIME = 0x18
const SEQUENCE = 0x30
const SET = 0x31
/** `dNSName [2] IA5String` (RFC 5280, section 4.2.1.6). */
const DNS_NAME = 0x82

/** 1.2.840.10045.4.3.2 */
const ECDSA_WITH_SHA256 = der(
  SEQUENCE,
  der(OBJECT_IDENTIFIER, [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02]),
)

/** Tag, length, content (X.690, section 8.1); the content is `parts`, one after the other. */
function der(tag: number, ...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array {
  const content = Buffer.concat(parts.map((part) => Uint8Array.from(part)))
  const { length } = content
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Uint8Array.from([tag, ...size]), content])
}

/** A name of one attribute, 2.5.4.3. */
function commonName(text: string): Uint8Array {
  const attribute = der(
    SEQUENCE,
    der(OBJECT_IDENTIFIER, [0x55, 0x04, 0x03]),
    der(UTF8_STRING, Buffer.from(text)),
  )
  return der(SEQUENCE, der(SET, attribute))
}

/** 2.5.29.17 */
function subjectAltName(names: readonly string[]): Uint8Array {
  const list = der(SEQUENCE, ...names.map((name) => der(DNS_NAME, Buffer.from(name, 'ascii'))))
  return der(SEQUENCE, der(OBJECT_IDENTIFIER, [0x55, 0x1d, 0x11]), der(OCTET_STRING, list))
}

/** UTCTime until 2049, GeneralizedTime after (RFC 5280, section 4.1.2.5). */
function time(atMs: number): Uint8Array {
  const text = `${new Date(atMs).toISOString().slice(0, 19).replace(/[-:T]/g, '')}Z`
  const isShort = new Date(atMs).getUTCFullYear() < 2050
  return der(isShort ? UTC_TIME : GENERALIZED_TIME, Buffer.from(isShort ? text.slice(2) : text))
}

function pem(certificate: Uint8Array): string {
  const lines =
    Buffer.from(certificate)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}
