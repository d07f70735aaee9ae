// The public door: pages, pushed streams, playlists, and a bounded way to the public API. It copies bytes from the
// log to sockets, knows nothing of media, and keeps no state that a listener could miss when it dies.

import { availableParallelism, hostname } from 'node:os'
import type { SpaceId } from '../../base/ids.ts'
import type { Running } from '../../base/lifetime.ts'
import { millis } from '../../base/units.ts'
import { TrustedProxies } from '../../core/address/trusted-proxies.ts'
import { EgressPacer } from '../../core/capacity/egress-pacer.ts'
import { FlushPace } from '../../core/delivery/flush-pace.ts'
import { HoldingRoom } from '../../core/delivery/held-requests.ts'
import { Pressure } from '../../core/door/pressure.ts'
import { type TracksWanted, wantedTopic } from '../../core/space/facts.ts'
import { requireShown } from '../../core/space/withholding.ts'
import type { Feed } from '../../engine/ports.ts'
import { announce, stackOf } from '../../host/announce.ts'
import { descriptorLimit } from '../../host/descriptors.ts'
import { SilentPeers } from '../../host/silent-peers.ts'
import { systemClock } from '../../host/system-clock.ts'
import { TcpListener } from '../../host/tcp-listener.ts'
import { AddressGate } from './admission/address-gate.ts'
import { DescriptorGuard } from './admission/descriptor-guard.ts'
import { openAdmission, shedUnder } from './admission/open-admission.ts'
import { EdgeCapacity } from './capacity/edge-capacity.ts'
import { AudienceTables } from './count/audience-table.ts'
import { CountDoor } from './count/count-door.ts'
import { EdgeAudiences, newDeviceSecret } from './count/edge-audience.ts'
import { PageReports } from './count/page-reports.ts'
import { ProblemDoor } from './count/problem-door.ts'
import { AnnouncementDoor } from './door/announcement-door.ts'
import { ControlProxy } from './door/control-proxy.ts'
import { type Connection, Door } from './door/door.ts'
import { PageDoor } from './door/page-door.ts'
import { openPlainDoor } from './door/plain-door.ts'
import { RehearsalGate } from './door/rehearsal-gate.ts'
import type { EdgeRoleOptions } from './edge-role-options.ts'
import { HandDoor } from './hands/hand-door.ts'
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
import { newCounters } from './metrics.ts'
import { metricsResponse } from './metrics-response.ts'
import { ReactionDoor } from './reactions/reaction-door.ts'
import { Readiness } from './readiness.ts'
import { Replay } from './replay/replay.ts'
import { SpaceBook } from './space-book.ts'
import { SpaceReaders } from './stream/space-readers.ts'

export interface EdgeRole extends Running {
  /** Where it listens. */
  readonly port: number
  /** Announces another flush interval to every listener, and uses it as soon as the rules allow. */
  setFlushInterval(flushMs: number): void
}

