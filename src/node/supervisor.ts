// Starts one process per role, watches them, and starts again what died. It holds no state of its own: whatever a
// role needs to go on is in the log, and a supervisor that is killed takes its roles with it (see lifeline.ts).

import { randomBytes } from 'node:crypto'
import type { Subprocess } from 'bun'
import type { Running } from '../base/lifetime.ts'
import { type Millis, millis } from '../base/units.ts'
import { type Config, environmentName } from '../config.ts'
import { afterDeath, NEVER_DIED, type RestartRecord } from '../core/supervision/restart-policy.ts'
import { announce } from '../host/announce.ts'
import { SETTINGS } from '../settings.ts'
import {
  DEVICE_SECRET_VARIABLE,
  EXIT_MISCONFIGURED,
  ROLE_CONFIG_VARIABLE,
  type RoleName,
  roleNames,
} from './run-role.ts'

/** Edges drain for at most five seconds; who is not gone a second later is killed. */
const STOP_GRACE_MS = 6_000
/** An edge tails the log by one request per space; Bun's own bound of 256 would starve the rest. */
const BUN_CONFIG_MAX_HTTP_REQUESTS = '20000'

/** Starts every role of `config`. `failed` resolves with a role's name when it says that it can never start. */
export function startSupervisor(config: Config): Running & { readonly failed: Promise<RoleName> } {
  const failure = Promise.withResolvers<RoleName>()
  const children = roleNames(config).map((name) => superviseRole(name, config, () => failure.resolve(name)))
  return {
    failed: failure.promise,
    stop: async () => {
      // A signal to the whole group has them end in any order; none of them is to be started again.
      for (const child of children) child.expectEnd()
      // The log goes last: the others still have something to say to it.
      const [log, ...others] = children
      await Promise.all(others.map((child) => child.stop()))
      await log?.stop()
    },
  }
}

interface SupervisedRole extends Running {
  /** From now on its end is no accident. */
  expectEnd(): void
}

function superviseRole(name: RoleName, config: Config, giveUp: () => void): SupervisedRole {
  let stopping = false
  let record: RestartRecord = NEVER_DIED
  let child = spawnRole(name, config)
  const ended = watch()

  async function watch(): Promise<void> {
    while (true) {
      const startedAt = performance.now()
      const exitCode = await child.exited
      if (stopping) return
      const uptime = millis(performance.now() - startedAt)
      if (exitCode === EXIT_MISCONFIGURED) return giveUp()
      const next = afterDeath(record, uptime, Math.random())
      record = next.record
      announceDeath(name, child, uptime, next.wait)
      if (next.wait > 0) await Bun.sleep(next.wait)
      if (stopping) return
      child = spawnRole(name, config)
    }
  }

  return {
    expectEnd: () => {
      stopping = true
    },
    stop: async () => {
      stopping = true
      child.kill('SIGTERM')
      const late = setTimeout(() => child.kill('SIGKILL'), STOP_GRACE_MS)
      await child.exited
      await Promise.race([ended, Bun.sleep(0)])
      clearTimeout(late)
    },
  }
}

/** Lives as long as this process: an edge that is started anew still recognises who was here. */
const deviceSecret = randomBytes(32).toString('base64url')

function spawnRole(name: RoleName, config: Config): Subprocess<'pipe', 'inherit', 'inherit'> {
  return Bun.spawn([process.execPath, new URL('../main.ts', import.meta.url).pathname, 'role', name], {
    stdin: 'pipe',
    stdout: 'inherit',
    stderr: 'inherit',
    env: {
      ...process.env,
      BUN_CONFIG_MAX_HTTP_REQUESTS,
      ...roleSettings(name, config),
      ...(name.startsWith('edge-') ? { [DEVICE_SECRET_VARIABLE]: deviceSecret } : {}),
    },
  })
}

/** What the relay trusts us by is for control, which signs with it: a role that strangers talk to never has it. */
function roleSettings(name: RoleName, config: Config): Readonly<Record<string, string | undefined>> {
  const known = name === 'control' ? config : { ...config, turnSecret: '' }
  return {
    [environmentName(SETTINGS.turnSecret.flag)]: undefined,
    [ROLE_CONFIG_VARIABLE]: JSON.stringify(known),
  }
}

function announceDeath(name: RoleName, child: Subprocess, uptime: Millis, wait: Millis): void {
  const how = child.signalCode === null ? `exit code ${child.exitCode}` : child.signalCode
  announce(
    `${name} ended (pid ${child.pid}, ${how}) after ${Math.round(uptime)} ms; next start in ${Math.round(wait)} ms`,
  )
}
