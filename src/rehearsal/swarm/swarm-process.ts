// A process of a swarm: takes its orders on standard input, tells what it met on standard output, and ends when the
// input does, however its conductor went.

import { MimbarError } from '../../base/errors.ts'
import { Attack } from './attack.ts'
import type { Order, Word } from './messages.ts'
import { Swarm } from './swarm.ts'

interface Work {
  start(): void
  stop(): void
}

/** Resolves with the exit code when the orders end. Only a conductor starts this. */
export async function runSwarmProcess(): Promise<number> {
  process.title = 'mimbar swarm'
  // Ctrl-C reaches the whole group; the conductor says when to finish.
  process.on('SIGINT', () => {})
  const work = new SwarmWork()
  for await (const line of linesOf(Bun.stdin.stream())) work.take(JSON.parse(line) as Order)
  work.end()
  return 0
}

class SwarmWork {
  #work: Work | undefined

  take(order: Order): void {
    switch (order.kind) {
      case 'listen':
        this.#work = new Swarm(order.plan, say)
        say({ kind: 'ready' })
        return
      case 'attack':
        this.#work = new Attack(order.plan, (tally) => say({ kind: 'attacked', tally }))
        say({ kind: 'ready' })
        return
      case 'go':
        this.#started().start()
        return
      case 'finish':
        this.end()
        say({ kind: 'done' })
    }
  }

  end(): void {
    this.#work?.stop()
    this.#work = undefined
  }

  #started(): Work {
    if (this.#work === undefined) throw new MimbarError('bad-request', '"go" comes after a plan.')
    return this.#work
  }
}

function say(word: Word): void {
  process.stdout.write(`${JSON.stringify(word)}\n`)
}

/** Whole lines of a stream, without their ends. */
export async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let pending = ''
  for await (const bytes of stream) {
    const lines = (pending + decoder.decode(bytes, { stream: true })).split('\n')
    pending = lines.pop() ?? ''
    yield* lines
  }
}