/** Resolves once the door accepts connections; `/readyz` says when listeners can be served. */
export async function startEdgeRole(options: EdgeRoleOptions): Promise<EdgeRole> {
  const { edgeId, engine, studioUrl, log = announce } = options
  const publicUrl = options.publicUrl ?? `http://${options.host}:${options.port}`
  const counters = newCounters()
  const pace = new FlushPace(options.flushMs, systemClock.now(), options.lengtheningMax)
  const room = new HoldingRoom(options.heldMax ?? Math.min(HELD_REQUESTS_MAX, streamsMaxByDescriptors()))
  const egress = new EgressPacer(options.tls !== undefined, systemClock.now())
  const readers = new SpaceReaders({
    log: engine.log,
    pace,
    room,
    counters,
    egress,
    clock: systemClock,
    moveRest: options.moveRestMs === undefined ? undefined : millis(options.moveRestMs),
    onWanted: (space) => publishWish(engine.feed, space),
  })
  const audiences = new EdgeAudiences({
    edgeId,
    deviceSecret: options.deviceSecret ?? newDeviceSecret(),
    feed: engine.feed,
    clock: systemClock,
  })
  const problems = new ProblemDoor({ edgeId, feed: engine.feed, clock: systemClock })
  const reactions = new ReactionDoor({
    edgeId,
    feed: engine.feed,
    clock: systemClock,
    holderOf: (ticket, facts) => admission.holderOf(ticket, facts),
    shed: () => shedUnder(pressure, 'reactions', admission, counters),
  })
  const book = new SpaceBook({
    roster: engine.roster,
    onChange: (space, facts) => {
      readers.learn(space, facts)
      audiences.learn(space, facts)
      problems.learn(space, facts)
      reactions.learn(space, facts)
    },
  })
  const pressure = new Pressure(TICK_MS)
  const admission = openAdmission(
    { share: () => capacity.share, ...options },
    readers,
    counters,
    pressure,
    () => reports.publishSoon(),
  )
  const reports = new ListenerReports({
    edgeId,
    feed: engine.feed,
    readers,
    admission,
    audiences,
    clock: systemClock,
  })
  const proxies = new TrustedProxies(options.trustedProxies ?? [], (line) => log(`${edgeId}: ${line}`))
  const capacity = new EdgeCapacity({
    edgeId,
    node: options.node ?? hostname(),
    cores: availableParallelism(),
    readers,
    reports,
    pace,
    counters,
    egress,
    clock: systemClock,
    isTls: options.tls !== undefined,
    flushMsMin: options.flushMs,
    ...(options.flushMsMax === undefined ? {} : { flushMsMax: options.flushMsMax }),
    egressBpsMax: options.egressBpsMax ?? 0,
    descriptorsMax: options.streamsMax ?? streamsMaxByDescriptors(),
    ...(options.cpuTarget === undefined ? {} : { cpuTarget: options.cpuTarget }),
    random: Math.random,
  })
  const readiness = new Readiness(engine, book)
  const rehearsals = new RehearsalGate({ key: options.rehearsalKey ?? '', clock: systemClock })
  const proxy = new ControlProxy({
    controlSocket: options.controlSocket,
    counters,
    clock: systemClock,
  })
  const door = new Door({
    book,
    pages: new PageDoor({
      pages: options.pages,
      studioUrl,
      publicUrl,
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
      prefersLow: options.prefersLow ?? (() => capacity.share.prefersLow),
      now: () => systemClock.wall(),
    },
    rehearsals,
    hls: new LiveHls({
      readers,
      log: engine.log,
      counters,
      clock: systemClock,
      prefersLow: options.prefersLow ?? (() => capacity.share.prefersLow),
      listParts: options.listParts ?? (() => !capacity.share.plainPlaylists),
    }),
    replay: new Replay({
      log: engine.log,
      counters,
      clock: systemClock,
      requireStillShown: (space) => requireShown(book.get(space)),
    }),
    proxy,
    announcements: new AnnouncementDoor({ proxy, publicUrl, clock: systemClock }),
    hands: new HandDoor({
      controlSocket: options.controlSocket,
      counters: counters.hands,
      clock: systemClock,
    }),
    count: new CountDoor({
      audiences,
      reports: new PageReports({ audiences, counters: counters.pageReports, clock: systemClock }),
      tables: new AudienceTables(engine.log),
      readers,
      clock: systemClock,
    }),
    problems,
    reactions,
    studioUrl,
    isReady: () => readiness.isReady(),
    shed: (what) => shedUnder(pressure, what, admission, counters),
    metrics: () =>
      metricsResponse({
        edgeId,
        counters,
        readers,
        room,
        capacity,
        admission,
        audiences,
        more: [...problems.metrics(), ...reactions.metrics()],
      }),
    onBug: (error, path) => log(`${edgeId} bug at ${path}: ${stackOf(error)}`),
  })
  let silent: SilentPeers | undefined
  let guard: DescriptorGuard | undefined
  const connectionOf = (request: Request, server: Bun.Server<undefined>): Connection => {
    const { address = '', port = 0 } = server.requestIP(request) ?? {}
    return {
      address: proxies.addressOf(request.headers, address, systemClock.now()),
      untimed: () => server.timeout(request, 0),
      isSilent: () => silent?.has(address, port) ?? false,
    }
  }
  const listener = await TcpListener.open({
    name: 'public door',
    host: options.host,
    port: options.port,
    reusePort: options.reusePort,
    ...(options.tls === undefined ? {} : { tls: options.tls }),
    http2: options.http2 ?? false,
    idleTimeoutS: CONNECTION_IDLE_S,
    bodyBytesMax: REQUEST_BYTES_MAX,
    fetch: async (request, server) => {
      const answer = await door.answer(request, connectionOf(request, server))
      if (guard?.isScarce) answer.headers.set('Connection', 'close')
      return answer
    },
    onNewTls: () => {
      counters.tlsReloads += 1
      log(`${edgeId} serves a new certificate`)
    },
    onBadTls: (error) => log(`${edgeId} keeps its certificate: ${error.message}`),
  }).catch(async (error: unknown) => {
    await Promise.all([book.stop(), reports.stop()])
    throw error
  })
  silent = new SilentPeers(listener.port)
  const plainDoor =
    options.plain === undefined
      ? undefined
      : await openPlainDoor({ host: options.host, studioUrl, ...options.plain }).catch(
          async (error: unknown) => {
            await Promise.all([book.stop(), reports.stop(), listener.close()])
            throw error
          },
        )
  guard = new DescriptorGuard({
    limit: descriptorLimit(),
    pause: () => listener.pause(),
    resume: () => listener.resume(),
    log: (line) => log(`${edgeId} ${line}`),
  })
  const ticking = setInterval(() => {
    pressure.tick(systemClock.now())
    guard?.tick(systemClock.now())
    readers.tick(systemClock.now())
    capacity.tick(systemClock.now())
    reactions.tell()
  }, TICK_MS)
  const reporting = setInterval(() => {
    const load = capacity.measure(systemClock.now())
    admission.move()
    problems.tell()
    // Who drains has no room that neighbours could count on.
    reports.publish(stopped === undefined ? load : undefined)
  }, REPORT_EVERY_MS)

  let stopped: Promise<void> | undefined
  const stop = async () => {
    readiness.drain()
    listener.refuseNew()
    void plainDoor?.close()
    readers.askToMove()
    await emptied(readers, options.drainMs ?? DRAIN_MS)
    clearInterval(ticking)
    guard?.stop()
    clearInterval(reporting)
    silent?.stop()
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

/** Tells the stage that somebody here plays AAC. */
function publishWish(feed: Feed, space: SpaceId): void {
  const wish: TracksWanted = { space, atMs: systemClock.wall(), tracks: ['aac.mp4'] }
  feed.publish(wantedTopic(space), wish)
}

/** Once a second, as `EdgeReport` says. */
const REPORT_EVERY_MS = 1_000

/** Resolves when the last stream has gone, or after `withinMs`. */
async function emptied(readers: SpaceReaders, withinMs: number): Promise<void> {
  const until = systemClock.now() + withinMs
  while (readers.streams > 0 && systemClock.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
