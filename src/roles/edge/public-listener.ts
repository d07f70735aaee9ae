// The listening sockets of the public door. With TLS, a new certificate gets a listener of its own on the same port
// (Bun's `reload` keeps the old one): new connections meet the new certificate, and the old listener stops
// accepting and lives until its last stream has ended. Only a connection that is being made in the very instant in
// which the old listener closes may be reset, and is made again by every browser.

import type { Door } from './door.ts'
import { CONNECTION_IDLE_S, REQUEST_BYTES_MAX } from './limits.ts'
import { readTlsPair, type TlsFiles, type TlsPair, watchTlsPair } from './tls-files.ts'

export interface PublicListenerOptions {
  readonly door: Door
  readonly host: string
  readonly port: number
  readonly reusePort: boolean
  readonly tls?: TlsFiles
  readonly onTlsReload: () => void
  /** New certificate files cannot be used; the ones before stay in use. */
  readonly onBadTls: (error: Error) => void
}

type Server = Bun.Server<undefined>

export class PublicListener {
  readonly #options: PublicListenerOptions
  readonly #watching = new AbortController()
  #current: Server
  #retired: Server[] = []

  /** Listens at once. Throws when the address is taken, or the certificate cannot be used. */
  static async open(options: PublicListenerOptions): Promise<PublicListener> {
    const pair = options.tls === undefined ? undefined : await readTlsPair(options.tls)
    return new PublicListener(options, pair)
  }

  private constructor(options: PublicListenerOptions, pair: TlsPair | undefined) {
    this.#options = options
    this.#current = this.#listen(options.port, pair)
    if (options.tls === undefined || pair === undefined) return
    watchTlsPair(
      options.tls,
      pair,
      { onPair: (next) => this.#replace(next), onBad: options.onBadTls },
      this.#watching.signal,
    )
  }

  get port(): number {
    return this.#current.port ?? 0
  }

  /** No further connection is accepted; those that are open go on. */
  refuseNew(): void {
    this.#watching.abort()
    for (const server of [...this.#retired, this.#current]) void server.stop(false)
  }

  /** Closes every connection. */
  async close(): Promise<void> {
    this.#watching.abort()
    await Promise.all([...this.#retired, this.#current].map((server) => server.stop(true)))
  }

  #replace(pair: TlsPair): void {
    const old = this.#current
    this.#current = this.#listen(this.port, pair)
    this.#retired.push(old)
    void old.stop(false).then(() => {
      this.#retired = this.#retired.filter((server) => server !== old)
    })
    this.#options.onTlsReload()
  }

  #listen(port: number, pair: TlsPair | undefined): Server {
    const { door, host } = this.#options
    return Bun.serve({
      hostname: host,
      port,
      // Two listeners share the port while a certificate is replaced.
      reusePort: this.#options.reusePort || pair !== undefined,
      idleTimeout: CONNECTION_IDLE_S,
      maxRequestBodySize: REQUEST_BYTES_MAX,
      development: false,
      ...(pair === undefined ? {} : { tls: pair }),
      fetch: (request, server) =>
        door.answer(request, {
          address: server.requestIP(request)?.address ?? '',
          untimed: () => server.timeout(request, 0),
        }),
    })
  }
}
