// `mimbar start`: bundles the pages, starts the supervisor, says where Mimbar is, and stays until told to stop.

import { mkdirSync } from 'node:fs'
import { MimbarError } from '../base/errors.ts'
import { type Config, certificateNames, nodePaths } from '../config.ts'
import { parsePrefixes } from '../core/address/trusted-proxies.ts'
import { ensureDoorKeys } from '../host/door-keys.ts'
import { prepareTlsFolder, readHeld } from '../host/tls-folder.ts'
import { localUrl } from '../node/local-url.ts'
import { startSupervisor } from '../node/supervisor.ts'
import { takeNode } from '../node/take-node.ts'
import { bundlePages } from '../pages.ts'
import { alarmWarnings } from './alarm-address.ts'
import { readConfig } from './settings.ts'

const READY_POLL_MS = 100

/**
 * Runs until SIGINT or SIGTERM; the exit code is 1 when a role says that it can never start.
 * Throws `conflict` when the data folder or a port is another's.
 */
export async function start(args: readonly string[]): Promise<number> {
  const config = readConfig(args)
  const paths = nodePaths(config.data)
  // What cannot be understood is better said by the command than by each role that it starts.
  parsePrefixes(config.trustedProxies)
  for (const warning of alarmWarnings(config)) console.error(warning)
  prepareFolder(paths.run)
  const taken = await takeNode(config)
  ensureDoorKeys(paths.doorKeys)
  if (config.domain !== '') prepareCertificate(config, paths.tls)
  await bundlePages(paths.pages)

  const stopped = signalled()
  const supervisor = startSupervisor(config)
  const over = Promise.race([stopped, supervisor.failed])
  const ready = announceWhenReady(config, over)
  const failed = await over
  if (failed === undefined) console.error('\nStopping: listeners are told to move, the log is closed …')
  await supervisor.stop()
  await ready
  await taken.stop()
  return failed === undefined ? 0 : 1
}

/** Only this user may look inside: the sockets in here are doors without a lock. */
function prepareFolder(run: string): void {
  try {
    mkdirSync(run, { recursive: true, mode: 0o700 })
  } catch (cause) {
    throw new MimbarError('bad-request', `The data folder cannot be written: ${(cause as Error).message}`, {
      cause,
    })
  }
}

/** Doors open at once with whatever is there; control obtains what is missing. */
function prepareCertificate(config: Config, folder: string): void {
  const names = certificateNames(config)
  prepareTlsFolder(folder, names, Date.now())
  if (readHeld(folder)?.isTemporary !== true) return
  const { host } = new URL(config.acmeDirectory)
  console.error(
    `Until ${host} has given a certificate for ${names.join(' and ')}, a temporary self-signed one is served: browsers will warn.`,
  )
}

function signalled(): Promise<undefined> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.once(signal, () => resolve(undefined))
  })
}

async function announceWhenReady(config: Config, over: Promise<unknown>): Promise<void> {
  let isOver = false
  void over.then(() => {
    isOver = true
  })
  while (!isOver) {
    if (await isReady(config)) {
      console.log(`\n  Mimbar is on ${config.publicUrl}`)
      if (config.demo) console.log(`  Listen to the demo: ${config.publicUrl}/s/demo`)
      console.log(`  People with a seat come in at ${config.studioUrl}. Ctrl-C stops everything.\n`)
      return
    }
    await Bun.sleep(READY_POLL_MS)
  }
}

async function isReady(config: Config): Promise<boolean> {
  try {
    const tls = { rejectUnauthorized: false } // our own address on this machine; no secret is sent
    const answers = await Promise.all([
      fetch(`${localUrl(config, config.port)}/readyz`, { tls, signal: AbortSignal.timeout(1_000) }),
      fetch(`${localUrl(config, config.studioPort)}/readyz`, { tls, signal: AbortSignal.timeout(1_000) }),
    ])
    return answers.every((answer) => answer.ok)
  } catch {
    return false // not listening yet
  }
}
