// What a hostile crowd does, at a server that asked for it: each profile keeps a bounded number of sockets busy in
// its own unpleasant way, for as long as the rehearsal lasts. The listeners beside it show what the attack costs
// the people who only want to hear.

import type { Socket } from 'bun'
import { REHEARSAL_PATH } from '../../core/rehearsal/proof.ts'
import { HttpResponseReader } from './http-response.ts'
import type { AttackPlan, AttackProfile, AttackTally } from './messages.ts'
import { TokenMint } from './token-mint.ts'

/** More sockets than this at once are no attack but another crowd. */
export const ATTACKERS_MAX = 5_000
/** New connections in a second, all attackers of a process together. */
const CONNECTS_PER_SECOND_MAX = 2_000
const TICK_MS = 50
const REPORT_MS = 1_000
/** A byte of a head this often keeps a naive server waiting for ever. */
const DRIP_MS = 1_000
/** Requests on one connection before another is made. */
const REQUESTS_PER_CONNECTION = 100

type AttackSocket = Socket<Attacker>

/** What one attacker does with its socket. */
interface Behaviour {
  /** The connection stands. */
  connected(attacker: Attacker): void
  /** Called every `TICK_MS` while it stands. */
  tick?(attacker: Attacker, nowMs: number): void
  /** Bytes came. */
  received?(attacker: Attacker): void
}

const BEHAVIOURS: Readonly<Record<AttackProfile, Behaviour>> = {
  // Opens sockets and says nothing.
  connections: { connected: () => {} },
  // Asks for pages as fast as they are answered.
  requests: {
    connected: (attacker) => attacker.ask(attacker.pageRequest()),
    received: (attacker) => attacker.askAgainWhenAnswered(),
  },
  // Begins a request and never ends it.
  'slow-headers': {
    connected: (attacker) => attacker.write('GET / HTTP/1.1\r\nHost: x\r\nX-Drip: '),
    tick: (attacker, nowMs) => attacker.drip(nowMs),
  },
  // Asks for a stream and takes nothing of it.
  'slow-readers': {
    connected: (attacker) => {
      attacker.ask(attacker.streamRequest())
      attacker.stopReading()
    },
  },
  // Joins, and is gone with the first byte.
  'join-and-leave': {
    connected: (attacker) => attacker.ask(attacker.streamRequest()),
    received: (attacker) => attacker.hangUp(),
  },
}

const HANDLERS = {
  binaryType: 'buffer' as const,
  open: (socket: AttackSocket) => socket.data.opened(socket),
  handshake: (socket: AttackSocket, success: boolean) => socket.data.shookHands(success),
  data: (socket: AttackSocket, bytes: Buffer) => socket.data.received(bytes),
  close: (socket: AttackSocket) => socket.data.closed(socket),
  error: (socket: AttackSocket) => socket.data.closed(socket),
  connectError: (socket: AttackSocket) => socket.data.closed(),
}

/** One process's part of an attack. */
export class Attack {
  readonly plan: AttackPlan
  readonly tokens: TokenMint
  readonly counts = { opened: 0, failed: 0, closedByServer: 0, requests: 0 }
  readonly answers: Record<string, number> = {}
  readonly #attackers: Attacker[]
  readonly #tell: (tally: AttackTally) => void
  #timers: ReturnType<typeof setInterval>[] = []
  #connectsLeft = 0

  constructor(plan: AttackPlan, tell: (tally: AttackTally) => void) {
    this.plan = plan
    this.#tell = tell
    this.tokens = new TokenMint({
      key: plan.key,
      space: plan.target.space,
      clockOffsetMs: plan.clockOffsetMs,
    })
    const count = Math.min(ATTACKERS_MAX, plan.attackers)
    this.#attackers = Array.from({ length: count }, () => new Attacker(this, BEHAVIOURS[plan.profile]))
  }

  start(): void {
    this.#timers = [
      setInterval(() => this.#tick(), TICK_MS),
      setInterval(() => this.#tell(this.tally()), REPORT_MS),
    ]
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer)
    this.#tell(this.tally())
    for (const attacker of this.#attackers) attacker.stop()
  }

  tally(): AttackTally {
    return { ...this.counts, answers: { ...this.answers } }
  }

  #tick(): void {
    this.#connectsLeft = CONNECTS_PER_SECOND_MAX * (TICK_MS / 1_000)
    const now = performance.now()
    for (const attacker of this.#attackers) {
      if (attacker.isFree && this.#connectsLeft > 0) {
        this.#connectsLeft -= 1
        attacker.connect()
      } else attacker.tick(now)
    }
  }
}

