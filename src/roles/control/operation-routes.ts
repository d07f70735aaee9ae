// What people and machines on duty ask.

import { MimbarError } from '../../base/errors.ts'
import { OPENMETRICS_TYPE } from './meters.ts'
import type { ControlApp, ControlParts } from './parts.ts'

/** An engine that takes longer to answer one read is not ready. */
const READY_WITHIN_MS = 1_000

export function addOperationRoutes(app: ControlApp, parts: ControlParts): void {
  app.get('/healthz', (c) => c.text('ok\n'))

  app.get('/readyz', async (c) => {
    const late = Bun.sleep(READY_WITHIN_MS).then(() => {
      throw new MimbarError('unavailable', `The engine did not answer within ${READY_WITHIN_MS} ms.`)
    })
    await Promise.race([parts.engine.roster.get('space/'), late])
    return c.text('ready\n')
  })

  app.get('/metrics', (c) => {
    const { spaces, views, clock } = parts
    const text = parts.meters.print({
      store: spaces.store,
      streams: views.open,
      clock,
      more: [
        ...parts.soundChecks.metrics(),
        ...parts.node.metrics(),
        ...(parts.certificate?.metrics() ?? []),
      ],
    })
    return c.body(text, 200, { 'content-type': OPENMETRICS_TYPE })
  })
}
