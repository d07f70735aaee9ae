// A node and a crowd with one narrow cable between them: two network namespaces, a veth pair, and a token bucket on
// what the node sends. Nothing of it touches the machine's own network, and deleting the namespaces deletes it all.
//
//     crowd namespace ──── veth ────▶ node namespace      not limited
//                     ◀─── veth ───── node namespace      rateBps, a queue of queueMs, then it drops

import { deleteNamespaces, run } from './network-command.ts'

const NODE_ADDRESS = '10.97.0.1'
const CROWD_ADDRESS = '10.97.0.2'
/** A token bucket passes this much at once: three full packets. */
const BURST_BYTES = 4_600

export interface BottleneckOptions {
  /** What the node may send. */
  readonly rateBps: number
  /** How much the cable's queue holds, as time at that rate. */
  readonly queueMs: number
}

export interface Bottleneck {
  readonly nodeAddress: string
  /** Before a command, to run it at that end. */
  readonly inNode: readonly string[]
  readonly inCrowd: readonly string[]
  /** What the cable carried, and what it dropped because its queue was full. */
  passed(): { readonly bytes: number; readonly packets: number; readonly dropped: number }
  close(): void
}

/** Throws when a command fails; what was made until then is removed. */
export function openBottleneck({ rateBps, queueMs }: BottleneckOptions): Bottleneck {
  const id = `${process.pid}`
  const [node, crowd] = [`mimbar-node-${id}`, `mimbar-crowd-${id}`]
  const [nodeEnd, crowdEnd] = [`mbn${id}`, `mbc${id}`]
  const made: string[] = []
  const close = () => {
    deleteNamespaces(made.splice(0))
  }
  try {
    for (const name of [node, crowd]) {
      run('ip', 'netns', 'add', name)
      made.push(name)
    }
    run('ip', 'link', 'add', nodeEnd, 'netns', node, 'type', 'veth', 'peer', 'name', crowdEnd, 'netns', crowd)
    for (const [name, end, address] of [
      [node, nodeEnd, NODE_ADDRESS],
      [crowd, crowdEnd, CROWD_ADDRESS],
    ] as const) {
      run('ip', '-n', name, 'addr', 'add', `${address}/30`, 'dev', end)
      // Packets as they would be on a cable, not the 64 KB that a veth hands over at once.
      run('ip', '-n', name, 'link', 'set', end, 'up', 'gso_max_segs', '1')
      run('ip', '-n', name, 'link', 'set', 'lo', 'up')
    }
    const rate = `${rateBps}bit`
    const shape = ['tbf', 'rate', rate, 'burst', `${BURST_BYTES}`, 'latency', `${queueMs}ms`]
    run('ip', 'netns', 'exec', node, 'tc', 'qdisc', 'add', 'dev', nodeEnd, 'root', ...shape)
  } catch (error) {
    close()
    throw error
  }
  return {
    nodeAddress: NODE_ADDRESS,
    inNode: ['ip', 'netns', 'exec', node],
    inCrowd: ['ip', 'netns', 'exec', crowd],
    passed: () => {
      const text = run('ip', 'netns', 'exec', node, 'tc', '-s', 'qdisc', 'show', 'dev', nodeEnd)
      const [, bytes, packets, dropped] = /Sent (\d+) bytes (\d+) pkt \(dropped (\d+)/.exec(text) ?? []
      return { bytes: Number(bytes), packets: Number(packets), dropped: Number(dropped) }
    },
    close,
  }
}
