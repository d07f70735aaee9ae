// The public door: pages, pushed streams, playlists, and a bounded way to the public API. It copies bytes from the
// log to sockets, knows nothing of media, and keeps no state that a listener could miss when it dies.

import { MimbarError } from '../../base/errors.ts'
import type { Running } from '../../base/lifetime.ts'
import type { IpPrefix } from '../../core/address/ip.ts'
import { TrustedProxies } from '../../core/address/trusted-proxies.ts'
import type { EdgeShare } from '../../core/capacity/edge-share.ts'
import { FlushPace } from '../../core/delivery/flush-pace.ts'
import { HoldingRoom } from '../../core/delivery/held-requests.ts'
import type { AddressBudget } from '../../core/door/address-limits.ts'
import { Pressure } from '../../core/door/pressure.ts'
import type { Pages } from '../../core/page/page.ts'
import type { Engine } from '../../engine/ports.ts'
import { announce, stackOf } from '../../host/announce.ts'
import { systemClock } from '../../host/system-clock.ts'
import { TcpListener } from '../../host/tcp-listener.ts'
import type { TlsFiles } from '../../host/tls-files.ts'
import { AddressGate } from './admission/address-gate.ts'
import type { Admission } from './admission/admission.ts'
import { openAdmission, shedUnder } from './admission/open-admission.ts'
import { CACHE } from './answers.ts'
import { ControlProxy } from './door/control-proxy.ts'
import { Door } from './door/door.ts'
import { PageDoor } from './door/page-door.ts'
import { RehearsalGate } from './door/rehearsal-gate.ts'
import { LiveHls } from './hls/live-hls.ts'
import {
  ADDRESS_BUDGET,
  CONNECTION_IDLE_S,
  DRAIN_MS,
  HELD_REQUESTS_MAX,
  REQUEST_BYTES_MAX,
  streamsMaxByDescriptors,
  TICK_MS,
} from './limits.ts'
import { ListenerReports } from './listener-reports.ts'
import { type EdgeCounters, newCounters, OPENMETRICS_TYPE, writeMetrics } from './metrics.ts'
import { RecentCache } from './recent-cache.ts'
import { Replay } from './replay/replay.ts'
import { SpaceBook } from './space-book.ts'
import { SpaceReaders } from './stream/space-readers.ts'

export interface EdgeRoleOptions {
  /** Such as `edge-0`. */
  readonly edgeId: string
  readonly engine: Engine
  readonly pages: Pages
  readonly host: string
  /** 0 for any free one. */
  readonly port: number
  /** Several edges share the port; the kernel spreads connections among them. */
  readonly reusePort: boolean
  readonly tls?: TlsFiles
  /** Unix socket on which control serves `/api/v1`. */
  readonly controlSocket: string
  /** How people reach the studio door; without a trailing slash. */
  readonly studioUrl: string
  /** How often a listener is written to: 200 to 2000. */
  readonly flushMs: number
  /** Streams at the same time; by default what the descriptor limit allows. */
  readonly streamsMax?: number
  /** What this edge may take on now; by default `streamsMax`, and joins as fast as `JOINS_PER_S`. */
  readonly share?: () => EdgeShare
  /** Listeners that the node may have, on all its edges; 0, the default: what the machine allows. */
  readonly listenersMax?: number
  /** The node's door keys, the same for all its edges: the first signs places and tickets, all verify. */
  readonly doorKeys?: readonly Uint8Array[]
  /** What one address may do; by default `ADDRESS_BUDGET`. */
  readonly addresses?: AddressBudget
  /** Proxies whose word about a client's address is believed; by default none. */
  readonly trustedProxies?: readonly IpPrefix[]
  /** Requests held for the live edge at the same time. */
  readonly heldMax?: number
  /** Whether HLS players that come now are told of Partial Segments; by default they are. */
  readonly listParts?: () => boolean
  /** Rehearsals that know it are welcome; without one, none is. */
  readonly rehearsalKey?: string
  /** How long listeners may take to move when this edge stops. */
  readonly drainMs?: number
  /** How fast an announced longer flush interval may be approached, per elapsed time; see `FlushPace`. */
  readonly lengtheningMax?: number
  /** One line per event that a person would act on; `announce` by default. */
  readonly log?: (line: string) => void
}

export interface EdgeRole extends Running {
  /** Where it listens. */
  readonly port: number
  /** Announces another flush interval to every listener, and uses it as soon as the rules allow. */
  setFlushInterval(flushMs: number): void
}

