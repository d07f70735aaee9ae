// An SDP offer to the stage (RFC 8866, RFC 8829), read strictly and written anew: the native WebRTC library is a C++
// parser that listens to strangers, so it only ever sees text that `writeOffer` made from values checked here.
//
//   v=0 …                          session level: may carry ice-ufrag, ice-pwd, fingerprint, setup, direction
//   m=audio 9 UDP/TLS/RTP/SAVPF 111 …      exactly one, and audio
//     a=mid, a=rtcp-mux, a=rtpmap:111 opus/48000/2, a=sendonly | a=sendrecv, a=extmap …, a=candidate …

import { MimbarError } from '../../base/errors.ts'
import { type IceCandidate, parseCandidate, writeCandidate } from './ice-candidate.ts'

/** A browser's offer has about 3 KB; candidates of many interfaces make it a little longer. */
export const OFFER_BYTES_MAX = 64 * 1024
/** What is used of an offer's candidates; the rest is dropped. */
export const CANDIDATES_MAX = 32
/** RFC 6464. */
export const AUDIO_LEVEL_URI = 'urn:ietf:params:rtp-hdrext:ssrc-audio-level'

/** What the stage needs to know of an offer. */
export interface AudioOffer {
  readonly mid: string
  /** `sendonly`: an encoder that wants nothing back. */
  readonly direction: 'sendonly' | 'sendrecv'
  /** RTP payload type of Opus, as the offerer numbers it. */
  readonly payloadType: number
  /** Header extension id of the audio level, 1…14 (one-byte form, RFC 8285 section 4.2). */
  readonly audioLevelId?: number
  readonly iceUfrag: string
  readonly icePwd: string
  readonly fingerprint: { readonly algorithm: string; readonly value: string }
  readonly setup: 'actpass' | 'active' | 'passive'
  /** UDP candidates with literal addresses. Names (mDNS, DNS) are never looked up for a stranger. */
  readonly candidates: readonly IceCandidate[]
}

