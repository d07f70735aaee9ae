// The UDP port of a stage for people who come through a TURN relay. What arrives is passed to the port of the native
// library and back; only tie-breakers of 0, which the library refuses, are mended (core/relay/ice-login.ts). Nobody
// else is told of this port: everybody who can, sends straight to the library.
//
//     relay ◀──▶ this port ◀──▶ a flow: one local socket for each address that proved itself ◀──▶ library's port
//
// It is open to the world, so a stranger's datagram must cost next to nothing and cause nothing: a flow begins with a
// check that proves the password of a connection that is there, nothing is ever answered by the front itself, and
// flows are few and end when nobody uses them.

import { createHmac, randomBytes } from 'node:crypto'
import { ipBytes, parseIp } from '../../../core/address/ip.ts'
import { type IceLogin, passAnswer, passCheck, readCheck } from '../../../core/relay/ice-login.ts'
import type { HmacSha1 } from '../../../media/stun/integrity.ts'
import { isStun } from '../../../media/stun/message.ts'
import type { TransportAddress } from '../../../media/stun/xor-address.ts'

export interface StunFrontOptions {
  /** Of the front. */
  readonly port: number
  /** Where the front listens, and where the library does. `0.0.0.0` for every interface. */
  readonly bindAddress: string
  /** Of the library. */
  readonly libraryPort: number
}

/** At most, of one stage; each has a descriptor. Beyond it new ones are dropped, and tried again by their owners. */
export const FLOWS_MAX = 512
/** Of one connection: one for each relay that its person's browser tries. Beyond it new ones are dropped. */
export const CONNECTION_FLOWS_MAX = 8
/** Nobody sends for so long on a connection that lives: ICE asks for consent every few seconds (RFC 7675). */
export const FLOW_IDLE_MS = 30_000
const SWEEP_EVERY_MS = 5_000

type Socket = Bun.udp.ConnectedSocket<'buffer'>

interface Flow {
  readonly login: IceLogin
  readonly from: TransportAddress
  /** Absent for the moment in which it is opened. */
  socket?: Socket
  heardAtMs: number
  isOver: boolean
}

/** Owned by the endpoint; lives until `close`. */
export class StunFront {
  readonly #options: StunFrontOptions
  /** By our ufrag. */
  readonly #logins = new Map<string, IceLogin>()
  /** By address and port of who sends. */
  readonly #flows = new Map<string, Flow>()
  readonly #sweeping: ReturnType<typeof setInterval>
  #socket: Bun.udp.Socket<'buffer'> | undefined

  private constructor(options: StunFrontOptions) {
    this.#options = options
    this.#sweeping = setInterval(() => this.#sweep(), SWEEP_EVERY_MS)
  }

  /** Throws what the kernel says when the port cannot be had. */
  static async open(options: StunFrontOptions): Promise<StunFront> {
    const front = new StunFront(options)
    try {
      front.#socket = await Bun.udpSocket({
        hostname: options.bindAddress,
        port: options.port,
        socket: { data: (_, bytes, port, address) => front.#hear(bytes, port, address), error: unreachable },
      })
    } catch (error) {
      front.close()
      throw error
    }
    return front
  }

  get port(): number {
    return this.#options.port
  }

  get flows(): number {
    return this.#flows.size
  }

  /** Lets the person of this connection through, until the function that comes back is called. */
  admit(login: Omit<IceLogin, 'tieBreaker'>): () => void {
    const known = { ...login, tieBreaker: newTieBreaker() }
    this.#logins.set(known.ufrag, known)
    return () => {
      if (this.#logins.get(known.ufrag) === known) this.#logins.delete(known.ufrag)
      for (const [key, flow] of this.#flows) if (flow.login === known) this.#end(key, flow)
    }
  }

  /** Idempotent. */
  close(): void {
    clearInterval(this.#sweeping)
    for (const [key, flow] of this.#flows) this.#end(key, flow)
    this.#logins.clear()
    this.#socket?.close()
    this.#socket = undefined
  }

  #hear(datagram: Uint8Array, port: number, address: string): void {
    const key = `${address} ${port}`
    const flow = this.#flows.get(key)
    const check = isStun(datagram) ? readCheck(datagram) : undefined
    if (flow !== undefined && (check === undefined || check.ufrag === flow.login.ufrag)) {
      const passed = check === undefined ? datagram : passCheck(datagram, check, flow.login, hmacSha1)
      if (passed === undefined) return
      flow.heardAtMs = performance.now()
      // What comes while the socket is being opened is lost; checks are repeated.
      attempt(() => flow.socket?.send(passed))
      return
    }
    const login = check === undefined ? undefined : this.#logins.get(check.ufrag)
    if (check === undefined || login === undefined) return
    const passed = passCheck(datagram, check, login, hmacSha1)
    // The same relayed address with another connection's proof: a browser that connects anew.
    if (passed !== undefined && flow !== undefined) this.#end(key, flow)
    if (passed !== undefined) void this.#begin(key, login, passed, port, address)
  }

  async #begin(
    key: string,
    login: IceLogin,
    first: Uint8Array,
    port: number,
    address: string,
  ): Promise<void> {
    const ip = parseIp(address)
    if (ip === undefined || this.#flows.size >= FLOWS_MAX) return
    const siblings = [...this.#flows.values()].filter((flow) => flow.login === login)
    if (siblings.length >= CONNECTION_FLOWS_MAX) return
    const from = { ip: ipBytes(ip), port }
    const flow: Flow = { login, from, heardAtMs: performance.now(), isOver: false }
    this.#flows.set(key, flow)
    try {
      const socket = await Bun.udpSocket({
        connect: { hostname: this.#libraryAddress, port: this.#options.libraryPort },
        socket: {
          data: (_, answer) => {
            if (flow.isOver) return
            const passed = passAnswer(answer, login, from, hmacSha1)
            attempt(() => this.#socket?.send(passed, port, address))
          },
          error: unreachable,
        },
      })
      if (flow.isOver) return socket.close()
      flow.socket = socket
      attempt(() => socket.send(first))
    } catch {
      // No descriptor is left: as if the datagram were lost. The browser sends the next one in a moment.
      this.#end(key, flow)
    }
  }

  get #libraryAddress(): string {
    const { bindAddress } = this.#options
    if (bindAddress === '0.0.0.0') return '127.0.0.1'
    return bindAddress === '::' ? '::1' : bindAddress
  }

  #end(key: string, flow: Flow): void {
    flow.isOver = true
    flow.socket?.close()
    if (this.#flows.get(key) === flow) this.#flows.delete(key)
  }

  #sweep(): void {
    const oldest = performance.now() - FLOW_IDLE_MS
    for (const [key, flow] of this.#flows) if (flow.heardAtMs < oldest) this.#end(key, flow)
  }
}

function newTieBreaker(): Uint8Array {
  const bytes = new Uint8Array(randomBytes(8))
  // Never 0, at the price of one bit.
  bytes[0] = (bytes[0] as number) | 1
  return bytes
}

const hmacSha1: HmacSha1 = (key, bytes) => new Uint8Array(createHmac('sha1', key).update(bytes).digest())

/** A datagram that the kernel does not take is lost, as it might be further on. */
function attempt(send: () => unknown): void {
  try {
    send()
  } catch {
    // No route just now, or a socket that closes: whoever misses it sends it again.
  }
}

/** An ICMP answer to something that was sent: whoever misses it sends it again. */
const unreachable = () => {}
