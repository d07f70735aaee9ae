// Before the first listener comes, the front door proves that it has invited them: it knows the rehearsal's key,
// and hears that we do (`core/rehearsal/proof.ts`). A door that merely answers is left alone.

import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { MimbarError } from '../base/errors.ts'
import { parseSpaceId } from '../base/ids.ts'
import {
  answerChallenge,
  type Challenge,
  isSameText,
  provesServer,
  REHEARSAL_HEADER,
  REHEARSAL_KEY_CHARACTERS_MIN,
  REHEARSAL_PATH,
  welcomeOf,
} from '../core/rehearsal/proof.ts'
import { type Answer, askOnce } from './ask-once.ts'
import type { Target } from './swarm/messages.ts'
import { freshNonce, macOf } from './swarm/token-mint.ts'

export interface Invitation {
  readonly target: Target
  /** The server's wall clock less ours; half of the question's time is its error. */
  readonly clockOffsetMs: number
}

/** Addresses of one name that are asked; the rest is left out. */
const ADDRESSES_MAX = 16

/**
 * Resolves once every address of the front door that can be reached has proven itself. Throws `bad-request` when
 * one has not, or the page's address or the key cannot be understood; `unavailable` when none can be reached.
 */
export async function acceptInvitation(options: {
  /** `https://host/s/<id>`. */
  readonly url: string
  readonly key: string
  readonly ca?: string | undefined
}): Promise<Invitation> {
  const { key, ca } = options
  if (key.length < REHEARSAL_KEY_CHARACTERS_MIN) {
    throw new MimbarError(
      'bad-request',
      `A rehearsal key has ${REHEARSAL_KEY_CHARACTERS_MIN} characters or more.`,
    )
  }
  const door = { ...parsePageUrl(options.url), ...(ca === undefined ? {} : { ca }) }
  const addresses: string[] = []
  let clockOffsetMs = 0
  let unreachable: MimbarError | undefined
  for (const address of await addressesOf(door.hostName)) {
    try {
      clockOffsetMs = await meet({ ...door, addresses: [address] }, address, key)
      addresses.push(address)
    } catch (error) {
      if (!(error instanceof MimbarError) || error.code !== 'unavailable') throw error
      unreachable = error
    }
  }
  if (addresses.length === 0) {
    throw unreachable ?? new MimbarError('unavailable', `${door.hostName} has no address.`)
  }
  return { target: { ...door, addresses }, clockOffsetMs }
}

/** Takes a listening page's address apart. */
export function parsePageUrl(text: string): Omit<Target, 'addresses' | 'ca'> {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const space = /^\/s\/([^/]+)\/?$/.exec(url?.pathname ?? '')?.[1]
  if (url === undefined || space === undefined || !/^https?:$/.test(url.protocol)) {
    throw new MimbarError('bad-request', `Rehearse a listening page: https://host/s/<space>, not "${text}".`)
  }
  const tls = url.protocol === 'https:'
  return {
    hostName: url.hostname.replace(/^\[|\]$/g, ''),
    authority: url.host,
    port: Number(url.port || (tls ? 443 : 80)),
    tls,
    space: parseSpaceId(space),
  }
}

async function addressesOf(hostName: string): Promise<readonly string[]> {
  if (isIP(hostName) !== 0) return [hostName]
  try {
    const found = await lookup(hostName, { all: true })
    return found.slice(0, ADDRESSES_MAX).map(({ address }) => address)
  } catch (cause) {
    throw new MimbarError('unavailable', `${hostName} is not known to the name service.`, { cause })
  }
}

/** The two questions. Returns how far the server's clock is ahead of ours, ms. */
async function meet(door: Target, address: string, key: string): Promise<number> {
  const mac = macOf(key)
  const nonce = freshNonce()
  const path = `${REHEARSAL_PATH}?nonce=${nonce}`
  const askedAtMs = Date.now()
  const challenge = parseChallenge(await askOnce({ ...door, address, path }))
  const clockOffsetMs = challenge === undefined ? 0 : challenge.atMs - (askedAtMs + Date.now()) / 2
  if (challenge === undefined) {
    throw new MimbarError(
      'bad-request',
      `${door.authority} has not invited a rehearsal, so nothing was sent but this one question. Its operator starts it with --rehearsal-key.`,
    )
  }
  if (!provesServer(mac, nonce, challenge)) throw otherKey(door)
  const answer = await askOnce({
    ...door,
    address,
    path: `${path}&challenge=${challenge.challenge}`,
    headers: { [REHEARSAL_HEADER]: answerChallenge(mac, nonce, challenge.challenge) },
  })
  const said = parseObject(answer)?.welcome
  if (typeof said !== 'string' || !isSameText(said, welcomeOf(mac, nonce, challenge.challenge))) {
    throw otherKey(door)
  }
  return clockOffsetMs
}

const otherKey = (door: Target) =>
  new MimbarError(
    'bad-request',
    `${door.authority} has invited a rehearsal with another key, so nobody was sent. The key is what it was started with (--rehearsal-key).`,
  )

function parseChallenge(answer: Answer): Challenge | undefined {
  const { challenge, atMs, proof } = parseObject(answer) ?? {}
  const isOne = typeof challenge === 'string' && typeof proof === 'string' && Number.isFinite(atMs)
  if (!isOne || !/^[A-Za-z0-9._-]{1,200}$/.test(challenge)) return undefined
  return { challenge, proof, atMs: atMs as number }
}

function parseObject({ status, text }: Answer): Record<string, unknown> | undefined {
  if (status !== 200) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    // A page of some other program.
    return undefined
  }
}
