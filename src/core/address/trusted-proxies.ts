// The proxies that a door believes, as its operator named them. Whoever comes through one that isn't named is, to every
// limit, that proxy: this is said in the log, with the setting that mends it, and seldom enough to stay readable.

import { MimbarError } from '../../base/errors.ts'
import { clientAddress } from './client-address.ts'
import { type IpPrefix, parsePrefix } from './ip.ts'

/** The warning comes again after this long, if its reason does. */
const WARN_EVERY_MS = 600_000
/** Named at most; CDNs publish some dozens. */
const PREFIXES_MAX = 256

/** A request's headers, as far as they tell where it came from. */
interface OriginHeaders {
  get(name: string): string | null
}

export class TrustedProxies {
  readonly #prefixes: readonly IpPrefix[]
  readonly #warn: (line: string) => void
  #warnedAt: number | undefined

  constructor(prefixes: readonly IpPrefix[], warn: (line: string) => void) {
    this.#prefixes = prefixes
    this.#warn = warn
  }

  /** The client's address. `now` is any clock in ms that does not go back. */
  addressOf(headers: OriginHeaders, socketAddress: string, now: number): string {
    const { address, isUnproven } = clientAddress(
      { socketAddress, forwardedFor: headers.get('x-forwarded-for'), forwarded: headers.get('forwarded') },
      this.#prefixes,
    )
    if (isUnproven && (this.#warnedAt === undefined || now - this.#warnedAt >= WARN_EVERY_MS)) {
      this.#warnedAt = now
      this.#warn(
        `forwarding headers from ${socketAddress} are not believed: if it is your proxy, name it in --trusted-proxies`,
      )
    }
    return address
  }
}

/** A list of addresses and prefixes, divided by commas or spaces. Throws `bad-request` naming what is neither. */
export function parsePrefixes(text: string): readonly IpPrefix[] {
  const words = text.split(/[\s,]+/).filter((word) => word !== '')
  if (words.length > PREFIXES_MAX) throw new MimbarError('bad-request', `At most ${PREFIXES_MAX} prefixes.`)
  return words.map(parsePrefix)
}
