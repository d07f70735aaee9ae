// One real edge in a process of its own, over the bench's origin: only what it costs is measured.

import { join } from 'node:path'
import type { EdgeRoleOptions } from '../../src/roles/edge/edge-role-options.ts'
import { until } from '../../test/harness/until.ts'
import type { BenchCertificate } from './certificate.ts'
import type { Origin } from './origin.ts'

const MAIN = new URL('./edge-main.ts', import.meta.url).pathname
const READY_WITHIN_MS = 30_000

/** What crosses to the process; everything else of `EdgeRoleOptions` is made there. */
export type EdgeOrder = Pick<
  EdgeRoleOptions,
  'edgeId' | 'port' | 'reusePort' | 'flushMs' | 'controlSocket' | 'rehearsalKey' | 'tls'
> & {
  readonly engineSocket: string
  /** The admit rate; without it everyone comes in at once. */
  readonly joinsPerSecond?: number
}

export type EdgeWord = { readonly kind: 'ready'; readonly port: number } | { readonly kind: 'collected' }

export interface EdgeProcessOptions {
  readonly flushMs?: number
  readonly certificate?: BenchCertificate
  readonly rehearsalKey?: string
  readonly edgeId?: string
  /** The admit rate; without it everyone comes in at once. */
  readonly joinsPerSecond?: number
  /** Arguments of Bun, such as `--cpu-prof`. */
  readonly bunFlags?: readonly string[]
}

export class EdgeProcess {
  readonly #process: Bun.Subprocess
  readonly #certificate: BenchCertificate | undefined
  #port = 0
  #heard: (word: EdgeWord) => void = () => {}

  static async start(origin: Origin, options: EdgeProcessOptions = {}): Promise<EdgeProcess> {
    const edge = new EdgeProcess(options)
    const { certificate, rehearsalKey } = options
    const order: EdgeOrder = {
      edgeId: options.edgeId ?? 'edge-0',
      port: 0,
      reusePort: false,
      flushMs: options.flushMs ?? 200,
      engineSocket: origin.engineSocket,
      controlSocket: join(origin.folder, 'control.sock'),
      ...(rehearsalKey === undefined ? {} : { rehearsalKey }),
      ...(options.joinsPerSecond === undefined ? {} : { joinsPerSecond: options.joinsPerSecond }),
      ...(certificate === undefined
        ? {}
        : { tls: { certFile: certificate.certFile, keyFile: certificate.keyFile } }),
    }
    const word = await edge.#ask(order)
    if (word.kind !== 'ready') throw new Error('the edge did not start')
    edge.#port = word.port
    await until('the edge is ready', async () => (await edge.fetch('/readyz')).ok, READY_WITHIN_MS)
    return edge
  }

  private constructor({ certificate, bunFlags = [] }: EdgeProcessOptions) {
    this.#certificate = certificate
    this.#process = Bun.spawn([process.execPath, ...bunFlags, MAIN], {
      stdio: ['ignore', 'inherit', 'inherit'],
      ipc: (word: EdgeWord) => this.#heard(word),
      env: { ...process.env, BUN_CONFIG_MAX_HTTP_REQUESTS: '20000' },
    })
  }

  get pid(): number {
    return this.#process.pid
  }

  get port(): number {
    return this.#port
  }

  get url(): string {
    return `${this.#certificate === undefined ? 'http' : 'https'}://localhost:${this.#port}`
  }

  fetch(path: string): Promise<Response> {
    return fetch(`${this.url}${path}`, {
      tls: { rejectUnauthorized: false },
      headers: { connection: 'close' },
    })
  }

  /** The sum over all labels of a metric, such as `mimbar_edge_parts_delivered_total`. */
  async metric(name: string): Promise<number> {
    const text = await (await this.fetch('/metrics')).text()
    const samples = [...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? ([0-9.e+-]+)$`, 'gm'))]
    if (samples.length === 0) throw new Error(`the edge has no metric ${name}`)
    return samples.reduce((sum, match) => sum + Number(match[1]), 0)
  }

  /** Has it collect its garbage, so that what is resident is in use. */
  async collectGarbage(): Promise<void> {
    await this.#ask('collect')
  }

  async stop(): Promise<void> {
    this.#process.kill('SIGTERM')
    const late = setTimeout(() => this.#process.kill('SIGKILL'), 8_000)
    await this.#process.exited
    clearTimeout(late)
  }

  #ask(question: EdgeOrder | 'collect'): Promise<EdgeWord> {
    const { promise, resolve, reject } = Promise.withResolvers<EdgeWord>()
    const late = setTimeout(() => reject(new Error('the edge does not answer')), READY_WITHIN_MS)
    this.#heard = (word) => {
      clearTimeout(late)
      resolve(word)
    }
    this.#process.send(question)
    return promise
  }
}
