// Clients in processes of their own, the same for every server that is measured: they ask, read, count and throw
// away. What they receive is checked by the rehearsal's swarm elsewhere; here nothing may slow the draining down.

import { DurationHistogram, type SparseHistogram } from '../../src/core/rehearsal/histogram.ts'
import { until } from '../../test/harness/until.ts'

const MAIN = new URL('./crowd-main.ts', import.meta.url).pathname
/** A process with more sockets spends its time waiting for itself. */
const PER_PROCESS = 4_000
const ANSWER_WITHIN_MS = 20_000

/**
 * - `hold`: connect, say `request`, and read for ever.
 * - `poll`: connect, and say `request` every second; the answers are counted.
 * - `join`: come, wait for the first sound, stay for `stayMs`, go, and let the next one come; `ratePerSecond` of them,
 *   or as many as go, `connections` at a time. `resume` takes up the TLS session of the one before.
 */
export interface CrowdPlan {
  readonly kind: 'hold' | 'poll' | 'join'
  readonly port: number
  readonly tls: boolean
  readonly connections: number
  readonly request: string
  /** Connections begun in a second, all processes together. */
  readonly ratePerSecond: number
  readonly stayMs?: number
  readonly resume?: boolean
  /** Destination addresses, one after the other; several where one has too few ports. */
  readonly hosts?: readonly string[]
}

/** A player that has had nothing for longer than a flush and a sweep is about to fall silent. */
export const PLAYING_MS = 1_000

/** Since the start. */
export interface CrowdCounts {
  /** Connections that stand. */
  readonly open: number
  /** Of these, those to whom something came within the last `PLAYING_MS`. */
  readonly playing: number
  readonly opened: number
  readonly failed: number
  /** Closed by the server. */
  readonly closed: number
  readonly bytes: number
  /** Times that bytes came. */
  readonly reads: number
  /** Answers that were read to their end. */
  readonly answers: number
  /** Arrivals that heard something. */
  readonly joined: number
  /** Of the connections, those with a resumed TLS session. */
  readonly resumed: number
}

export type CrowdQuestion =
  | { readonly kind: 'plan'; readonly plan: CrowdPlan }
  | { readonly kind: 'counts' }
  | { readonly kind: 'churn'; readonly percentPerMinute: number }
/** `firstAudio` holds what was measured since the answer before. */
export interface CrowdAnswer {
  readonly counts: CrowdCounts
  readonly firstAudio: SparseHistogram
}

/** `GET path` as a player asks for it. */
export function getRequest(path: string, more: readonly string[] = []): string {
  return [`GET ${path} HTTP/1.1`, 'Host: localhost', 'User-Agent: mimbar-bench', ...more, '', ''].join('\r\n')
}

export class Crowd {
  readonly plan: CrowdPlan
  readonly #members: readonly Member[]
  /** Times to first sound since `clearDurations`. */
  readonly firstAudio = new DurationHistogram()

  /** Sends everybody on the way. */
  static async start(plan: CrowdPlan): Promise<Crowd> {
    const processes = Math.max(1, Math.ceil(plan.connections / PER_PROCESS))
    const members = Array.from({ length: processes }, () => new Member())
    const share = (n: number, i: number) => Math.floor(n / processes) + (i < n % processes ? 1 : 0)
    await Promise.all(
      members.map((member, i) =>
        member.ask({
          kind: 'plan',
          plan: {
            ...plan,
            connections: share(plan.connections, i),
            ratePerSecond: plan.ratePerSecond / processes,
          },
        }),
      ),
    )
    return new Crowd(plan, members)
  }

  private constructor(plan: CrowdPlan, members: readonly Member[]) {
    this.plan = plan
    this.#members = members
  }

  async counts(): Promise<CrowdCounts> {
    const answers = await Promise.all(this.#members.map((member) => member.ask({ kind: 'counts' })))
    for (const { firstAudio } of answers) this.firstAudio.add(firstAudio)
    return answers.map(({ counts }) => counts).reduce(addCounts)
  }

  /** From now on so many leave in a minute, and come back within three seconds. */
  async churn(percentPerMinute: number): Promise<void> {
    await Promise.all(this.#members.map((member) => member.ask({ kind: 'churn', percentPerMinute })))
  }

  /** Resolves when everyone is connected, and something has come to as many. */
  async allThere(): Promise<void> {
    const { connections, ratePerSecond } = this.plan
    const within = 20_000 + 4_000 * (connections / ratePerSecond)
    await until(
      `${connections} clients are there`,
      async () => {
        const { open, reads } = await this.counts()
        await Bun.sleep(100)
        return open >= connections && reads >= connections
      },
      within,
    )
  }

  /** Everyone goes; resolves when the processes have ended. */
  async stop(): Promise<void> {
    await Promise.all(this.#members.map((member) => member.stop()))
  }
}

function addCounts(one: CrowdCounts, other: CrowdCounts): CrowdCounts {
  const names = Object.keys(one) as (keyof CrowdCounts)[]
  return Object.fromEntries(names.map((name) => [name, one[name] + other[name]])) as unknown as CrowdCounts
}

class Member {
  readonly #process: Bun.Subprocess
  readonly #waiting: ((answer: CrowdAnswer) => void)[] = []

  constructor() {
    this.#process = Bun.spawn([process.execPath, MAIN], {
      stdio: ['ignore', 'inherit', 'inherit'],
      ipc: (answer: CrowdAnswer) => this.#waiting.shift()?.(answer),
    })
  }

  ask(question: CrowdQuestion): Promise<CrowdAnswer> {
    const { promise, resolve, reject } = Promise.withResolvers<CrowdAnswer>()
    const late = setTimeout(
      () => reject(new Error('a process of the crowd does not answer')),
      ANSWER_WITHIN_MS,
    )
    this.#waiting.push((answer) => {
      clearTimeout(late)
      resolve(answer)
    })
    this.#process.send(question)
    return promise
  }

  async stop(): Promise<void> {
    this.#process.kill('SIGKILL')
    await this.#process.exited
  }
}
