// One Mimbar to a data folder, and ports of its own: made sure of before the first role starts, because a role that
// found out by itself would by then have put its sockets and its token where those of the other one were.

import type { Running } from '../base/lifetime.ts'
import type { Config } from '../config.ts'
import { lockDataFolder, SUPERVISOR_LOCK } from '../roles/log/data-folder-lock.ts'
import { freePorts } from './ports.ts'

/** Somebody who was stopped a moment ago is waited for; somebody who runs is named soon. */
const LOCK_WAIT_MS = 1_000

/** Takes the data folder for this process. Throws `conflict` naming who has it, or which port is taken. */
export async function takeNode(config: Config): Promise<Running> {
  const lock = await lockDataFolder(config.data, LOCK_WAIT_MS, SUPERVISOR_LOCK)
  try {
    await freePorts(config)
  } catch (error) {
    await lock.stop()
    throw error
  }
  return lock
}
