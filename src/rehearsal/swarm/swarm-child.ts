// One process of a swarm, seen from its conductor. Its standard input is its lifeline: however the conductor goes,
// the swarm goes too, and nobody is left knocking at a door.

import type { Subprocess } from 'bun'
import { MimbarError } from '../../base/errors.ts'
import type { AttackPlan, Order, SwarmPlan, Word } from './messages.ts'
import { linesOf } from './swarm-process.ts'

const MAIN = new URL('../../main.ts', import.meta.url).pathname
const READY_WITHIN_MS = 20_000
const DONE_WITHIN_MS = 10_000

export class SwarmChild {
  readonly #process: Subprocess<'pipe', 'pipe', 'inherit'>
  readonly #hear: (word: Word) => void
  readonly #ready = Promise.withResolvers<void>()
  readonly #done = Promise.withResolvers<void>()
  #isFinishing = false
  #hasDied = false

  /** `hear` is told everything but that it is ready and done. */
  constructor(hear: (word: Word) => void) {
    this.#hear = hear
    this.#process = Bun.spawn([process.execPath, MAIN, 'swarm'], {
      stdin: 'pipe',
      stdout: 'pipe',
      stderr: 'inherit',
    })
    void this.#listen()
  }

  /** It ended before it was told to. */
  get hasDied(): boolean {
    return this.#hasDied
  }

  /** Hands over the plan. Throws `unavailable` when the process cannot begin. */
  async prepare(
    order: { kind: 'listen'; plan: SwarmPlan } | { kind: 'attack'; plan: AttackPlan },
  ): Promise<void> {
    this.#say(order)
    await within(READY_WITHIN_MS, this.#ready.promise, 'A process of the swarm did not start.')
    if (this.#hasDied) throw new MimbarError('unavailable', 'A process of the swarm ended at once.')
  }

  go(): void {
    this.#say({ kind: 'go' })
  }

  /** Resolves when its last report has been heard; ends it in any case. */
  async finish(): Promise<void> {
    this.#isFinishing = true
    this.#say({ kind: 'finish' })
    await within(DONE_WITHIN_MS, this.#done.promise, 'late').catch(() => {
      this.#hasDied = true
    })
    this.kill()
  }

  /** Ends it, and waits for nothing. */
  kill(): void {
    this.#isFinishing = true
    this.#process.kill('SIGKILL')
  }

  #say(order: Order): void {
    try {
      this.#process.stdin.write(`${JSON.stringify(order)}\n`)
      this.#process.stdin.flush()
    } catch {
      // It is gone; `#listen` has seen, or will see, how.
    }
  }

  async #listen(): Promise<void> {
    for await (const line of linesOf(this.#process.stdout)) {
      const word = JSON.parse(line) as Word
      if (word.kind === 'ready') this.#ready.resolve()
      else if (word.kind === 'done') this.#done.resolve()
      else this.#hear(word)
    }
    if (!this.#isFinishing) this.#hasDied = true
    this.#ready.resolve()
    this.#done.resolve()
  }
}

async function within<T>(ms: number, promise: Promise<T>, otherwise: string): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new MimbarError('unavailable', otherwise)), ms)
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
