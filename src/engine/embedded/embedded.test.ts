// The embedded engine keeps the contract: in this process, and served over a unix socket.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { describeFeed } from '../contract/feed.ts'
import { describeHeld } from '../contract/held.ts'
import { describeHolding } from '../contract/holding.ts'
import { describeLease } from '../contract/lease.ts'
import { describePartLog } from '../contract/part-log.ts'
import { describeRoster } from '../contract/roster.ts'
import type { MakeSubject, Subject, SubjectOptions } from '../contract/subject.ts'
import type { Engine } from '../ports.ts'
import { openEmbeddedEngine } from './engine.ts'
import { connectEngine } from './remote/client.ts'
import { serveEngine } from './remote/server.ts'

interface Started {
  readonly engine: Engine
  stop(): Promise<void>
}

function subjects(start: (folder: string, options: SubjectOptions) => Promise<Started>): MakeSubject {
  return async (options = {}): Promise<Subject> => {
    const folder = mkdtempSync(`${tmpdir()}/mimbar-engine-`)
    let started = await start(folder, options)
    return {
      get engine() {
        return started.engine
      },
      async restart() {
        await started.stop()
        started = await start(folder, options)
      },
      async stop() {
        await started.stop()
        rmSync(folder, { recursive: true })
      },
    }
  }
}

const inProcess = subjects(async (dataFolder, options) => {
  const engine = await openEmbeddedEngine({ dataFolder, ...options })
  return { engine, stop: () => engine.stop() }
})

const overSocket = subjects(async (dataFolder, options) => {
  const engine = await openEmbeddedEngine({ dataFolder, ...options })
  const socketPath = `${dataFolder}/engine.sock`
  const server = await serveEngine(engine, { socketPath })
  const client = connectEngine({ socketPath })
  const stop = async (): Promise<void> => {
    await client.stop()
    await server.stop()
    await engine.stop()
  }
  return { engine: client, stop }
})

for (const [name, make] of [
  ['in process', inProcess],
  ['over a unix socket', overSocket],
] as const) {
  describePartLog(name, make)
  describeHeld(name, make)
  describeHolding(name, make)
  describeLease(name, make)
  describeFeed(name, make)
  describeRoster(name, make)
}
