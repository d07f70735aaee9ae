// Every setting of Mimbar, with its unit, default and reason. Flags win over `MIMBAR_*` in the environment, which
// wins over `mimbar.toml`, which wins over the defaults here.

import { cpus } from 'node:os'
import { resolve } from 'node:path'

/** A setting as `--help`, the docs and the parser know it. */
export interface Setting<T> {
  readonly flag: string
  readonly unit: string
  readonly default: T
  readonly reason: string
}

const setting = <T>(flag: string, unit: string, value: T, reason: string): Setting<T> => ({
  flag,
  unit,
  default: value,
  reason,
})

export const SETTINGS = {
  host: setting('host', 'address', '0.0.0.0', 'Where the public door and the studio door listen.'),
  port: setting('port', 'TCP port', 8080, 'The public door: pages, streams, the public API.'),
  studioPort: setting('studio-port', 'TCP port', 8081, 'The studio door: everything people with a seat do.'),
  publicUrl: setting(
    'public-url',
    'URL',
    '',
    'How people reach the public door, when that is not http://localhost:<port>; links are made from it.',
  ),
  studioUrl: setting('studio-url', 'URL', '', 'How people reach the studio door, likewise.'),
  data: setting('data', 'folder', './data', 'Everything Mimbar keeps. Back it up and you have everything.'),
  roles: setting('roles', 'list', 'log,control,stage,edge', 'Which roles this node runs.'),
  edges: setting(
    'edges',
    'processes',
    Math.max(2, cpus().length),
    'One per core; at least two, so that one may die.',
  ),
  stages: setting('stages', 'processes', 2, 'Each stands by for the other.'),
  stageUdpPort: setting(
    'stage-udp-port',
    'UDP port',
    7000,
    'First stage; the next ones take the ports after it. Outside the ephemeral range, where local clients would take it.',
  ),
  announcedAddress: setting(
    'announced-address',
    'IP address',
    '',
    'What browsers are told to send to, when the machine is behind NAT.',
  ),
  tlsCert: setting('tls-cert', 'file', '', 'PEM certificate chain for both doors; re-read when it changes.'),
  tlsKey: setting('tls-key', 'file', '', 'PEM private key for it.'),
  flushMs: setting('flush-ms', 'ms', 200, 'How often an edge writes to a listener: 200 (a part) to 2000.'),
  demo: setting('demo', 'yes or no', false, 'Opens the space `demo`, in which two recorded voices talk.'),
} as const

type Widened<T> = T extends string ? string : T extends number ? number : T extends boolean ? boolean : T

/** Settings after parsing. Paths are absolute, URLs without a trailing slash. */
export type Config = { readonly [Name in keyof typeof SETTINGS]: Widened<(typeof SETTINGS)[Name]['default']> }

/** Where roles of one node find each other, below the data folder. */
export function nodePaths(data: string) {
  const run = resolve(data, 'run')
  return {
    run,
    log: resolve(data, 'log'),
    engineSocket: resolve(run, 'engine.sock'),
    controlSocket: resolve(run, 'control.sock'),
    stageSocket: (index: number) => resolve(run, `stage-${index}.sock`),
    controlDatabase: resolve(data, 'control.db'),
    operatorSecret: resolve(data, 'operator-secret'),
  } as const
}
