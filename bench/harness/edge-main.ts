// The process of `EdgeProcess`: the edge role over the engine of a bench, as the supervisor would start it.

import type { EdgeShare } from '../../src/core/capacity/edge-share.ts'
import { connectEngine } from '../../src/engine/embedded/remote/client.ts'
import { startEdgeRole } from '../../src/roles/edge/edge-role.ts'
import { PLAIN_PAGES } from '../../test/harness/edge-fixture.ts'
import { randomPort } from '../../test/harness/random-port.ts'
import type { EdgeOrder, EdgeWord } from './edge-process.ts'

/** The door stands wide open: what a figure is about is the edge, not what it is allowed to take on. */
const WITHOUT_LIMIT = 1_000_000
const OPEN = {
  streamsMax: 18_000,
  returningMax: 18_000,
  joinsPerSecond: WITHOUT_LIMIT,
  prefersLow: false,
  plainPlaylists: false,
}
const ADDRESSES = {
  joinsPerSecond: WITHOUT_LIMIT,
  requestsPerSecond: WITHOUT_LIMIT,
  streamsMax: WITHOUT_LIMIT,
}

process.on('message', (order: EdgeOrder | 'collect') => {
  if (order === 'collect') {
    Bun.gc(true)
    tell({ kind: 'collected' })
  } else void start(order)
})
process.on('disconnect', () => process.exit())
process.on('SIGTERM', () => process.exit())

async function start({ engineSocket, joinsPerSecond, ...options }: EdgeOrder): Promise<void> {
  const share: EdgeShare = joinsPerSecond === undefined ? OPEN : { ...OPEN, joinsPerSecond }
  const edge = await startEdgeRole({
    ...options,
    engine: connectEngine({ socketPath: engineSocket }),
    pages: PLAIN_PAGES,
    // All of 127.0.0.0/8, so that clients are not bound by the ports towards one address.
    host: '0.0.0.0',
    port: options.port === 0 ? randomPort() : options.port,
    studioUrl: 'http://studio.test:8081',
    // What is compared is the cost of one write rate: the interval stays what the bench says, whatever the load.
    flushMsMax: options.flushMs,
    share: () => share,
    addresses: ADDRESSES,
    log: (line) => console.error(line),
  })
  tell({ kind: 'ready', port: edge.port })
}

function tell(word: EdgeWord): void {
  process.send?.(word)
}
