// What one address, and one network, may do at one edge. Thousands of phones behind one address of a mobile carrier
// are a normal audience, so how many listen at a time is limited generously, and how fast is what bites. Nobody is
// banned: who goes over a rate waits, a network's hosts together as one.

import { type Ip, isLoopback, parseIp, prefixKey } from '../address/ip.ts'
import { type BucketBudget, TokenBuckets } from './token-buckets.ts'

/** Of one address (IPv4 /32, IPv6 /64); a network (/24, /48) may do `NETWORK_FACTOR` times as much. */
export interface AddressBudget {
  readonly joinsPerSecond: number
  readonly requestsPerSecond: number
  readonly streamsMax: number
}

/** A network of 256 hosts that are all busy isn't an audience; a few busy ones are. */
export const NETWORK_FACTOR = 8
/** A quiet address may do so many seconds' worth at once: a bus arrives, a page loads. */
const BURST_S = 4
/** Addresses and networks whose rates are remembered; the one quiet for longest is forgotten, and starts anew. */
export const ADDRESSES_MAX = 65_536

/** Rates and streams by address. `now` is any clock in ms that does not go back. */
export class AddressLimits {
  readonly #budget: AddressBudget
  readonly #joins = new TokenBuckets(ADDRESSES_MAX)
  readonly #requests = new TokenBuckets(ADDRESSES_MAX)
  /** Only of those who have one: as bounded as streams are. */
  readonly #streams = new Map<string, number>()

  constructor(budget: AddressBudget) {
    this.#budget = budget
  }

  /** Counts a request; answers 0 when it may be answered, else in how many ms the next one may. */
  request(address: string, now: number): number {
    return take(this.#requests, address, this.#budget.requestsPerSecond, now)
  }

  /** Counts a join; likewise. */
  join(address: string, now: number): number {
    return take(this.#joins, address, this.#budget.joinsPerSecond, now)
  }

  /** True when `address` may have one more stream. */
  hasRoom(address: string): boolean {
    return blocksOf(address).every(
      ({ key, factor }) => (this.#streams.get(key) ?? 0) < this.#budget.streamsMax * factor,
    )
  }

  /** A stream of `address` begins; call the answer once when it ends. */
  enter(address: string): () => void {
    const blocks = blocksOf(address)
    for (const { key } of blocks) this.#streams.set(key, (this.#streams.get(key) ?? 0) + 1)
    return () => {
      for (const { key } of blocks) {
        const left = (this.#streams.get(key) ?? 0) - 1
        if (left > 0) this.#streams.set(key, left)
        else this.#streams.delete(key)
      }
    }
  }
}

interface Block {
  readonly key: string
  readonly factor: number
}

/** The address and its network. None for this machine itself: whoever is on it needs no door. */
function blocksOf(address: string): readonly Block[] {
  const ip = parseIp(address)
  if (ip === undefined || isLoopback(ip)) return []
  const [narrow, wide] = bitsOf(ip)
  return [
    { key: prefixKey(ip, narrow), factor: 1 },
    { key: prefixKey(ip, wide), factor: NETWORK_FACTOR },
  ]
}

const bitsOf = ({ version }: Ip): readonly [number, number] => (version === 4 ? [32, 24] : [64, 48])

function take(buckets: TokenBuckets, address: string, perSecond: number, now: number): number {
  let waitMs = 0
  for (const { key, factor } of blocksOf(address)) {
    const rate = perSecond * factor
    const budget: BucketBudget = { perSecond: rate, burst: rate * BURST_S }
    waitMs = Math.max(waitMs, buckets.take(key, budget, now))
  }
  return waitMs
}