class Attacker {
  readonly #attack: Attack
  readonly #behaviour: Behaviour
  #socket: AttackSocket | undefined
  #isConnecting = false
  #isOurs = false
  #asked = 0
  #response: HttpResponseReader | undefined
  #isAnswered = false
  #drippedAtMs = 0

  constructor(attack: Attack, behaviour: Behaviour) {
    this.#attack = attack
    this.#behaviour = behaviour
  }

  get isFree(): boolean {
    return this.#socket === undefined && !this.#isConnecting
  }

  connect(): void {
    const { target } = this.#attack.plan
    const { tls, hostName, ca } = target
    this.#isConnecting = true
    this.#isOurs = false
    this.#asked = 0
    Bun.connect<Attacker>({
      hostname: target.addresses[Math.floor(Math.random() * target.addresses.length)] as string,
      port: target.port,
      ...(tls ? { tls: { serverName: hostName, ...(ca === undefined ? {} : { ca }) } } : {}),
      data: this,
      socket: HANDLERS,
    }).catch(() => this.closed())
  }

  tick(nowMs: number): void {
    if (this.#socket !== undefined) this.#behaviour.tick?.(this, nowMs)
  }

  stop(): void {
    this.hangUp()
  }

  pageRequest(): string {
    const { authority, space } = this.#attack.plan.target
    // Half of them are for something that needs an answer of its own.
    const path = Math.random() < 0.5 ? `/s/${space}` : `${REHEARSAL_PATH}?nonce=${crypto.randomUUID()}`
    return `GET ${path} HTTP/1.1\r\nHost: ${authority}\r\nAccept: text/html\r\n\r\n`
  }

  /** With a token: these are never counted as listeners either. */
  streamRequest(): string {
    const { authority, space } = this.#attack.plan.target
    const token = this.#attack.tokens.header()
    return `GET /live/${space}/opus.mp4 HTTP/1.1\r\nHost: ${authority}\r\n${token}\r\n\r\n`
  }

  ask(request: string): void {
    this.#attack.counts.requests += 1
    this.#asked += 1
    this.#isAnswered = false
    this.#response = new HttpResponseReader()
    this.write(request)
  }

  askAgainWhenAnswered(): void {
    if (!this.#isAnswered) return
    if (this.#asked >= REQUESTS_PER_CONNECTION) this.hangUp()
    else this.ask(this.pageRequest())
  }

  drip(nowMs: number): void {
    if (nowMs - this.#drippedAtMs < DRIP_MS) return
    this.#drippedAtMs = nowMs
    this.write('x')
  }

  write(text: string): void {
    this.#socket?.write(text)
  }

  stopReading(): void {
    this.#socket?.pause()
  }

  hangUp(): void {
    this.#isOurs = true
    this.#socket?.terminate()
    this.#socket = undefined
    this.#isConnecting = false
  }

  opened(socket: AttackSocket): void {
    if (this.#isOurs) {
      socket.terminate()
      return
    }
    this.#socket = socket
    if (!this.#attack.plan.target.tls) this.#stand()
  }

  shookHands(success: boolean): void {
    if (success) this.#stand()
    else this.#socket?.terminate()
  }

  #stand(): void {
    this.#isConnecting = false
    this.#attack.counts.opened += 1
    this.#behaviour.connected(this)
  }

  received(bytes: Buffer): void {
    try {
      this.#response?.push(bytes, {
        head: ({ status }) => {
          this.#attack.answers[status] = (this.#attack.answers[status] ?? 0) + 1
        },
        body: () => {},
        end: () => {
          this.#isAnswered = true
        },
      })
    } catch {
      // An attacker does not care what it is told.
    }
    this.#behaviour.received?.(this)
  }

  /** `socket` is absent when there never was one. */
  closed(socket?: AttackSocket): void {
    const isOfBefore = socket !== undefined && this.#socket !== undefined && socket !== this.#socket
    if (this.#isOurs || this.isFree || isOfBefore) return
    if (this.#isConnecting) this.#attack.counts.failed += 1
    else this.#attack.counts.closedByServer += 1
    this.#socket = undefined
    this.#isConnecting = false
  }
}
