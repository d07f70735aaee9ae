// A network between a browser and Mimbar that can be taken away, as in a tunnel: what is open falls silent, and what is
// tried anew gets no answer. Browsers' own "offline" leaves streams alone that are open already.

import { connect, createServer, type Socket } from 'node:net'
import type { Running } from '../../src/base/lifetime.ts'

/** Pieces of data that are kept while nothing passes; what has more to say than that loses its connection. */
const WAITING_MAX = 10_000

export interface TcpRelay extends Running {
  readonly port: number
  /** Nothing passes until {@link open}; connections stay, as they do where no packet says that they are gone. */
  hold(): void
  open(): void
  /** What is open breaks off; what is tried anew passes. */
  cut(): void
}

/** Passes on what comes to it to `port` of this machine. */
export async function startTcpRelay(port: number): Promise<TcpRelay> {
  const sockets = new Set<Socket>()
  let isHeld = false
  let waiting: (() => void)[] = []

  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1')
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from)
      from.on('data', (bytes) => {
        if (!isHeld) to.write(bytes)
        else if (waiting.length < WAITING_MAX) waiting.push(() => to.write(bytes))
        else to.destroy()
      })
      from.on('end', () => to.end())
      // Either end may go at any moment: the other one goes as well.
      from.on('error', () => to.destroy())
      from.on('close', () => {
        sockets.delete(from)
        to.destroy()
      })
    }
  })
  const cut = () => {
    isHeld = false
    waiting = []
    for (const socket of sockets) socket.destroy()
  }
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return {
    port: (server.address() as { port: number }).port,
    hold: () => {
      isHeld = true
    },
    open: () => {
      isHeld = false
      for (const pass of waiting) pass()
      waiting = []
    },
    cut,
    stop: async () => {
      cut()
      await new Promise<void>((done) => server.close(() => done()))
    },
  }
}
