// A trial of a TURN relay (RFC 8656) as a browser would use it: ask for a relayed address with credentials like those
// of a speaker, then ask to whom it would send, and give the address back. Nothing is relayed. What carries the bytes,
// and waits, is the caller's.
//
//     Allocate ──▶ 401 realm, nonce      Allocate, signed ──▶ success      CreatePermission … ──▶ success or 403
//     Refresh 0 ──▶ the relay forgets it

import { decodeUtf8, encodeUtf8 } from '../../base/bytes.ts'
import { type HmacSha1, hasIntegrity, writeSigned } from '../../media/stun/integrity.ts'
import {
  ATTRIBUTE,
  attributeOf,
  classOf,
  errorOf,
  parseStun,
  STUN,
  type StunAttribute,
  type StunMessage,
  streamedLength,
  writeStun,
} from '../../media/stun/message.ts'
import { writeXorAddress } from '../../media/stun/xor-address.ts'

/** An answer has about 100 bytes; who sends more than this is no relay. */
export const ANSWER_BYTES_MAX = 4_096

export interface RelayTrial {
  readonly username: string
  readonly credential: string
  /** Whether the relay would send to these addresses, of 4 or 16 bytes. */
  readonly peers: readonly Uint8Array[]
  /** Sends a request; resolves to the bytes of its answer. Its own errors pass through {@link tryRelay}. */
  readonly ask: (request: Uint8Array) => Promise<Uint8Array>
  /** 12 bytes, other ones each time. */
  readonly newTransactionId: () => Uint8Array
  readonly hmac: HmacSha1
  readonly md5: (bytes: Uint8Array) => Uint8Array
}

export type RelayVerdict =
  /** In the order of `peers`: whether it would send there. */
  | { readonly kind: 'works'; readonly sendsTo: readonly boolean[] }
  /** It gave an address to somebody without credentials. */
  | { readonly kind: 'unguarded' }
  /** The signature is not that of its secret, or the user name is too old by its clock. */
  | { readonly kind: 'unauthorized' }
  /** Another answer of RFC 8656, section 19, such as 486 (allocation quota reached). */
  | { readonly kind: 'refused'; readonly code: number; readonly reason: string }
  /** Whoever it is does not speak TURN. */
  | { readonly kind: 'stranger' }

/** REQUESTED-TRANSPORT: UDP (RFC 8656, section 18.7). */
const OVER_UDP: StunAttribute = { type: ATTRIBUTE.requestedTransport, value: Uint8Array.of(17, 0, 0, 0) }
const NOT_ANY_MORE: StunAttribute = { type: ATTRIBUTE.lifetime, value: new Uint8Array(4) }
/** Any port: permissions are for addresses (RFC 8656, section 9). */
const PEER_PORT = 9

/** What the relay makes of it. */
export async function tryRelay(trial: RelayTrial): Promise<RelayVerdict> {
  const challenge = await exchange(trial, STUN.allocateRequest, [OVER_UDP])
  if (challenge === undefined) return { kind: 'stranger' }
  if (classOf(challenge) === SUCCESS) return { kind: 'unguarded' }
  const realm = attributeOf(challenge, ATTRIBUTE.realm)
  const nonce = attributeOf(challenge, ATTRIBUTE.nonce)
  if (errorOf(challenge)?.code !== 401 || realm === undefined || nonce === undefined)
    return refusal(challenge)

  const login = loginOf(trial, realm, nonce)
  const allocated = await exchange(trial, STUN.allocateRequest, [OVER_UDP], login)
  if (allocated === undefined) return { kind: 'stranger' }
  if (classOf(allocated) !== SUCCESS) return refusal(allocated)
  const sendsTo: boolean[] = []
  for (const ip of trial.peers) sendsTo.push(await permits(trial, login, ip))
  await exchange(trial, STUN.refreshRequest, [NOT_ANY_MORE], login)
  return { kind: 'works', sendsTo }
}

/** The first whole message of a TCP stream, and what follows it; undefined while there is none. */
export function takeAnswer(
  stream: Uint8Array,
): { readonly answer: Uint8Array; readonly rest: Uint8Array } | undefined {
  const length = streamedLength(stream)
  if (length === undefined || stream.length < length) return undefined
  return { answer: stream.subarray(0, length), rest: stream.subarray(length) }
}

const SUCCESS = 2

interface RelayLogin {
  readonly attributes: readonly StunAttribute[]
  readonly key: Uint8Array
}

/** Long-term credentials (RFC 8489, section 9.2.2). */
function loginOf(
  { username, credential, md5 }: RelayTrial,
  realm: Uint8Array,
  nonce: Uint8Array,
): RelayLogin {
  return {
    attributes: [
      { type: ATTRIBUTE.username, value: encodeUtf8(username) },
      { type: ATTRIBUTE.realm, value: realm },
      { type: ATTRIBUTE.nonce, value: nonce },
    ],
    key: md5(encodeUtf8(`${username}:${decodeUtf8(realm)}:${credential}`)),
  }
}

async function permits(trial: RelayTrial, login: RelayLogin, ip: Uint8Array): Promise<boolean> {
  const answer = await exchange(
    trial,
    STUN.createPermissionRequest,
    (transactionId) => [
      { type: ATTRIBUTE.xorPeerAddress, value: writeXorAddress({ ip, port: PEER_PORT }, transactionId) },
    ],
    login,
  )
  return answer !== undefined && classOf(answer) === SUCCESS
}

/** The answer to one request; undefined when it is no STUN, answers something else, or is not the relay's own. */
async function exchange(
  trial: RelayTrial,
  type: number,
  asked: readonly StunAttribute[] | ((transactionId: Uint8Array) => readonly StunAttribute[]),
  login?: RelayLogin,
): Promise<StunMessage | undefined> {
  const transactionId = trial.newTransactionId()
  const wanted = typeof asked === 'function' ? asked(transactionId) : asked
  const message = { type, transactionId, attributes: [...wanted, ...(login?.attributes ?? [])] }
  const request = login === undefined ? writeStun(message) : writeSigned(message, login.key, trial.hmac)
  const bytes = await trial.ask(request)
  const answer = parseStun(bytes)
  const isAnswer = answer?.transactionId.every((byte, at) => byte === transactionId[at]) === true
  if (!isAnswer) return undefined
  // Only who knows the secret can sign that all is well.
  if (login !== undefined && classOf(answer) === SUCCESS && !hasIntegrity(bytes, login.key, trial.hmac))
    return undefined
  return answer
}

function refusal(answer: StunMessage): RelayVerdict {
  const error = errorOf(answer)
  if (error === undefined) return { kind: 'stranger' }
  if (error.code === 401) return { kind: 'unauthorized' }
  return { kind: 'refused', code: error.code, reason: decodeUtf8(error.reason) }
}
