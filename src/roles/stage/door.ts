// The stage's own small door: a Unix socket on which control, and nobody else, hands in the offers of people who hold
// a seat. Control has checked who they are; here is checked what they send.
//
//   POST   /offer?space=<id>&seat=<id>    application/sdp → 201 OfferAnswer
//   DELETE /session/<id>                  → 204, also when there is none any more
//   POST   /check                         application/sdp → 201 CheckAnswer; who has no seat yet may check their sound
//   GET    /check/<id>                    → 200 SoundCheckReport
//   DELETE /check/<id>                    → 204
//   GET    /healthz                       → 200 StageHeartbeat

import { hasCode, MimbarError } from '../../base/errors.ts'
import { parseSeatId, parseSpaceId, type SeatId, type SpaceId } from '../../base/ids.ts'
import type { Running } from '../../base/lifetime.ts'
import type { Epoch } from '../../base/units.ts'
import { PROBLEM_TYPE, problemOf } from '../../core/problem/problem.ts'
import type { StageHeartbeat } from '../../core/space/facts.ts'
import { stackOf } from '../../host/announce.ts'
import { servePrivateSocket } from '../../host/private-socket.ts'
import { type AudioOffer, OFFER_BYTES_MAX, parseOffer } from '../../media/sdp/sdp-offer.ts'
import type { SoundChecks } from './sound-checks.ts'

/** The body of a 201. */
export interface OfferAnswer {
  readonly session: string
  readonly sdp: string
  /** Epoch of the space's holder: when it changes, the session is gone. */
  readonly epoch: Epoch
}

/** What the door opens to. */
export interface DoorHost {
  answerOffer(space: SpaceId, seat: SeatId, offer: AudioOffer): Promise<OfferAnswer>
  closeSession(session: string): void
  readonly checks: SoundChecks
  heartbeat(): StageHeartbeat
}

/** Opens the door at `socketPath`, for this user alone; bugs go to `log`. */
export function openDoor(socketPath: string, host: DoorHost, log: (line: string) => void): Running {
  return servePrivateSocket({
    socketPath,
    bodyBytesMax: OFFER_BYTES_MAX,
    fetch: async (request) => {
      try {
        return await route(request, host)
      } catch (error) {
        return problem(error, log)
      }
    },
    error: (error) => problem(error, log),
  })
}

async function route(request: Request, host: DoorHost): Promise<Response> {
  const url = new URL(request.url)
  if (request.method === 'GET' && url.pathname === '/healthz') return Response.json(host.heartbeat())
  if (request.method === 'POST' && url.pathname === '/offer') {
    const space = parseSpaceId(url.searchParams.get('space'))
    const seat = parseSeatId(url.searchParams.get('seat'))
    return Response.json(await host.answerOffer(space, seat, await readOffer(request)), { status: 201 })
  }
  if (request.method === 'DELETE' && url.pathname.startsWith('/session/')) {
    host.closeSession(url.pathname.slice('/session/'.length))
    return new Response(null, { status: 204 })
  }
  if (url.pathname === '/check' || url.pathname.startsWith('/check/')) {
    return await routeCheck(request, url.pathname.slice('/check/'.length), host.checks)
  }
  throw new MimbarError('not-found', 'The stage has no such door.')
}

async function routeCheck(request: Request, session: string, checks: SoundChecks): Promise<Response> {
  if (request.method === 'POST' && session === '') {
    return Response.json(await checks.open(await readOffer(request)), { status: 201 })
  }
  if (request.method === 'GET' && session !== '') return Response.json(checks.report(session))
  if (request.method === 'DELETE' && session !== '') {
    checks.end(session)
    return new Response(null, { status: 204 })
  }
  throw new MimbarError('not-found', 'The stage has no such door.')
}

async function readOffer(request: Request): Promise<AudioOffer> {
  const type = request.headers.get('content-type')?.split(';')[0]?.trim()
  if (type !== 'application/sdp') throw new MimbarError('unsupported', 'An offer is application/sdp.')
  return parseOffer(await request.text())
}

function problem(error: unknown, log: (line: string) => void): Response {
  const document = problemOf(error)
  if (document.status >= 500 && !hasCode(error, 'unavailable'))
    log(`stage bug at its door: ${stackOf(error)}`)
  return Response.json(document, { status: document.status, headers: { 'content-type': PROBLEM_TYPE } })
}
