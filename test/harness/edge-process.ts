// An edge in a process of its own, for tests that need a descriptor table of their own: argument one is JSON of its
// options. Prints its port, then a line for each line of its log.

import { connectEngine } from '../../src/engine/embedded/remote/client.ts'
import { startEdgeRole } from '../../src/roles/edge/edge-role.ts'
import type { EdgeRoleOptions } from '../../src/roles/edge/edge-role-options.ts'
import { PLAIN_PAGES } from './edge-fixture.ts'

const { engineSocket, ...options } = JSON.parse(process.argv[2] as string) as Omit<
  EdgeRoleOptions,
  'engine' | 'pages' | 'log'
> & { engineSocket: string }
const edge = await startEdgeRole({
  ...options,
  engine: connectEngine({ socketPath: engineSocket }),
  pages: PLAIN_PAGES,
  log: (line) => console.log(line),
})
console.log(`port ${edge.port}`)
