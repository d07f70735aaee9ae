// Ports: are they ours to take, and does the kernel leave them alone?

import { type Config, isHttps } from '../../config.ts'
import { relayUdpPorts } from '../../core/relay/relay-settings.ts'
import { privilegedPortMend, tryTcp, tryUdp } from '../../node/ports.ts'
import type { Finding } from './finding.ts'
import { kernelSetting } from './kernel.ts'

/** Bun listens with a backlog of 512 at most; a smaller kernel limit makes arrivals wait a second for a retry. */
const LISTEN_BACKLOG = 512

/** Both doors' TCP ports: free, or held by a Mimbar that answers. */
export async function checkDoors(config: Config): Promise<Finding[]> {
  const doors = [
    ['public door', 'port', config.port],
    ['studio door', 'studio-port', config.studioPort],
  ] as const
  return Promise.all(
    doors.map(async ([name, flag, port]): Promise<Finding> => {
      const error = await tryTcp(config.host, port)
      if (error === undefined) return { verdict: 'ok', what: `TCP ${port} (${name}) is free.` }
      if (error === 'EADDRINUSE' && (await answersAsMimbar(config, port))) {
        return { verdict: 'ok', what: `TCP ${port} (${name}) is held by a Mimbar that is running.` }
      }
      const what = `TCP ${port} (${name}) cannot be used: ${error}.`
      if (error === 'EACCES') {
        return {
          verdict: 'fail',
          what,
          mend: privilegedPortMend(flag),
        }
      }
      return {
        verdict: 'fail',
        what,
        mend: `See who holds it with "ss -ltnp sport = :${port}", or choose another with --${flag}.`,
      }
    }),
  )
}

/** The stages' UDP ports. */
export async function checkStagePorts(config: Config): Promise<Finding[]> {
  const running = await answersAsMimbar(config, config.port)
  const stages = Array.from({ length: config.stages }, (_, index) => config.stageUdpPort + index)
  const open = `Off this machine, open it in the firewall: it carries the speakers' sound.`
  const openToRelay = 'Open it in the firewall, to the relay alone.'
  const ports = [
    ...stages.map((port) => ({ port, whose: 'stage', mend: open })),
    ...relayUdpPorts(config).map((port) => ({ port, whose: 'through the relay', mend: openToRelay })),
  ]
  return Promise.all(
    ports.map(async ({ port, whose, mend }): Promise<Finding> => {
      const error = await tryUdp(config.host, port)
      if (error === undefined) return { verdict: 'ok', what: `UDP ${port} (${whose}) is free.`, mend }
      if (error === 'EADDRINUSE' && running)
        return { verdict: 'ok', what: `UDP ${port} (${whose}) is in use by the running Mimbar.` }
      return {
        verdict: 'fail',
        what: `UDP ${port} (${whose}) cannot be used: ${error}.`,
        mend: `See who holds it with "ss -lunp sport = :${port}", or choose others with --stage-udp-port.`,
      }
    }),
  )
}

/** A port inside the ephemeral range may be taken by any client that connects somewhere. */
export async function checkEphemeralRange(config: Config): Promise<Finding> {
  const [low = 0, high = 0] = (kernelSetting('net/ipv4/ip_local_port_range') ?? '').split(/\s+/).map(Number)
  if (low === 0) return { verdict: 'warn', what: 'The ephemeral port range cannot be read on this system.' }
  const stages = Array.from({ length: config.stages }, (_, index) => config.stageUdpPort + index)
  const plain = config.domain === '' ? [] : [config.httpPort]
  const inside = [config.port, config.studioPort, ...plain, ...stages, ...relayUdpPorts(config)].filter(
    (port) => port >= low && port <= high,
  )
  if (inside.length === 0)
    return { verdict: 'ok', what: `Our ports are outside the ephemeral range ${low}–${high}.` }
  return {
    verdict: 'warn',
    what: `Ports ${inside.join(', ')} are inside the ephemeral range ${low}–${high}: a start may find them taken.`,
    mend: `Choose others, or: sysctl -w net.ipv4.ip_local_reserved_ports=${inside.join(',')}`,
  }
}

export async function checkListenBacklog(): Promise<Finding> {
  const limit = Number(kernelSetting('net/core/somaxconn') ?? 0)
  if (limit >= LISTEN_BACKLOG)
    return { verdict: 'ok', what: `The kernel queues up to ${limit} arrivals a listener.` }
  return {
    verdict: 'warn',
    what: `The kernel queues only ${limit || 'an unknown number of'} arrivals; the rest retries after a second.`,
    mend: `sysctl -w net.core.somaxconn=4096`,
  }
}

/** What a listener that closes has not accepted yet, the kernel resets, or gives to its neighbour on the port. */
export async function checkHandover(): Promise<readonly Finding[]> {
  const setting = kernelSetting('net/ipv4/tcp_migrate_req')
  if (setting === undefined) return [] // before Linux 5.14, or another system: nothing to mend
  if (setting === '1')
    return [{ verdict: 'ok', what: 'Who arrives while an edge or a certificate changes is handed over.' }]
  return [
    {
      verdict: 'warn',
      what: 'Who arrives in the moment when an edge restarts or a certificate is renewed has to try again.',
      mend: 'sysctl -w net.ipv4.tcp_migrate_req=1',
    },
  ]
}

async function answersAsMimbar(config: Config, port: number): Promise<boolean> {
  const scheme = isHttps(config) ? 'https' : 'http'
  try {
    const answer = await fetch(`${scheme}://localhost:${port}/healthz`, {
      tls: { rejectUnauthorized: false },
      signal: AbortSignal.timeout(1_000),
    })
    return answer.ok
  } catch {
    return false // whoever it is, it is not us
  }
}
