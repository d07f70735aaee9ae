// One stage in a process of its own: what a supervisor starts, without the supervisor.

import type { StageId } from '../../src/base/ids.ts'
import { connectEngine } from '../../src/engine/embedded/remote/client.ts'
import { startStageRole } from '../../src/roles/stage/stage-role.ts'

const options = JSON.parse(process.argv[2] as string) as {
  readonly stageId: StageId
  readonly engineSocket: string
  readonly socketPath: string
  readonly udpPort: number
}
const engine = connectEngine({ socketPath: options.engineSocket })
const stage = await startStageRole({ ...options, engine, bindAddress: '127.0.0.1' })
process.once('SIGTERM', async () => {
  await stage.stop()
  await engine.stop()
  process.exit(0)
})
