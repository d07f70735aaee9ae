// Commands of iproute2 and nftables, and whether they may be used here at all.

import { spawnSync } from 'node:child_process'

/** They are in a folder that is not on everybody's PATH. */
const PATH = `${process.env.PATH ?? ''}:/usr/sbin:/sbin`

/** Resolves to what it printed; throws with what it said when it fails. */
export function run(command: string, ...args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    env: { ...process.env, PATH },
  })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stderr}`)
  return stdout
}

/** Removes namespaces, and with them every device and rule in them. */
export function deleteNamespaces(names: readonly string[]): void {
  for (const name of names) spawnSync('ip', ['netns', 'del', name])
}

/** Why no networks can be made here, if so: what a scene needs is tried once, in two namespaces of its own. */
export function whyNoNetworks(): string | undefined {
  if (process.getuid?.() !== 0) return 'network namespaces need root'
  const [here, there] = [`mimbar-try-a${process.pid}`, `mimbar-try-b${process.pid}`]
  try {
    for (const name of [here, there]) run('ip', 'netns', 'add', name)
    run('ip', 'link', 'add', 'here', 'netns', here, 'type', 'veth', 'peer', 'name', 'there', 'netns', there)
    const shape = ['tbf', 'rate', '1mbit', 'burst', '5000', 'latency', '10ms']
    run('ip', 'netns', 'exec', here, 'tc', 'qdisc', 'add', 'dev', 'here', 'root', ...shape)
    run('ip', 'netns', 'exec', here, 'nft', 'add table inet tried')
    return undefined
  } catch (error) {
    return `networks cannot be made here: ${(error as Error).message}`
  } finally {
    deleteNamespaces([here, there])
  }
}