/** Throws `bad-request` or `too-large` with a sentence that says what an offer to the stage must have. */
export function parseOffer(text: string): AudioOffer {
  if (text.length > OFFER_BYTES_MAX) {
    throw new MimbarError('too-large', `An offer has at most ${OFFER_BYTES_MAX} bytes.`)
  }
  const { session, media } = splitSections(text)
  const [kind, port, protocol, ...formats] = (media[0] as string).slice(2).split(' ')
  require(kind === 'audio', `The offer must have one audio line and nothing else, not “${kind}”.`)
  require(port !== undefined &&
    /^[1-9]\d{0,4}$/.test(port), 'The audio line of the offer is rejected or has no port.')
  require(protocol === 'UDP/TLS/RTP/SAVPF' ||
    protocol === 'UDP/TLS/RTP/SAVP', 'The audio line must be UDP/TLS/RTP/SAVPF.')
  require(media.includes('a=rtcp-mux'), 'The offer must multiplex RTCP (a=rtcp-mux).')

  const attribute = (name: string) => attributeOf(media, name) ?? attributeOf(session, name)
  const audioLevelId = audioLevelIdOf(media)
  return {
    mid: matched(attribute('mid'), /^[\w!#$%&'*+.^`{|}~-]{1,32}$/, 'a media id (a=mid)'),
    direction: directionOf(media, session),
    payloadType: opusPayloadType(media, formats),
    ...(audioLevelId === undefined ? {} : { audioLevelId }),
    iceUfrag: matched(attribute('ice-ufrag'), /^[A-Za-z0-9+/]{4,256}$/, 'an ICE user fragment (a=ice-ufrag)'),
    icePwd: matched(attribute('ice-pwd'), /^[A-Za-z0-9+/]{22,256}$/, 'an ICE password (a=ice-pwd)'),
    fingerprint: parseFingerprint(attribute('fingerprint')),
    setup: matched(
      attribute('setup'),
      /^(?:actpass|active|passive)$/,
      'a DTLS role (a=setup)',
    ) as AudioOffer['setup'],
    candidates: candidatesOf(media),
  }
}

/** The offer as the native library is given it: one m-line, one codec, at most one extension, no names. */
export function writeOffer(offer: AudioOffer): string {
  const lines = [
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    `a=group:BUNDLE ${offer.mid}`,
    'a=msid-semantic:WMS *',
    `m=audio 9 UDP/TLS/RTP/SAVPF ${offer.payloadType}`,
    'c=IN IP4 0.0.0.0',
    `a=mid:${offer.mid}`,
    `a=${offer.direction}`,
    `a=ice-ufrag:${offer.iceUfrag}`,
    `a=ice-pwd:${offer.icePwd}`,
    `a=fingerprint:${offer.fingerprint.algorithm} ${offer.fingerprint.value}`,
    // Whoever offers a choice is asked to open DTLS itself: its first flight then comes when it can hear the answer
    // to it. The other way round ours arrives too early and is repeated a second later.
    `a=setup:${offer.setup === 'passive' ? 'passive' : 'active'}`,
    'a=rtcp-mux',
    `a=rtpmap:${offer.payloadType} opus/48000/2`,
    ...(offer.audioLevelId === undefined ? [] : [`a=extmap:${offer.audioLevelId} ${AUDIO_LEVEL_URI}`]),
    ...offer.candidates.map((candidate) => `a=${writeCandidate(candidate)}`),
  ]
  return `${lines.join('\r\n')}\r\n`
}

function splitSections(text: string): { session: readonly string[]; media: readonly string[] } {
  const lines = text.split(/\r?\n/)
  while (lines.at(-1) === '') lines.pop()
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be here
  const wellFormed = lines.every((line) => /^[a-z]=[^\x00-\x08\x0b-\x1f\x7f]*$/.test(line))
  require(wellFormed && lines[0] === 'v=0', 'The body is not an SDP offer (RFC 8866).')
  const first = lines.findIndex((line) => line.startsWith('m='))
  require(first > 0, 'The offer has no audio line.')
  const second = lines.findIndex((line, at) => at > first && line.startsWith('m='))
  require(second < 0, 'The offer must have one audio line and nothing else.')
  return { session: lines.slice(0, first), media: lines.slice(first) }
}

function attributeOf(lines: readonly string[], attribute: string): string | undefined {
  const prefix = `a=${attribute}:`
  return lines.find((line) => line.startsWith(prefix))?.slice(prefix.length)
}

function directionOf(media: readonly string[], session: readonly string[]): AudioOffer['direction'] {
  const isDirection = (line: string) => /^a=(?:sendrecv|sendonly|recvonly|inactive)$/.test(line)
  // Without the attribute the direction is sendrecv (RFC 8866, section 6.7).
  const direction = (media.find(isDirection) ?? session.find(isDirection) ?? 'a=sendrecv').slice(2)
  if (direction === 'sendonly' || direction === 'sendrecv') return direction
  throw new MimbarError('bad-request', `Who comes on stage must send audio; the offer says ${direction}.`)
}

function opusPayloadType(media: readonly string[], formats: readonly string[]): number {
  for (const line of media) {
    const found = /^a=rtpmap:(\d{1,3}) opus\/48000\/2$/i.exec(line)
    if (found && formats.includes(found[1] as string) && Number(found[1]) <= 127) return Number(found[1])
  }
  throw new MimbarError('bad-request', 'The offer must have Opus (a=rtpmap:… opus/48000/2).')
}

function audioLevelIdOf(media: readonly string[]): number | undefined {
  for (const line of media) {
    const found = /^a=extmap:(\d{1,2})(?:\/(?:sendonly|sendrecv))? (\S+)/.exec(line)
    const id = Number(found?.[1])
    if (found?.[2] === AUDIO_LEVEL_URI && id >= 1 && id <= 14) return id
  }
  return undefined
}

/** Bytes of a digest by its name in RFC 8122, section 5; weaker ones are not accepted. */
const DIGEST_BYTES: Readonly<Record<string, number>> = { 'sha-256': 32, 'sha-384': 48, 'sha-512': 64 }

function parseFingerprint(text: string | undefined): AudioOffer['fingerprint'] {
  const [name = '', value = '', ...rest] = (text ?? '').split(' ')
  const algorithm = name.toLowerCase()
  const bytes = value.split(':')
  const valid = rest.length === 0 && bytes.every((byte) => /^[0-9A-Fa-f]{2}$/.test(byte))
  require(valid &&
    bytes.length === DIGEST_BYTES[algorithm], 'The offer needs a SHA-256 fingerprint (a=fingerprint).')
  return { algorithm, value: value.toUpperCase() }
}

function candidatesOf(media: readonly string[]): readonly IceCandidate[] {
  const candidates: IceCandidate[] = []
  for (const line of media) {
    const candidate = line.startsWith('a=candidate:') ? parseCandidate(line.slice(2)) : undefined
    if (candidate && candidates.length < CANDIDATES_MAX) candidates.push(candidate)
  }
  return candidates
}

function matched(value: string | undefined, pattern: RegExp, what: string): string {
  require(value !== undefined && pattern.test(value), `The offer needs ${what}.`)
  return value
}

function require(condition: boolean, sentence: string): asserts condition {
  if (!condition) throw new MimbarError('bad-request', sentence)
}
