// Are our ports ours to take? Asked before any role starts: edges share the public port with SO_REUSEPORT, and the
// kernel would let them share it with another Mimbar of the same user just as gladly, a half of its listeners each.

import { createSocket } from 'node:dgram'
import { createServer } from 'node:net'
import { MimbarError } from '../base/errors.ts'
import type { Config } from '../config.ts'
import { relayUdpPorts } from '../core/relay/relay-settings.ts'

/** A predecessor that was just killed still has roles that end with their lifeline. */
const PREDECESSOR_MS = 8_000
const TRY_AGAIN_MS = 100

interface Claim {
  readonly protocol: 'TCP' | 'UDP'
  readonly what: string
  readonly flag: string
  readonly port: number
}

/** Resolves when every port of `config` is free. Throws `conflict` naming the port, and the setting to change. */
export async function freePorts(config: Config): Promise<void> {
  const deadline = performance.now() + PREDECESSOR_MS
  await Promise.all(claimsOf(config).map((claim) => untilFree(claim, config.host, deadline)))
}

function claimsOf(config: Config): readonly Claim[] {
  const stages = Array.from({ length: config.stages }, (_, index): Claim => {
    const port = config.stageUdpPort + index
    return { protocol: 'UDP', what: 'a stage', flag: 'stage-udp-port', port }
  })
  return [
    { protocol: 'TCP', what: 'the public door', flag: 'port', port: config.port },
    { protocol: 'TCP', what: 'the studio door', flag: 'studio-port', port: config.studioPort },
    ...(config.domain === ''
      ? []
      : [{ protocol: 'TCP', what: 'the plain door', flag: 'http-port', port: config.httpPort } as const]),
    ...stages,
    ...relayUdpPorts(config).map(
      (port): Claim => ({
        protocol: 'UDP',
        what: 'what comes through the relay',
        flag: 'stage-udp-port',
        port,
      }),
    ),
  ]
}

/** What to do when the kernel keeps a port below 1024 to itself (CAP_NET_BIND_SERVICE, capabilities(7)). */
export function privilegedPortMend(flag: string): string {
  return [
    'ports below 1024 are kept for root. Any one of these gives it to this user:',
    'AmbientCapabilities=CAP_NET_BIND_SERVICE in the systemd unit;',
    `"sudo setcap cap_net_bind_service=+ep ${process.execPath}" (again after each update of Bun);`,
    '"sudo sysctl net.ipv4.ip_unprivileged_port_start=80" for every user of this machine;',
    `or choose another with --${flag}, and forward the port to it (then say --public-url).`,
  ].join(' ')
}

async function untilFree(claim: Claim, host: string, deadline: number): Promise<void> {
  const { protocol, port } = claim
  for (;;) {
    const code = protocol === 'TCP' ? await tryTcp(host, port) : await tryUdp(host, port)
    if (code === undefined) return
    if (code !== 'EADDRINUSE' || performance.now() >= deadline) throw refusal(claim, host, code)
    await Bun.sleep(TRY_AGAIN_MS)
  }
}

function refusal({ protocol, what, flag, port }: Claim, host: string, code: string): MimbarError {
  const mend = `choose another with --${flag}`
  const words: Readonly<Record<string, string>> = {
    EADDRINUSE: `another program has it. See who with "ss -lnp sport = :${port}", or ${mend}.`,
    EACCES: privilegedPortMend(flag),
    EADDRNOTAVAIL: `this machine has no address ${host}. Correct --host.`,
  }
  const why = words[code] ?? `${code}. If that cannot be mended, ${mend}.`
  return new MimbarError('conflict', `${protocol} port ${port}, for ${what}, cannot be used: ${why}`)
}

/** The error's code, or undefined when the port could be taken (and was let go again). */
export function tryTcp(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)))
  })
}

/** Likewise. */
export function tryUdp(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4')
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    socket.bind(port, host, () => socket.close(() => resolve(undefined)))
  })
}
