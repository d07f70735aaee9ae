// Slows down whoever tries secrets. Secrets have 160 random bits, so guessing is hopeless anyway: the limit tells a
// guesser to stop, and never stands in the way of a secret that is right.

/** What one address may do, and how many addresses are remembered. */
export interface AttemptBudget {
  /** Failures that are free, one after the other. */
  readonly burst: number
  /** One more failure is forgiven each time this much has passed. */
  readonly forgiveMs: number
  /** When full, the address that was quiet for longest is forgotten. */
  readonly addressesMax: number
}

/** Failed exchanges of a secret: ten at once, then one every six seconds. */
export const SECRET_ATTEMPTS: AttemptBudget = { burst: 10, forgiveMs: 6_000, addressesMax: 4_096 }

interface Debt {
  failures: number
  readonly asOfMs: number
}

/** Counts failures by address and says when one has to wait. `now` is any clock in ms that does not go back. */
export class AttemptLimit {
  readonly #budget: AttemptBudget
  /** In the order of their last failure, the oldest first. */
  readonly #debts = new Map<string, Debt>()

  constructor(budget: AttemptBudget) {
    this.#budget = budget
  }

  get addresses(): number {
    return this.#debts.size
  }

  /** How long `address` has to wait before its next try, in ms; 0 when it may try now. */
  waitMs(address: string, now: number): number {
    const failures = this.#failures(addressBlock(address), now)
    return Math.max(0, Math.ceil((failures - this.#budget.burst + 1) * this.#budget.forgiveMs))
  }

  /** Notes that a try from `address` has failed. */
  failed(address: string, now: number): void {
    const block = addressBlock(address)
    const failures = Math.min(this.#budget.burst, this.#failures(block, now) + 1)
    this.#debts.delete(block)
    this.#debts.set(block, { failures, asOfMs: now })
    if (this.#debts.size > this.#budget.addressesMax) {
      const oldest = this.#debts.keys().next()
      if (!oldest.done) this.#debts.delete(oldest.value)
    }
  }

  #failures(block: string, now: number): number {
    const debt = this.#debts.get(block)
    if (debt === undefined) return 0
    const failures = debt.failures - (now - debt.asOfMs) / this.#budget.forgiveMs
    if (failures > 0) return failures
    this.#debts.delete(block)
    return 0
  }
}

/** What counts as one: an IPv4 address, or the /64 in which an IPv6 host picks addresses as it likes (RFC 4291). */
export function addressBlock(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)
  if (mapped !== null) return mapped[1] as string
  if (!address.includes(':')) return address
  const [before = '', after] = address.split('::')
  const head = before === '' ? [] : before.split(':')
  const tail = after === undefined || after === '' ? [] : after.split(':')
  const zeros = after === undefined ? 0 : Math.max(0, 8 - head.length - tail.length)
  return [...head, ...new Array<string>(zeros).fill('0'), ...tail].slice(0, 4).join(':').toLowerCase()
}
