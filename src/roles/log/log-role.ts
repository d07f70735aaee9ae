// The log role: the one process of a node that has the data folder's engine, and serves it to the others.

import { mkdir, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Running } from '../../base/lifetime.ts'
import { type EmbeddedEngineOptions, openEmbeddedEngine } from '../../engine/embedded/engine.ts'
import { type ServedEngine, serveEngine } from '../../engine/embedded/remote/server.ts'
import { announce } from '../../host/announce.ts'
import { lockDataFolder } from './data-folder-lock.ts'

export interface LogRoleOptions extends EmbeddedEngineOptions {
  /** Where the other roles of this node find the engine. Its folder is made, for this user only. */
  readonly socketPath: string
  /** Serves other nodes, too. */
  readonly tcp?: { readonly hostname: string; readonly port: number; readonly token: string }
  /** How long a predecessor that is still dying is waited for. */
  readonly lockWaitMs?: number
}

export interface LogRole extends Running {
  /** The TCP port, where it serves one. */
  readonly port?: number
}

/**
 * Takes the data folder, repairs what an unclean stop has left, and serves. Throws `conflict`, naming the process,
 * when another one has the folder. `stop` cuts the connections, writes and syncs everything, and lets go.
 */
export async function startLogRole(options: LogRoleOptions): Promise<LogRole> {
  const { dataFolder, socketPath, tcp } = options
  const running: Running[] = []
  const stop = async (): Promise<void> => {
    for (let last = running.pop(); last !== undefined; last = running.pop()) await last.stop()
  }
  try {
    running.push(await lockDataFolder(dataFolder, options.lockWaitMs))
    const engine = await openEmbeddedEngine({ report: (line) => announce(`log: ${line}`), ...options })
    running.push(engine)
    await mkdir(dirname(socketPath), { recursive: true, mode: 0o700 })
    // Whoever had it is gone: we hold the lock.
    await rm(socketPath, { force: true })
    running.push(await serveEngine(engine, { socketPath }))
    let overTcp: ServedEngine | undefined
    if (tcp !== undefined) {
      overTcp = await serveEngine(engine, tcp)
      running.push(overTcp)
    }
    return { stop, ...(overTcp?.port === undefined ? {} : { port: overTcp.port }) }
  } catch (error) {
    await stop()
    throw error
  }
}
