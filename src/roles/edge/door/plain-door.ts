// What an edge says on the plain port when it has a certificate by ACME: where the real doors are, and the answers to
// the authority's challenges. Nothing else is ever served without TLS.

import { challengeAnswer } from '../../../host/challenge.ts'
import { TcpListener } from '../../../host/tcp-listener.ts'

/** A browser that was sent on comes back by https; nobody has a reason to stay. */
const IDLE_TIMEOUT_S = 10
const BODY_BYTES_MAX = 1_024
/** Long enough to spare a request, short enough to be forgotten when someone moves back to http. */
const REDIRECT_KEPT_S = 3_600

export interface PlainDoorOptions {
  readonly host: string
  readonly port: number
  /** Of the account's key; see `host/challenge.ts`. */
  readonly thumbprint: string
  /** How people reach the doors; without a trailing slash. */
  readonly publicUrl: string
  readonly studioUrl: string
}

/** Listens beside the other edges' plain doors. `unavailable` when the port is taken. */
export function openPlainDoor(options: PlainDoorOptions): Promise<TcpListener> {
  return TcpListener.open({
    name: 'plain door',
    host: options.host,
    port: options.port,
    reusePort: true,
    idleTimeoutS: IDLE_TIMEOUT_S,
    bodyBytesMax: BODY_BYTES_MAX,
    fetch: (request) => answerPlainly(request, options),
    onNewTls: () => {},
    onBadTls: () => {},
  })
}

/** A challenge's answer, or 308: the same method at the same path, by https and under the name that we go by. */
export function answerPlainly(
  request: Request,
  { thumbprint, publicUrl, studioUrl }: Omit<PlainDoorOptions, 'host' | 'port'>,
): Response {
  // A request of HTTP/1.0 may come without a host.
  const { pathname, search, hostname } = new URL(request.url, publicUrl)
  const answer = challengeAnswer(pathname, thumbprint)
  if (answer !== undefined) {
    return new Response(answer, {
      headers: {
        'Content-Type': 'application/octet-stream',
        'Cache-Control': 'no-store',
        Connection: 'close',
      },
    })
  }
  // Where to is never taken from the request: it only chooses between our two names.
  const studio = new URL(studioUrl).hostname
  const isStudio = hostname === studio && studio !== new URL(publicUrl).hostname
  return new Response(null, {
    status: 308,
    headers: {
      Location: `${isStudio ? studioUrl : publicUrl}${pathname}${search}`,
      'Cache-Control': `public, max-age=${REDIRECT_KEPT_S}`,
      Connection: 'close',
    },
  })
}
