// One process, one role: reads what the supervisor passed on, starts the role, and ends with its lifeline.

import { MimbarError } from '../base/errors.ts'
import type { Running } from '../base/lifetime.ts'
import { type Config, nodePaths } from '../config.ts'
import { connectEngine } from '../engine/embedded/client.ts'
import { readPages } from '../pages.ts'
import { startDemo } from '../rehearsal/demo.ts'
import { startControlRole } from '../roles/control/control-role.ts'
import { startEdgeRole } from '../roles/edge/edge-role.ts'
import { startLogRole } from '../roles/log/log-role.ts'
import { startStageRole } from '../roles/stage/stage-role.ts'
import { announce } from './announce.ts'
import { supervisorGone } from './lifeline.ts'

/** `stage-0`, `edge-1`; `demo` is the pair of synthetic speakers. */
export type RoleName = 'log' | 'control' | `stage-${number}` | `edge-${number}` | 'demo'

/** Carries the parsed settings, as JSON, from the supervisor to its roles. */
export const ROLE_CONFIG_VARIABLE = 'MIMBAR_ROLE_CONFIG'
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

/** `role <name>`: only the supervisor calls this. */
export async function runRole(args: readonly string[]): Promise<number> {
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
    return error.code === 'bad-request' || error.code === 'unsupported' ? EXIT_MISCONFIGURED : 1
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

function startRole(name: RoleName, config: Config): Promise<Running> {
  const paths = nodePaths(config.data)
  const tls = config.tlsCert === '' ? {} : { tls: { certFile: config.tlsCert, keyFile: config.tlsKey } }
  if (name === 'log') return startLogRole({ dataFolder: config.data, socketPath: paths.engineSocket })
  throw new Error('todo')
}
