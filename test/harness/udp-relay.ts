// A bad network in a few lines: it takes datagrams at one address, passes them on to another, and loses, delays and
// reorders them on the way, by a seed. Every client address is a flow with a socket of its own towards the target, as
// behind a NAT. Each datagram is delayed by itself, so jitter alone reorders what is sent closer together than it.

import type { Running } from '../../src/base/lifetime.ts'
import { seeded } from './seeded.ts'

/** What happens to each datagram, in each direction. */
export interface Impairment {
  /** Share that is lost, 0…1. */
  readonly loss: number
  /** On the way at least. */
  readonly delayMs: number
  /** On top of the delay, evenly spread. */
  readonly jitterMs: number
  /** Share that is held back 40 ms longer, behind those that follow. */
  readonly reorder: number
}

export interface UdpRelayOptions {
  readonly address: string
  readonly port: number
  readonly targetAddress: string
  /** The target's port is ours unless said. */
  readonly targetPort?: number
  readonly seed: number
  readonly impairment: Impairment
}

/** Datagrams on their way at once; further ones are lost, as in any queue. */
export const IN_FLIGHT_MAX = 4_000
/** Client addresses that are remembered; the one that was quiet for longest is forgotten. */
export const FLOWS_MAX = 64
const HELD_BACK_MS = 40

type Socket = Bun.udp.Socket<'buffer'>

interface Flow {
  readonly upstream: Socket
}

/** Relays from construction until `stop`. */
export class UdpRelay implements Running {
  readonly #options: UdpRelayOptions
  readonly #random: () => number
  readonly #flows = new Map<string, Promise<Flow>>()
  readonly #timers = new Set<ReturnType<typeof setTimeout>>()
  #socket: Socket | undefined
  #passed = 0
  #lost = 0

  private constructor(options: UdpRelayOptions) {
    this.#options = options
    this.#random = seeded(options.seed)
  }

  static async open(options: UdpRelayOptions): Promise<UdpRelay> {
    const relay = new UdpRelay(options)
    relay.#socket = await Bun.udpSocket({
      hostname: options.address,
      port: options.port,
      socket: {
        data: (_, bytes, port, address) => void relay.#fromClient(bytes, port, address),
        error: refused,
      },
    })
    return relay
  }

  /** Datagrams passed on, and lost on purpose. */
  get counts(): { readonly passed: number; readonly lost: number } {
    return { passed: this.#passed, lost: this.#lost }
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers.clear()
    this.#socket?.close()
    for (const flow of this.#flows.values()) (await flow).upstream.close()
    this.#flows.clear()
  }

  async #fromClient(bytes: Buffer, port: number, address: string): Promise<void> {
    const key = `${address} ${port}`
    const known = this.#flows.get(key)
    const opening = known ?? this.#openFlow(port, address)
    this.#flows.delete(key)
    this.#flows.set(key, opening)
    if (this.#flows.size > FLOWS_MAX) this.#forgetOldest()
    const { targetAddress, targetPort, port: own } = this.#options
    const copy = Buffer.from(bytes)
    const { upstream } = await opening
    this.#carry(() => upstream.send(copy, targetPort ?? own, targetAddress))
  }

  async #openFlow(port: number, address: string): Promise<Flow> {
    const upstream = await Bun.udpSocket({
      hostname: this.#options.address,
      socket: {
        data: (_, bytes) => {
          const copy = Buffer.from(bytes)
          this.#carry(() => this.#socket?.send(copy, port, address))
        },
        error: refused,
      },
    })
    return { upstream }
  }

  #forgetOldest(): void {
    const [key, flow] = this.#flows.entries().next().value as [string, Promise<Flow>]
    this.#flows.delete(key)
    void flow.then(({ upstream }) => upstream.close())
  }

  #carry(send: () => void): void {
    const { loss, delayMs, jitterMs, reorder } = this.#options.impairment
    // Each datagram draws the same three numbers, so that one setting does not change the course of another.
    const [lossDraw, jitterDraw, reorderDraw] = [this.#random(), this.#random(), this.#random()]
    if (lossDraw < loss || this.#timers.size >= IN_FLIGHT_MAX) {
      this.#lost += 1
      return
    }
    const delay = delayMs + jitterDraw * jitterMs + (reorderDraw < reorder ? HELD_BACK_MS : 0)
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      this.#passed += 1
      try {
        send()
      } catch {
        // The other side closed, or its network is down: a network would lose it as silently.
      }
    }, delay)
    this.#timers.add(timer)
  }
}

/** An ICMP answer of an end that is away just now: a network would not mind. */
const refused = () => {}
