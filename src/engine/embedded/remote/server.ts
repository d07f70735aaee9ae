// Serves an engine to the other processes: over a unix socket that only this user can open, or over TCP with a
// shared token. What it answers is in `routes.ts`.

import { createHash, timingSafeEqual } from 'node:crypto'
import { chmodSync } from 'node:fs'
import { MimbarError } from '../../../base/errors.ts'
import type { Running } from '../../../base/lifetime.ts'
import type { Engine } from '../../ports.ts'
import { answer, BODY_BYTES_MAX, problemResponse } from './routes.ts'

/** Where an engine is served: a socket file below a folder of mode 0700, or an address with a token. */
export type EngineAddress =
  | { readonly socketPath: string }
  | { readonly hostname: string; readonly port: number; readonly token: string }

export interface ServedEngine extends Running {
  /** The TCP port; the one that was given out when 0 was asked for. Absent on a unix socket. */
  readonly port?: number
}

/** Shorter ones can be guessed. */
const TOKEN_CHARS_MIN = 16
const SOCKET_MODE = 0o600

/** Begins to serve; `stop` cuts every connection and leaves the engine running. */
export async function serveEngine(engine: Engine, address: EngineAddress): Promise<ServedEngine> {
  const limits = { idleTimeout: 0, maxRequestBodySize: BODY_BYTES_MAX, error: problemResponse } as const
  if ('socketPath' in address) {
    // The types deny it, but without `idleTimeout` Bun cuts quiet connections on unix sockets, too.
    const server = Bun.serve({
      ...(limits as Omit<typeof limits, 'idleTimeout'>),
      unix: address.socketPath,
      fetch: (request) => answer(engine, request),
    })
    chmodSync(address.socketPath, SOCKET_MODE)
    return { stop: () => server.stop(true) }
  }
  const { hostname, port, token } = address
  if (token.length < TOKEN_CHARS_MIN) {
    throw new MimbarError('bad-request', `A token over TCP has at least ${TOKEN_CHARS_MIN} characters.`)
  }
  const isAuthorized = bearerCheck(token)
  const server = Bun.serve({
    ...limits,
    hostname,
    port,
    fetch: (request) => {
      if (isAuthorized(request)) return answer(engine, request)
      return problemResponse(new MimbarError('unauthorized', 'The engine asks for its token.'))
    },
  })
  return { stop: () => server.stop(true), port: server.port as number }
}

// Digests have one length, and comparing them takes the same time whatever differs.
function bearerCheck(token: string): (request: Request) => boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  const wanted = digest(`Bearer ${token}`)
  return (request) => timingSafeEqual(digest(request.headers.get('authorization') ?? ''), wanted)
}
