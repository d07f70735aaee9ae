// One process, one role: reads what the supervisor passed on, starts the role, and ends with its lifeline.

import { MimbarError } from '../base/errors.ts'
import type { StageId } from '../base/ids.ts'
import type { Running } from '../base/lifetime.ts'
import { type Config, certificateNames, nodePaths } from '../config.ts'
import { parsePrefixes } from '../core/address/trusted-proxies.ts'
import { relayUdpPorts, turnUrls } from '../core/relay/relay-settings.ts'
import { connectEngine } from '../engine/embedded/remote/client.ts'
import { announce } from '../host/announce.ts'
import { readDoorKeys } from '../host/door-keys.ts'
import type { TlsFiles } from '../host/tls-files.ts'
import { accountThumbprint, tlsFolder } from '../host/tls-folder.ts'
import { readPages } from '../pages.ts'
import { startDemo } from '../rehearsal/demo.ts'
import { startControlRole } from '../roles/control/control-role.ts'
import { startEdgeRole } from '../roles/edge/edge-role.ts'
import { startLogRole } from '../roles/log/log-role.ts'
import { startStageRole } from '../roles/stage/stage-role.ts'
import { supervisorGone } from './lifeline.ts'
import { localPlainUrl, localUrl } from './local-url.ts'

/** `stage-0`, `edge-1`; `demo` is the pair of synthetic speakers. */
export type RoleName = 'log' | 'control' | `stage-${number}` | `edge-${number}` | 'demo'

/** Carries the parsed settings, as JSON, from the supervisor to its roles. */
export const ROLE_CONFIG_VARIABLE = 'MIMBAR_ROLE_CONFIG'
/** Carries what the edges of this node recognise a device by: made anew at each start, and in no file. */
export const DEVICE_SECRET_VARIABLE = 'MIMBAR_DEVICE_SECRET'
/** EX_CONFIG of sysexits.h: this role can never start like this, so the supervisor gives up and says why. */
export const EXIT_MISCONFIGURED = 78
/** A role that does not end by itself within this time is ended: the log is the truth. */
const STOP_GRACE_MS = 5_500

/** The roles of one node, the log first: the others wait for it. */
export function roleNames(config: Config): readonly RoleName[] {
  return [
    'log',
    'control',
    ...Array.from({ length: config.stages }, (_, index): RoleName => `stage-${index}`),
    ...Array.from({ length: config.edges }, (_, index): RoleName => `edge-${index}`),
    ...(config.demo ? (['demo'] as const) : []),
  ]
}

/** `role <name>`: only the supervisor calls this. Ends the process. */
export async function runRole(args: readonly string[]): Promise<never> {
  const name = args[0] as RoleName
  const passed = process.env[ROLE_CONFIG_VARIABLE]
  if (passed === undefined) throw new MimbarError('bad-request', 'Roles are started by "mimbar start".')
  const config = JSON.parse(passed) as Config
  process.title = `mimbar ${name}`

  const over = Promise.race([terminated(), supervisorGone()])
  let role: Running
  try {
    role = await startRole(name, config)
  } catch (error) {
    if (!(error instanceof MimbarError)) throw error
    announce(`${name} cannot start: ${error.message}`)
    // Not by returning: the lifeline and whatever was opened before would keep a process alive that serves nothing.
    process.exit(error.code === 'bad-request' || error.code === 'unsupported' ? EXIT_MISCONFIGURED : 1)
  }
  await over
  setTimeout(() => process.exit(1), STOP_GRACE_MS).unref()
  await role.stop()
  process.exit(0)
}

function terminated(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGTERM', () => resolve())
    // Ctrl-C reaches the whole group; the supervisor decides the order in which its roles end.
    process.on('SIGINT', () => {})
  })
}

