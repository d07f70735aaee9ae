// Many real listeners for the price of a socket each: they ask for a pushed stream as a player does, and know of each
// other only when bytes came last. What they received is what a shown count is compared with.

import type { Socket } from 'bun'

/** Every stream carries bytes at least once a second; who had none for longer hears nothing. */
const RECEIVING_WITHIN_MS = 2_000

interface Member {
  readonly socket: Socket<undefined>
  heardAt: number
  isClosed: boolean
}

/** Listeners of one stream, from `join` to `leave` or `close`. */
export class ListenerCrowd {
  readonly #url: URL
  readonly #members: Member[] = []
  #joined = 0

  /** `url` of the stream, such as `http://localhost:8080/live/demo/opus.mp4`. */
  constructor(url: string) {
    this.#url = new URL(url)
  }

  /** Who is connected, whatever they receive. */
  get size(): number {
    return this.#members.length
  }

  /** Who really receives bytes now. */
  receiving(): number {
    const now = performance.now()
    return this.#members.filter(({ heardAt, isClosed }) => !isClosed && now - heardAt <= RECEIVING_WITHIN_MS)
      .length
  }

  /** `count` more come, each with a User-Agent of their own; resolves when all have had their first bytes. */
  async join(count: number): Promise<void> {
    await Promise.all(Array.from({ length: count }, () => this.#open()))
  }

  /** `count` of those who have been here longest go. */
  leave(count: number): void {
    for (const { socket } of this.#members.splice(0, count)) socket.terminate()
  }

  close(): void {
    this.leave(this.#members.length)
  }

  async #open(): Promise<void> {
    const first = Promise.withResolvers<void>()
    const name = `crowd/${++this.#joined}`
    const { hostname, port, host, pathname } = this.#url
    const member: { heardAt: number; isClosed: boolean } = { heardAt: 0, isClosed: false }
    const socket = await Bun.connect({
      hostname: hostname === 'localhost' ? '127.0.0.1' : hostname,
      port: Number(port),
      socket: {
        open: (s) => void s.write(`GET ${pathname} HTTP/1.1\r\nHost: ${host}\r\nUser-Agent: ${name}\r\n\r\n`),
        data: (_, bytes) => {
          if (member.heardAt === 0 && !bytes.toString('latin1', 0, 15).startsWith('HTTP/1.1 200')) {
            first.reject(new Error(bytes.toString('latin1', 0, 200)))
          }
          member.heardAt = performance.now()
          first.resolve()
        },
        close: () => {
          member.isClosed = true
          first.reject(new Error(`${name} was closed before it heard anything`))
        },
      },
    })
    this.#members.push(Object.assign(member, { socket }))
    await first.promise
  }
}
