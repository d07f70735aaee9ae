// The control role, built whole: database, engine's reports, the two listeners. When it dies, listeners keep
// listening and the stage keeps talking; when it is back, it makes the Roster say what the database says.

import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import type { SpaceId } from '../../base/ids.ts'
import type { Running } from '../../base/lifetime.ts'
import type { IpPrefix } from '../../core/address/ip.ts'
import type { Pages } from '../../core/page/page.ts'
import type { Engine } from '../../engine/ports.ts'
import { announce } from '../../host/announce.ts'
import { systemClock } from '../../host/system-clock.ts'
import type { TlsFiles } from '../../host/tls-files.ts'
import { AbandonmentKeeper } from './abandonment-keeper.ts'
import { createControlApp } from './app.ts'
import { Callers } from './callers.ts'
import { LinkCards } from './cards/link-cards.ts'
import { type CertificateSettings, watchCertificate } from './certificate/certificate-watch.ts'
import { openDatabase } from './database.ts'
import { HandStore } from './hands/hand-store.ts'
import { Hands } from './hands/hands.ts'
import { openListeners } from './listeners.ts'
import { Meters } from './meters.ts'
import { Observations } from './observations.ts'
import { issueOperatorLink } from './operator-routes.ts'
import { originsOf } from './origins.ts'
import { PATIENCE, type Patience } from './patience.ts'
import { PhaseKeeper } from './phase-keeper.ts'
import { type RelaySettings, Relays } from './relays.ts'
import { newSecret } from './secrets.ts'
import { Signalling } from './signalling.ts'
import { SoundChecks } from './sound-checks.ts'
import { Spaces } from './spaces.ts'
import { StageViews } from './stage-views.ts'
import { StartLateness } from './start-lateness.ts'
import { HOST_AWAY_MS, SuccessionKeeper } from './succession-keeper.ts'
import { NodeKeeper, type NodeSettings } from './watch/node-keeper.ts'

export interface ControlRoleOptions {
  readonly engine: Engine
  readonly pages: Pages
  /** Address on which the studio door listens. */
  readonly host: string
  /** TCP port; 0 lets the system choose. */
  readonly studioPort: number
  /** Unix socket for edges, readable by this user alone. */
  readonly socketPath: string
  readonly databasePath: string
  /** How people reach the doors; without a trailing slash. Links are made from these. */
  readonly publicUrl: string
  readonly studioUrl: string
  /** `operator-token` is written here at each start, for the tools of this machine. */
  readonly runFolder: string
  readonly tls?: TlsFiles
  /** A TURN relay for people whose network lets no UDP out; none by default. */
  readonly relay?: RelaySettings
  /** Proxies whose word about a client's address is believed; by default none. */
  readonly trustedProxies?: readonly IpPrefix[]
  /** With a certificate by ACME, whose files are `tls`: it is obtained and renewed here. */
  readonly certificate?: CertificateSettings
  /** The real clock by default. */
  readonly clock?: Clock
  /** One line per event that a person would act on; `announce` by default. */
  readonly log?: (line: string) => void
  /** How long the host may be away before somebody else holds the room; `HOST_AWAY_MS` by default. */
  readonly hostAwayMs?: number
  /** How long a live space whose stage is empty is waited for; for ever by default. */
  readonly abandonedEndMs?: number
  /** `PATIENCE` by default. */
  readonly patience?: Patience
  /** What people on duty expect to be there, and where alarms go; by default whoever is heard, and nowhere. */
  readonly node?: NodeSettings
}

export interface ControlRole extends Running {
  readonly studioPort: number
  /** Only when this start made the operator's secret: the first one. To be shown once, and to nobody else. */
  readonly operatorLink?: string
  /** Resolves when the Roster says what the database says, once the engine is there. */
  readonly reconciled: Promise<void>
}

/** Name of the file with this process's token; `Authorization: Bearer <content>` makes its reader the operator. */
export const OPERATOR_TOKEN_FILE = 'operator-token'