async function startRole(name: RoleName, config: Config): Promise<Running> {
  const paths = nodePaths(config.data)
  const { publicUrl, studioUrl, host } = config
  const tls = tlsOf(config)
  if (name === 'log') return startLogRole({ dataFolder: config.data, socketPath: paths.engineSocket })
  if (name === 'demo')
    return startDemo({
      studioUrl: localUrl(config, config.studioPort),
      studioOrigin: new URL(studioUrl).origin,
      tokenFile: paths.operatorToken,
    })

  const engine = connectEngine({ socketPath: paths.engineSocket })
  const [kind, index] = splitName(name)
  const role = await startOnEngine()
  return {
    stop: async () => {
      await role.stop()
      await engine.stop()
    },
  }

  async function startOnEngine(): Promise<Running> {
    if (kind === 'stage') {
      return startStageRole({
        stageId: name as StageId,
        engine,
        socketPath: paths.stageSocket(index),
        udpPort: config.stageUdpPort + index,
        bindAddress: host,
        ...(config.turnUrl === '' ? {} : { relayUdpPort: relayUdpPorts(config)[index] }),
        ...(config.announcedAddress === '' ? {} : { announcedAddress: config.announcedAddress }),
      })
    }
    const trustedProxies = parsePrefixes(config.trustedProxies)
    const pages = await readPages(paths.pages)
    if (kind === 'control') {
      const control = await startControlRole({
        engine,
        pages,
        host,
        studioPort: config.studioPort,
        socketPath: paths.controlSocket,
        databasePath: paths.controlDatabase,
        publicUrl,
        studioUrl,
        runFolder: paths.run,
        relay: { urls: turnUrls(config), secret: config.turnSecret },
        hostAwayMs: config.hostAwayS * 1_000,
        trustedProxies,
        ...(config.abandonedEndMin === 0 ? {} : { abandonedEndMs: config.abandonedEndMin * 60_000 }),
        ...tls,
        ...(config.domain === '' ? {} : { certificate: certificateOf(config) }),
        node: nodeOf(config),
      })
      if (control.operatorLink !== undefined) showOperatorLink(control.operatorLink)
      return control
    }
    const deviceSecret = process.env[DEVICE_SECRET_VARIABLE]
    return startEdgeRole({
      edgeId: name,
      engine,
      pages,
      host,
      port: config.port,
      reusePort: true,
      controlSocket: paths.controlSocket,
      studioUrl,
      publicUrl,
      flushMs: config.flushMs,
      egressBpsMax: config.egressBpsMax,
      http2: config.http2,
      rehearsalKey: config.rehearsalKey,
      doorKeys: readDoorKeys(paths.doorKeys),
      listenersMax: config.listenersMax,
      addresses: {
        joinsPerSecond: config.addressJoins,
        requestsPerSecond: config.addressRequests,
        streamsMax: config.addressStreams,
      },
      trustedProxies,
      ...(deviceSecret === undefined ? {} : { deviceSecret }),
      ...tls,
      ...(config.domain === '' ? {} : { plain: plainOf(config) }),
    })
  }
}

/** The certificate that both doors serve, if any. */
function tlsOf({ domain, tlsCert, tlsKey, data }: Config): { readonly tls?: TlsFiles } {
  if (domain !== '') return { tls: tlsFolder(nodePaths(data).tls).files }
  return tlsCert === '' ? {} : { tls: { certFile: tlsCert, keyFile: tlsKey } }
}

/** What control needs to obtain it. */
function certificateOf(config: Config) {
  return {
    folder: nodePaths(config.data).tls,
    names: certificateNames(config),
    directoryUrl: config.acmeDirectory,
    authorityRootFile: config.acmeCa,
    email: config.acmeEmail,
    plainUrl: localPlainUrl(config),
  }
}

/** What people on duty expect to be there, and where alarms go. */
function nodeOf(config: Config) {
  const names = roleNames(config)
  const { listenersMax, alarmWebhook: url, alarmWebhookSecret: secret } = config
  return {
    stages: names.filter((name) => name.startsWith('stage-')),
    edges: names.filter((name) => name.startsWith('edge-')),
    listenersMax,
    ...(url === '' ? {} : { webhook: { url, secret } }),
  }
}

/** What an edge needs to answer for it. */
function plainOf({ data, httpPort, publicUrl }: Config) {
  return { port: httpPort, thumbprint: accountThumbprint(nodePaths(data).tls), publicUrl }
}

function splitName(name: RoleName): [kind: 'control' | 'stage' | 'edge', index: number] {
  const match = /^(control|stage|edge)(?:-(\d+))?$/.exec(name)
  if (match === null) throw new MimbarError('bad-request', `There is no role "${name}".`)
  return [match[1] as 'control' | 'stage' | 'edge', Number(match[2] ?? 0)]
}

/** On stdout and once: only a hash of it is kept. */
function showOperatorLink(link: string): void {
  console.log(`\n  You are the operator. Keep this link; it is shown only now:\n\n    ${link}\n`)
  console.log('  Lost it? "npx mimbar links --operator" makes a new one.\n')
}
