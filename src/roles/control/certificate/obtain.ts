// One order with a certificate authority (RFC 8555, section 7.4), from account to chain:
//
//   newAccount ─▶ newOrder ─▶ authorizations ─▶ "the answers are in place" ─▶ wait ─▶ finalize(CSR) ─▶ wait ─▶ chain
//
// The answers are in place all the time: any edge answers any challenge by itself (see the plain door).

import { setTimeout as sleep } from 'node:timers/promises'
import { type Authorization, axios, Client, crypto, type Order } from 'acme-client'
import { type BackoffOptions, backoffDelay } from '../../../base/backoff.ts'
import { MimbarError } from '../../../base/errors.ts'
import type { TlsPair } from '../../../host/tls-files.ts'
import { heldOf, joined } from '../../../host/tls-folder.ts'
import { AcmeFailure, acmeAdapter, printable, problemFailure } from './acme-http.ts'

/** An authority that takes longer to look is asked again another time. */
const ORDER_MS_MAX = 5 * 60_000
const POLL_BACKOFF: BackoffOptions = { firstMs: 1_000, factor: 1.6, maxMs: 10_000 }
const POLL_MS_MAX = 60_000

export interface OrderOptions {
  readonly directoryUrl: string
  /** PEM of a root to trust instead of the usual ones; empty for none. */
  readonly authorityRoot: string
  /** PEM. */
  readonly accountKey: string
  /** Empty for none. */
  readonly email: string
  readonly names: readonly string[]
  readonly signal: AbortSignal
}

/** A chain for all of `names`, and its new key. Throws `AcmeFailure`, which says why there is none. */
export async function obtainCertificate(options: OrderOptions): Promise<TlsPair> {
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(ORDER_MS_MAX)])
  const pace = new PollPace(signal)
  // The library has one HTTP client for the whole process. One order runs at a time, and this is the way it asks.
  axios.defaults.adapter = acmeAdapter(options.authorityRoot, signal, (ms) => pace.asked(ms))
  try {
    return await order(options, pace)
  } catch (cause) {
    if (cause instanceof MimbarError) throw cause
    const { host } = new URL(options.directoryUrl)
    const why = signal.aborted
      ? `it was not done within ${ORDER_MS_MAX / 60_000} minutes`
      : (cause as Error).message
    throw new AcmeFailure('unavailable', `The certificate authority ${host} did not deliver: ${why}`, {
      cause,
    })
  }
}

async function order(options: OrderOptions, pace: PollPace): Promise<TlsPair> {
  const { directoryUrl, accountKey, email, names } = options
  const client = new Client({ directoryUrl, accountKey })
  await enterAccount(client, email === '' ? [] : [`mailto:${email}`])
  const placed = await client.createOrder({ identifiers: names.map((value) => ({ type: 'dns', value })) })
  await prove(client, placed, pace)

  const privateKey = await crypto.createPrivateEcdsaKey('P-256')
  const [, request] = await crypto.createCsr({ altNames: [...names] }, privateKey)
  let current = await client.finalizeOrder(placed, request)
  while (current.status === 'processing' || current.status === 'ready') {
    await pace.wait()
    current = await client.getOrder(placed)
  }
  const host = new URL(directoryUrl).host
  if (current.status !== 'valid') throw invalid(host, current.error)
  return checked(host, { cert: await client.getCertificate(current), key: privateKey.toString() }, names)
}

/** Finds the account of our key, or makes it; its contact becomes `contact` (RFC 8555, section 7.3). */
async function enterAccount(client: Client, contact: string[]): Promise<void> {
  try {
    const account = await client.createAccount({ onlyReturnExisting: true })
    const isKnown = contact.every((address) => account.contact?.includes(address))
    if (!isKnown) await client.updateAccount({ contact })
  } catch (error) {
    if (!(error instanceof AcmeFailure) || error.problem !== 'accountDoesNotExist') throw error
    await client.createAccount({ termsOfServiceAgreed: true, contact })
  }
}

/** Has the authority look at each name that it has not seen lately, and waits for what it says. */
async function prove(client: Client, placed: Order, pace: PollPace): Promise<void> {
  let authorizations = await client.getAuthorizations(placed)
  for (const authorization of authorizations.filter(isPending)) {
    await client.completeChallenge(challengeOf(authorization))
  }
  while (authorizations.some(isPending)) {
    await pace.wait()
    authorizations = await client.getAuthorizations(placed)
  }
  const failed = authorizations.find(({ status }) => status !== 'valid')
  if (failed !== undefined) throw unproven(failed)
}

const isPending = ({ status }: Authorization) => status === 'pending'

function challengeOf({ identifier, challenges }: Authorization) {
  const challenge = challenges.find(({ type }) => type === 'http-01')
  if (challenge !== undefined) return challenge
  const message = `The certificate authority offers no HTTP challenge for ${identifier.value}.`
  throw new AcmeFailure('forbidden', message)
}

/** What the authority saw when it looked (RFC 8555, sections 6.7 and 8.3), as advice. */
function unproven({ identifier, challenges, status }: Authorization): AcmeFailure {
  const name = identifier.value
  const error = challenges.find((challenge) => challenge.error !== undefined)?.error
  const { type = status, detail = '' } = (error ?? {}) as { type?: string; detail?: string }
  const advice: Readonly<Record<string, string>> = {
    dns: `The name ${name} leads nowhere: point its A or AAAA record to this machine.`,
    connection: `Nobody answers at http://${name}: open TCP port 80 in the firewall, and lead it to --http-port.`,
    unauthorized: `Who answers at http://${name} is not this Mimbar: look where its A and AAAA records point.`,
    incorrectResponse: `Who answers at http://${name} is not this Mimbar: look where its A and AAAA records point.`,
    caa: `A CAA record of ${name} names other certificate authorities than this one.`,
  }
  const kind = type.split(':').at(-1) ?? ''
  const words = advice[kind] ?? `The certificate authority could not see that ${name} is ours (${kind}).`
  return new AcmeFailure('forbidden', `${words} It says: ${printable(detail)}`)
}

function invalid(host: string, error: unknown): AcmeFailure {
  const { type = 'unknown', detail = 'the order became invalid' } = (error ?? {}) as Record<string, string>
  return problemFailure(host, { type, detail: printable(detail) }, 0)
}

/** Nothing is served that was not looked at. */
function checked(host: string, pair: TlsPair, names: readonly string[]): TlsPair {
  const held = heldOf(joined(pair))
  if (!held.isTemporary && held.covers(names) && held.notAfterMs > Date.now()) return pair
  throw new AcmeFailure(
    'unavailable',
    `The certificate of ${host} is not for ${names.join(' and ')}, or not for now.`,
    {},
  )
}

/** The waits between looks at an order: growing and jittered, and as long as the authority asks (section 7.5.1). */
class PollPace {
  readonly #signal: AbortSignal
  #waits = 0
  #askedMs = 0

  constructor(signal: AbortSignal) {
    this.#signal = signal
  }

  asked(ms: number): void {
    this.#askedMs = ms
  }

  async wait(): Promise<void> {
    const ms = Math.max(backoffDelay(this.#waits++, Math.random(), POLL_BACKOFF), this.#askedMs)
    await sleep(Math.min(ms, POLL_MS_MAX), undefined, { signal: this.#signal })
  }
}
