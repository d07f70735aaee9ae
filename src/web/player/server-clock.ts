// What time it is at the server, for showing how far behind the ear is. Whatever the server said was true when it
// said it, so each saying is a lower bound; the device's own clock is believed while it agrees with the bound.

/** A device's clock this far ahead of what was heard from the server is taken to be wrong. */
const DEVICE_AHEAD_MS = 2_500
const DEVICE_BEHIND_MS = 50

/** One page's idea of the server's wall clock. */
export class ServerClock {
  readonly #monotonic: () => number
  readonly #device: () => number
  /** Added to the monotonic clock: the latest that the server was heard to say. */
  #offsetMs = Number.NEGATIVE_INFINITY

  constructor(monotonic: () => number, device: () => number) {
    this.#monotonic = monotonic
    this.#device = device
  }

  /** The server's clock showed at least `wallMs` when the monotonic one showed `atMs`. */
  learn(wallMs: number, atMs = this.#monotonic()): void {
    this.#offsetMs = Math.max(this.#offsetMs, wallMs - atMs)
  }

  /** Wall clock of the server, in ms. */
  now(): number {
    const bound = this.#monotonic() + this.#offsetMs
    const device = this.#device()
    const agrees = device >= bound - DEVICE_BEHIND_MS && device <= bound + DEVICE_AHEAD_MS
    return agrees ? device : bound
  }
}
