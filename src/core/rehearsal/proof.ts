// How a rehearsal and a Mimbar prove to each other that they know the same key, without sending it. A server that
// merely answers 200 to everything proves nothing, so nobody can be made the target of a crowd that he has not
// invited; and a listener that cannot prove it is refused, so that a rehearsal is never counted as an audience.
//
//     generator → GET /.well-known/mimbar-rehearsal?nonce=C
//     server    → { challenge: N, atMs, proof: mac("server", C, N) }         N = <atMs>.<random>.<mac>
//     generator → the same with &challenge=N, and  Mimbar-Rehearsal: mac("generator", C, N)
//     server    → { welcome: mac("welcome", C, N) }
//     listeners → Mimbar-Rehearsal: <expiresAtMs>.<random>.mac("listener", space, expiresAtMs, random)
//
// The first word in each mac keeps one message from being taken for another. The server keeps no state: its
// challenge carries its own time and mac.

/** Base64url of HMAC-SHA256 of the UTF-8 of `message` under the rehearsal key. */
export type Mac = (message: string) => string

/** Where a rehearsal asks whether it is welcome. */
export const REHEARSAL_PATH = '/.well-known/mimbar-rehearsal'
/** The request header of everyone who takes part. */
export const REHEARSAL_HEADER = 'Mimbar-Rehearsal'
/** Shorter keys are refused: they could be guessed from a proof. */
export const REHEARSAL_KEY_CHARACTERS_MIN = 16

/** A generator has this long to answer a challenge. */
export const CHALLENGE_MS = 30_000
/** Tokens are made to last this long, and made anew after half of it. */
export const LISTENER_TOKEN_MS = 120_000
/** A token that claims to last longer than any that we make is refused; the rest is room for clocks. */
const TOKEN_AHEAD_MS_MAX = LISTENER_TOKEN_MS + 60_000

const NONCE = /^[A-Za-z0-9_-]{16,64}$/
const DATED = /^([1-9][0-9]{0,15})\.([A-Za-z0-9_-]{16,64})\.([A-Za-z0-9_-]{43})$/

/** True for what a nonce looks like. */
export function isNonce(text: string | null): text is string {
  return text !== null && NONCE.test(text)
}

/** What a server puts up for a generator to answer. */
export interface Challenge {
  readonly challenge: string
  /** The server's wall clock, ms. */
  readonly atMs: number
  /** That the server knows the key. */
  readonly proof: string
}

/** The server's side of the first step. `random` is a fresh nonce. */
export function makeChallenge(mac: Mac, clientNonce: string, random: string, nowMs: number): Challenge {
  const challenge = `${nowMs}.${random}.${mac(words('challenge', nowMs, random))}`
  return { challenge, atMs: nowMs, proof: mac(words('server', clientNonce, challenge)) }
}

/** The generator's check of it. */
export function provesServer(mac: Mac, clientNonce: string, { challenge, proof }: Challenge): boolean {
  return isSameText(proof, mac(words('server', clientNonce, challenge)))
}

/** The generator's answer. */
export function answerChallenge(mac: Mac, clientNonce: string, challenge: string): string {
  return mac(words('generator', clientNonce, challenge))
}

/** The server's check of the answer: its own challenge, still fresh, answered by someone who knows the key. */
export function provesGenerator(
  mac: Mac,
  clientNonce: string,
  challenge: string,
  answer: string,
  nowMs: number,
): boolean {
  const match = DATED.exec(challenge)
  if (match === null) return false
  const [, at, random, own] = match as unknown as [string, string, string, string]
  const isOurs = isSameText(own, mac(words('challenge', Number(at), random)))
  const isRight = isSameText(answer, answerChallenge(mac, clientNonce, challenge))
  return isOurs && isRight && Math.abs(nowMs - Number(at)) <= CHALLENGE_MS
}

/** The server's last word, which nobody without the key can say. */
export function welcomeOf(mac: Mac, clientNonce: string, challenge: string): string {
  return mac(words('welcome', clientNonce, challenge))
}

/** A token that synthetic listeners of `space` present. `nowMs` is the server's clock. */
export function makeListenerToken(mac: Mac, space: string, random: string, nowMs: number): string {
  const expiresAtMs = Math.round(nowMs) + LISTENER_TOKEN_MS
  return `${expiresAtMs}.${random}.${mac(words('listener', space, expiresAtMs, random))}`
}

/** True for a token of this key and space that has not expired. */
export function isListenerToken(mac: Mac, space: string, token: string, nowMs: number): boolean {
  const match = DATED.exec(token)
  if (match === null) return false
  const [, expires, random, claimed] = match as unknown as [string, string, string, string]
  const expiresAtMs = Number(expires)
  const isRight = isSameText(claimed, mac(words('listener', space, expiresAtMs, random)))
  return isRight && expiresAtMs > nowMs && expiresAtMs - nowMs <= TOKEN_AHEAD_MS_MAX
}

/** Compares in a time that does not tell where two texts differ. */
export function isSameText(one: string, other: string): boolean {
  if (one.length !== other.length) return false
  let difference = 0
  for (let i = 0; i < one.length; i++) difference |= one.charCodeAt(i) ^ other.charCodeAt(i)
  return difference === 0
}

// None of the parts can contain a line feed: they are nonces, numbers, space ids and macs.
function words(...parts: readonly (string | number)[]): string {
  return ['mimbar rehearsal', ...parts].join('\n')
}
