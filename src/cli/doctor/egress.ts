// What this machine may send. Bytes are what runs out first: a gigabit is full at some 14,000 listeners, long before a
// processor is. Interfaces know their own speed at best, not what is behind them, so a proposal is all there can be.

import { readdirSync } from 'node:fs'
import type { Config } from '../../config.ts'
import type { Finding } from './finding.ts'
import { readText } from './kernel.ts'

/** Of a link's nominal speed: the rest is preambles, gaps between frames, and others on the machine. */
const USABLE_SHARE = 0.9
/** One listener on the wire at 48 kbit/s, and what is kept for the stage: only for the sentence. */
const LISTENER_BPS = 58_000
const LISTENERS_SHARE = 0.85
const NETWORKS = '/sys/class/net'

/** An interface that is up and says its speed. */
export interface NetworkLink {
  readonly name: string
  readonly speedBps: number
}

export async function checkEgress(config: Config): Promise<Finding> {
  return egressFinding(config.egressBpsMax, readLinks(), defaultRouteLink())
}

/** `routed`: the interface of the default route, if there is one. */
export function egressFinding(
  egressBpsMax: number,
  links: readonly NetworkLink[],
  routed: string | undefined,
): Finding {
  const link = links.find(({ name }) => name === routed) ?? links[0]
  if (egressBpsMax > 0) {
    const what = `--egress-bps-max is ${inMbit(egressBpsMax)}: room for about ${listeners(egressBpsMax)} listeners.`
    if (link === undefined || egressBpsMax <= link.speedBps) return { verdict: 'ok', what }
    const mend = `${link.name} runs at ${inMbit(link.speedBps)}: set at most ${proposal(link)}.`
    return { verdict: 'warn', what, mend }
  }
  if (link !== undefined) {
    return {
      verdict: 'warn',
      what: `No limit of egress is set; ${link.name} runs at ${inMbit(link.speedBps)}: room for about ${listeners(proposal(link))} listeners.`,
      mend: `Set --egress-bps-max ${proposal(link)}, or less where your provider grants less: a link that is too full is heard by everyone.`,
    }
  }
  return {
    verdict: 'warn',
    what: 'No limit of egress is set, and no interface says how fast it is (virtual ones rarely do).',
    mend: 'Ask your provider, or measure: "iperf3 -c <a machine elsewhere>". Then set --egress-bps-max to nine tenths of it, in bit/s.',
  }
}

const proposal = ({ speedBps }: NetworkLink): number => Math.floor(speedBps * USABLE_SHARE)
const listeners = (bps: number): number => Math.floor((bps * LISTENERS_SHARE) / LISTENER_BPS)
const inMbit = (bps: number): string => `${(bps / 1e6).toLocaleString('en-US')} Mbit/s`

/** Interfaces that are up and know their speed; the kernel gives it in Mbit/s, and −1 or an error where it has none. */
function readLinks(): readonly NetworkLink[] {
  let names: string[]
  try {
    names = readdirSync(NETWORKS)
  } catch {
    return [] // not Linux
  }
  return names.flatMap((name) => {
    const speed = Number(readText(`${NETWORKS}/${name}/speed`) || Number.NaN)
    const isUp = readText(`${NETWORKS}/${name}/operstate`) === 'up'
    return name !== 'lo' && isUp && speed > 0 ? [{ name, speedBps: speed * 1e6 }] : []
  })
}

/** The interface with destination 0 in the kernel's routes. */
function defaultRouteLink(): string | undefined {
  const rows = (readText('/proc/net/route') ?? '').split('\n').map((row) => row.split('\t'))
  return rows.find(([, destination]) => destination === '00000000')?.[0]
}