/** Resolves once the door accepts connections; `/readyz` says when listeners can be served. */
export async function startEdgeRole(options: EdgeRoleOptions): Promise<EdgeRole> {
  const { edgeId, engine, studioUrl, log = announce } = options
  const counters = newCounters()
  const pace = new FlushPace(options.flushMs, systemClock.now(), options.lengtheningMax)
  const room = new HoldingRoom(options.heldMax ?? Math.min(HELD_REQUESTS_MAX, streamsMaxByDescriptors()))
  const readers = new SpaceReaders({ log: engine.log, pace, room, counters, clock: systemClock })
  const book = new SpaceBook({
    roster: engine.roster,
    onChange: (space, facts) => readers.learn(space, facts),
  })
  const pressure = new Pressure(TICK_MS)
  const admission = openAdmission(options, readers, counters, pressure, () => reports.publishSoon())
  const reports = new ListenerReports({ edgeId, feed: engine.feed, readers, admission, clock: systemClock })
  const proxies = new TrustedProxies(options.trustedProxies ?? [], (line) => log(`${edgeId}: ${line}`))
  const readiness = new Readiness(engine, book)
  const rehearsals = new RehearsalGate({ key: options.rehearsalKey ?? '', clock: systemClock })
  const door = new Door({
    book,
    pages: new PageDoor({
      pages: options.pages,
      studioUrl,
      clock: systemClock,
      listenersOf: (facts) => reports.sum(facts.id),
      spaces: () => book.all(),
    }),
    stream: {
      readers,
      counters,
      rehearsals,
      admission,
      addresses: new AddressGate({
        budget: options.addresses ?? ADDRESS_BUDGET,
        counters: counters.door,
        clock: systemClock,
      }),
      nowMs: () => systemClock.wall(),
    },
    rehearsals,
    hls: new LiveHls({
      readers,
      log: engine.log,
      counters,
      clock: systemClock,
      ...(options.listParts === undefined ? {} : { listParts: options.listParts }),
    }),
    replay: new Replay({ log: engine.log, counters, clock: systemClock }),
    proxy: new ControlProxy({ controlSocket: options.controlSocket, counters, clock: systemClock }),
    studioUrl,
    isReady: () => readiness.isReady(),
    shed: (what) => shedUnder(pressure, what, admission, counters),
    metrics: () => metricsResponse(edgeId, counters, readers, room, admission),
    onBug: (error, path) => log(`${edgeId} bug at ${path}: ${stackOf(error)}`),
  })
  const listener = await TcpListener.open({
    name: 'public door',
    host: options.host,
    port: options.port,
    reusePort: options.reusePort,
    ...(options.tls === undefined ? {} : { tls: options.tls }),
    idleTimeoutS: CONNECTION_IDLE_S,
    bodyBytesMax: REQUEST_BYTES_MAX,
    fetch: (request, server) =>
      door.answer(request, {
        address: proxies.addressOf(
          request.headers,
          server.requestIP(request)?.address ?? '',
          systemClock.now(),
        ),
        untimed: () => server.timeout(request, 0),
      }),
    onNewTls: () => {
      counters.tlsReloads += 1
      log(`${edgeId} serves a new certificate`)
    },
    onBadTls: (error) => log(`${edgeId} keeps its certificate: ${error.message}`),
  }).catch(async (error: unknown) => {
    await Promise.all([book.stop(), reports.stop()])
    throw error
  })
  const ticking = setInterval(() => {
    pressure.tick(systemClock.now())
    readers.tick(systemClock.now())
  }, TICK_MS)
  const reporting = setInterval(() => {
    admission.move()
    reports.publish()
  }, REPORT_EVERY_MS)

  let stopped: Promise<void> | undefined
  const stop = async () => {
    readiness.drain()
    listener.refuseNew()
    readers.askToMove()
    await emptied(readers, options.drainMs ?? DRAIN_MS)
    clearInterval(ticking)
    clearInterval(reporting)
    await Promise.all([readers.stop(), reports.stop(), book.stop()])
    await listener.close()
  }
  return {
    port: listener.port,
    setFlushInterval: (flushMs) => {
      if (pace.announce(flushMs, systemClock.now())) readers.announceFlush(flushMs)
    },
    stop: () => {
      stopped ??= stop()
      return stopped
    },
  }
}

/** Once a second, as `EdgeReport` says. */
const REPORT_EVERY_MS = 1_000

/** Whether a listener could be served: the spaces are known, and the engine answers. Asked at most once a second. */
class Readiness {
  readonly #engine: Engine
  readonly #book: SpaceBook
  readonly #answers = new RecentCache<boolean>({ entriesMax: 1, keptMs: 1_000, clock: systemClock })
  #isDraining = false

  constructor(engine: Engine, book: SpaceBook) {
    this.#engine = engine
    this.#book = book
  }

  drain(): void {
    this.#isDraining = true
  }

  async isReady(): Promise<boolean> {
    if (this.#isDraining || !this.#book.isComplete) return false
    return this.#answers.get('engine', () => this.#engineAnswers())
  }

  async #engineAnswers(): Promise<boolean> {
    try {
      const { promise, reject } = Promise.withResolvers<never>()
      const timer = setTimeout(() => reject(new MimbarError('unavailable', 'The engine is silent.')), 1_000)
      await Promise.race([this.#engine.roster.get('space/-'), promise])
      clearTimeout(timer)
      return true
    } catch (error) {
      if (error instanceof MimbarError) return false
      throw error
    }
  }
}

/** Resolves when the last stream has gone, or after `withinMs`. */
async function emptied(readers: SpaceReaders, withinMs: number): Promise<void> {
  const until = systemClock.now() + withinMs
  while (readers.streams > 0 && systemClock.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

function metricsResponse(
  edgeId: string,
  counters: EdgeCounters,
  readers: SpaceReaders,
  room: HoldingRoom,
  admission: Admission,
): Response {
  const now = systemClock.now()
  let pollers = 0
  const tailLagMs = new Map<string, number>()
  for (const [space, reader] of readers.all()) {
    pollers += reader.pollers.count(now)
    if (reader.isReady) tailLagMs.set(space, reader.lagMs)
  }
  const text = writeMetrics(counters, {
    listeners: {
      'opus.mp4': readers.listening('opus.mp4', now),
      'opus.ogg': readers.listening('opus.ogg', now),
    },
    rehearsed: {
      'opus.mp4': readers.listening('opus.mp4', now, true),
      'opus.ogg': readers.listening('opus.ogg', now, true),
    },
    edgeId,
    cpuSeconds: cpuSeconds(),
    pollers,
    held: room.held,
    waiting: admission.waiting,
    readers: readers.all().size,
    tailLagMs,
  })
  return new Response(text, { headers: { 'Content-Type': OPENMETRICS_TYPE, 'Cache-Control': CACHE.never } })
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}
