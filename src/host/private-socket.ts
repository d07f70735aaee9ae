// A unix socket on which a role serves the others of its node. The file's mode is the lock: whoever may open it is
// this user, and is believed.

import { rmSync } from 'node:fs'
import type { Running } from '../base/lifetime.ts'

export interface PrivateSocketOptions {
  readonly socketPath: string
  readonly bodyBytesMax: number
  readonly fetch: (request: Request) => Response | Promise<Response>
  /** Answers what `fetch` threw. */
  readonly error?: (error: Error) => Response
}

/** Serves on `socketPath`, for this user alone. `stop` cuts the connections and removes the file. */
export function servePrivateSocket(options: PrivateSocketOptions): Running {
  const { socketPath, bodyBytesMax, fetch, error } = options
  // A socket that a killed process left behind is in the way of its successor.
  rmSync(socketPath, { force: true })
  // The mode has to be right from the first moment, not from a chmod a moment later.
  const mask = process.umask(0o177)
  let server: Bun.Server<undefined>
  try {
    server = Bun.serve({
      unix: socketPath,
      maxRequestBodySize: bodyBytesMax,
      fetch,
      ...(error === undefined ? {} : { error }),
    })
  } finally {
    process.umask(mask)
  }
  return {
    stop: async () => {
      await server.stop(true)
      rmSync(socketPath, { force: true })
    },
  }
}
