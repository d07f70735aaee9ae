// A person and a node with two ways between them, of which one is up at a time: Wi-Fi and mobile, each with an address
// of its own. Two network namespaces and two veth pairs; deleting the namespaces deletes it all.
//
//     person namespace ── wifi 10.97.0.2 ────▶ node namespace: Mimbar on 10.99.0.1, the relay on 10.99.0.2
//                      ── mobile 10.97.1.2 ──▶
//
// Media has to pass the relay: what goes straight from Mimbar's address to the person is dropped. A cut is silent, as
// in a tunnel: both ends keep their addresses, and what is sent is gone.

import { existsSync } from 'node:fs'
import { deleteNamespaces, run } from './network-command.ts'

export const MIMBAR_ADDRESS = '10.99.0.1'
export const RELAY_ADDRESS = '10.99.0.2'
const PERSON_PREFIX = '10.97.0.0/16'
const WAYS = {
  wifi: { node: '10.97.0.1', person: '10.97.0.2' },
  mobile: { node: '10.97.1.1', person: '10.97.1.2' },
} as const

/** In the state column of `/proc/net/tcp` (Linux, include/net/tcp_states.h). */
const SYN_SENT = '02'

export type Way = keyof typeof WAYS

export interface TwoPaths {
  /** Before a command, to run it at that end. */
  readonly inNode: readonly string[]
  readonly inPerson: readonly string[]
  readonly names: { readonly node: string; readonly person: string }
  close(): void
}

/** Throws when a command fails; what was made until then is removed. Wi-Fi is up. */
export function openTwoPaths(): TwoPaths {
  const id = String(process.pid)
  const names = { node: `mimbar-n${id}`, person: `mimbar-p${id}` }
  const made: string[] = []
  const close = () => {
    deleteNamespaces(made.splice(0))
  }
  try {
    for (const name of [names.node, names.person]) {
      run('ip', 'netns', 'add', name)
      made.push(name)
      run('ip', '-n', name, 'link', 'set', 'lo', 'up')
    }
    for (const address of [MIMBAR_ADDRESS, RELAY_ADDRESS])
      run('ip', '-n', names.node, 'addr', 'add', `${address}/32`, 'dev', 'lo')
    for (const way of ['wifi', 'mobile'] as const) {
      const { node } = WAYS[way]
      const [here, there] = [`${way}-n`, way]
      run(
        'ip',
        'link',
        'add',
        here,
        'netns',
        names.node,
        'type',
        'veth',
        'peer',
        'name',
        there,
        'netns',
        names.person,
      )
      run('ip', '-n', names.node, 'addr', 'add', `${node}/30`, 'dev', here)
      run('ip', '-n', names.node, 'link', 'set', here, 'up')
    }
    const onlyByRelay = `add table inet media
      add chain inet media input { type filter hook input priority 0; }
      add rule inet media input ip saddr ${PERSON_PREFIX} ip daddr ${MIMBAR_ADDRESS} ip protocol udp drop
      add chain inet media output { type filter hook output priority 0; }
      add rule inet media output ip saddr ${MIMBAR_ADDRESS} ip daddr ${PERSON_PREFIX} ip protocol udp drop`
    nft(names.node, onlyByRelay)
    // As on most phones: a connection is tried at once and after 1, 3, 7, 15, … s. From Linux 6.5 on, more often.
    const linear = '/proc/sys/net/ipv4/tcp_syn_linear_timeouts'
    if (existsSync(linear)) run('ip', 'netns', 'exec', names.person, 'sh', '-c', `echo 0 > ${linear}`)
    goBy(names.person, 'wifi')
  } catch (error) {
    close()
    throw error
  }
  const within = (name: string) => ['ip', 'netns', 'exec', name]
  return { inNode: within(names.node), inPerson: within(names.person), names, close }
}

/** From now on nothing of the two arrives at the other. Both ends only notice that it is quiet. */
export function cut(names: TwoPaths['names']): void {
  const silence = (devices: string) =>
    `add table inet cut
     add chain inet cut input { type filter hook input priority -10; }
     add rule inet cut input iifname { ${devices} } drop`
  nft(names.person, silence('"wifi", "mobile"'))
  nft(names.node, silence('"wifi-n", "mobile-n"'))
}

/** Ends a {@link cut}. */
export function mend(names: TwoPaths['names']): void {
  nft(names.node, 'delete table inet cut')
  nft(names.person, 'delete table inet cut')
}

/** Connections that somebody at the person's end waits for, and that were not answered yet. */
export function unansweredConnects(person: string): number {
  const [, ...sockets] = run('ip', 'netns', 'exec', person, 'cat', '/proc/net/tcp').trim().split('\n')
  return sockets.filter((line) => line.trim().split(/\s+/)[3] === SYN_SENT).length
}

/** The person's link goes down, with its address. */
export function lose(person: string, way: Way): void {
  run('ip', '-n', person, 'addr', 'flush', 'dev', way)
  run('ip', '-n', person, 'link', 'set', way, 'down')
}

/** The person's link comes up, and everything goes by it. */
export function goBy(person: string, way: Way): void {
  run('ip', '-n', person, 'link', 'set', way, 'up')
  run('ip', '-n', person, 'addr', 'replace', `${WAYS[way].person}/30`, 'dev', way)
  run('ip', '-n', person, 'route', 'replace', 'default', 'via', WAYS[way].node, 'dev', way)
}

function nft(name: string, rules: string): void {
  run('ip', 'netns', 'exec', name, 'nft', rules)
}
