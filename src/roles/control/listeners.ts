// The two listeners of the studio door. TCP takes people's requests and believes only the socket about where they
// come from; the unix socket is for this user's edges alone, so what they say about a client is believed.

import { isIP } from 'node:net'
import type { Running } from '../../base/lifetime.ts'
import type { IpPrefix } from '../../core/address/ip.ts'
import { TrustedProxies } from '../../core/address/trusted-proxies.ts'
import { CLIENT_ADDRESS_HEADER } from '../../core/api/api.ts'
import { servePrivateSocket } from '../../host/private-socket.ts'
import { systemClock } from '../../host/system-clock.ts'
import { TcpListener } from '../../host/tcp-listener.ts'
import type { TlsFiles } from '../../host/tls-files.ts'
import type { ControlApp } from './parts.ts'
import type { Arrival } from './request.ts'

/** A connection on which nothing moves, headers included, is closed after this. Streams write more often. */
const IDLE_TIMEOUT_S = 10
/** Bun's own bound, above ours (`BODY_BYTES_MAX`), so that the client gets our problem document. */
const BUN_BODY_BYTES_MAX = 1024 * 1024

export interface ListenerOptions {
  readonly app: ControlApp
  readonly host: string
  /** TCP port; 0 lets the system choose. */
  readonly port: number
  readonly socketPath: string
  readonly tls?: TlsFiles
  /** Proxies whose word about a client's address is believed; by default none. */
  readonly trustedProxies?: readonly IpPrefix[]
  readonly log: (line: string) => void
}

export interface Listeners extends Running {
  readonly port: number
}

/** Opens both listeners. `unavailable` when the port is taken, `bad-request` when the certificate is unusable. */
export async function openListeners(options: ListenerOptions): Promise<Listeners> {
  const door = await openStudioDoor(options)
  const edges = openEdgeDoor(options)
  return {
    port: door.port,
    stop: async () => {
      await Promise.all([door.close(), edges.stop()])
    },
  }
}

function openStudioDoor(options: ListenerOptions): Promise<TcpListener> {
  const { app, host, port, tls, trustedProxies = [], log } = options
  const proxies = new TrustedProxies(trustedProxies, (line) => log(`control: ${line}`))
  return TcpListener.open({
    name: 'studio door',
    host,
    port,
    reusePort: false,
    idleTimeoutS: IDLE_TIMEOUT_S,
    bodyBytesMax: BUN_BODY_BYTES_MAX,
    // Pages that fell off the stage (src/web/stage/connection/knock.ts).
    dialPath: '/healthz',
    ...(tls === undefined ? {} : { tls }),
    onNewTls: () => log('control serves a new certificate'),
    onBadTls: (error) => log(`control keeps its certificate: ${error.message}`),
    fetch: (request, server) => {
      const socketAddress = server.requestIP(request)?.address ?? 'unknown'
      const address = proxies.addressOf(request.headers, socketAddress, systemClock.now())
      return app.fetch(withHost(request), { door: 'studio', address } satisfies Arrival)
    },
  })
}

function openEdgeDoor({ app, socketPath }: ListenerOptions): Running {
  return servePrivateSocket({
    socketPath,
    bodyBytesMax: BUN_BODY_BYTES_MAX,
    fetch: (request) => {
      const claimed = request.headers.get(CLIENT_ADDRESS_HEADER) ?? ''
      const address = isIP(claimed) === 0 ? 'unknown' : claimed
      return app.fetch(request, { door: 'edge', address } satisfies Arrival)
    },
  })
}

/** A request of HTTP/1.0 may come without a host; routes are looked up in a whole address. */
function withHost(request: Request): Request {
  return request.url.startsWith('/') ? new Request(`http://localhost${request.url}`, request) : request
}
