// How many processes a swarm needs, and what this machine allows at all.

import { readFileSync } from 'node:fs'
import { MimbarError } from '../base/errors.ts'

/** A process with more listeners spends its time waiting for itself. */
const LISTENERS_PER_PROCESS = 4_000
export const LISTENERS_MAX = 1_000_000
export const PROCESSES_MAX = 64
/** For everything that is not a listener's socket. */
const DESCRIPTORS_KEPT = 100
/** Churn leaves closed sockets behind that hold their port for a minute. */
const PORTS_KEPT_SHARE = 0.05

export interface MachineLimits {
  /** Descriptors that one process may have. */
  readonly descriptors: number
  /** Local ports towards one address. */
  readonly ports: number
}

/** How many listeners each process has. Throws `bad-request` where this machine cannot have so many connections. */
export function sizeSwarm(
  listeners: number,
  addresses: number,
  limits: MachineLimits,
  processes?: number,
): readonly number[] {
  const portsMax = Math.floor(limits.ports * (1 - PORTS_KEPT_SHARE)) * addresses
  if (listeners > portsMax) {
    throw new MimbarError(
      'bad-request',
      `From this machine ${portsMax.toLocaleString('en')} connections at most can go to ${addresses} address(es) of that server: local ports end there. Use several machines, or widen net.ipv4.ip_local_port_range.`,
    )
  }
  const perProcess = Math.min(LISTENERS_PER_PROCESS, limits.descriptors - DESCRIPTORS_KEPT)
  if (perProcess < 1)
    throw new MimbarError('bad-request', `A process may open ${limits.descriptors} files: too few.`)
  const needed = Math.ceil(listeners / perProcess)
  const count = Math.min(PROCESSES_MAX, listeners, processes ?? needed)
  if (Math.ceil(listeners / count) > limits.descriptors - DESCRIPTORS_KEPT) {
    throw new MimbarError(
      'bad-request',
      `A process may open ${limits.descriptors} files here, and ${listeners} listeners in ${count} processes need more. Raise "ulimit -n", or --processes.`,
    )
  }
  return Array.from(
    { length: count },
    (_, i) => Math.floor(listeners / count) + (i < listeners % count ? 1 : 0),
  )
}

/** What Linux says; elsewhere what is usual. */
export function readMachineLimits(): MachineLimits {
  const descriptors = /^Max open files\s+(\d+)/m.exec(readOrNothing('/proc/self/limits'))?.[1]
  const range = readOrNothing('/proc/sys/net/ipv4/ip_local_port_range').trim().split(/\s+/).map(Number)
  const [first = 32_768, last = 60_999] = range.length === 2 ? range : []
  return { descriptors: Number(descriptors ?? 1_024), ports: last - first + 1 }
}

function readOrNothing(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return '' // not Linux
  }
}