/** Starts control. The engine may still be away: reads work, and changes answer `unavailable` until it is there. */
export async function startControlRole(options: ControlRoleOptions): Promise<ControlRole> {
  const { clock = systemClock, patience = PATIENCE, log = announce } = options
  const { engine, publicUrl, studioUrl, pages } = options
  const ending = new AbortController()
  const { signal } = ending
  mkdirSync(dirname(options.databasePath), { recursive: true })
  const database = openDatabase(options.databasePath)
  const token = writeOperatorToken(options.runFolder)

  const onChange = (space: SpaceId) => views.changed(space)
  const spaces = new Spaces({ database, engine, clock, signal, patience, onChange, log })
  const observations = new Observations({
    feed: engine.feed,
    clock,
    signal,
    onObserved: (space, tookOver) => {
      views.changed(space, tookOver)
      lateness.note(space)
      succession.note(space)
    },
    onHeard: (heard) => node.heard(heard),
  })
  const hands = new Hands({ store: new HandStore(database), clock, onChange })
  const views = new StageViews({ store: spaces.store, observations, hands, clock })
  const lateness = new StartLateness(spaces, observations, log)
  const { hostAwayMs = HOST_AWAY_MS } = options
  const succession = new SuccessionKeeper({ spaces, observations, clock, log, hostAwayMs })
  const node = new NodeKeeper({
    ...(options.node ?? { stages: [], edges: [], listenersMax: 0 }),
    node: new URL(publicUrl).host,
    store: spaces.store,
    observations,
    dataFolder: dirname(options.databasePath),
    clock,
    signal,
    log,
  })
  const callers = new Callers({ secrets: spaces.secrets, clock, localToken: token.secret })
  spaces.secrets.prune(clock.wall())
  const isFirstStart = !spaces.secrets.has({ kind: 'operator' }, clock.wall())

  const cards = new LinkCards({ clock, log })
  const certificate = options.tls && watchCertificate({ ...options, tls: options.tls }, clock, log)
  const app = createControlApp({
    engine,
    clock,
    log,
    patience,
    spaces,
    callers,
    observations,
    signalling: new Signalling({ lease: engine.lease, observations, clock, patience }),
    relays: new Relays(options.relay ?? { urls: [], secret: '' }, clock),
    soundChecks: new SoundChecks({ lease: engine.lease, observations, clock, patience }),
    views,
    hands,
    cards,
    meters: new Meters(),
    node,
    ...(certificate === undefined ? {} : { certificate }),
    pages,
    origins: originsOf([publicUrl, studioUrl]),
    publicUrl,
    studioUrl,
  })
  const listeners = await openListeners({
    app,
    host: options.host,
    port: options.studioPort,
    socketPath: options.socketPath,
    ...(options.tls === undefined ? {} : { tls: options.tls }),
    ...(options.trustedProxies === undefined ? {} : { trustedProxies: options.trustedProxies }),
    log,
  }).catch(async (error) => {
    ending.abort()
    views.stop()
    await certificate?.stop()
    token.remove()
    database.close()
    throw error
  })
  const keeper = new PhaseKeeper(spaces, observations, clock, signal)
  const abandonment = new AbandonmentKeeper({
    spaces,
    observations,
    clock,
    signal,
    waitMs: options.abandonedEndMs ?? Number.POSITIVE_INFINITY,
    log,
  })
  const reconciled = spaces.reconcile()
  const operatorLink = isFirstStart
    ? spaces.inTransaction(() => issueOperatorLink(spaces.secrets, studioUrl, clock.wall()))
    : undefined

  let stopped: Promise<void> | undefined
  const stop = async () => {
    ending.abort()
    views.stop()
    cards.stop()
    await Promise.all([listeners.stop(), certificate?.stop()])
    token.remove()
    await Promise.all([
      observations.ended(),
      keeper.settled(),
      abandonment.settled(),
      spaces.settled(),
      reconciled,
    ])
    database.close()
  }
  return {
    studioPort: listeners.port,
    ...(operatorLink === undefined ? {} : { operatorLink }),
    reconciled,
    stop: () => {
      stopped ??= stop()
      return stopped
    },
  }
}

/** A fresh token that only this user can read; a process that died leaves one behind that opens nothing. */
function writeOperatorToken(runFolder: string): { readonly secret: string; remove(): void } {
  mkdirSync(runFolder, { recursive: true, mode: 0o700 })
  const path = join(runFolder, OPERATOR_TOKEN_FILE)
  const secret = newSecret()
  rmSync(`${path}.new`, { force: true })
  writeFileSync(`${path}.new`, secret, { mode: 0o600, flag: 'wx' })
  renameSync(`${path}.new`, path)
  return { secret, remove: () => rmSync(path, { force: true }) }
}
