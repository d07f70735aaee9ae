// `mimbar alarm-test`: has the running system post a test alarm to its webhook, and says whether it arrived.

import { operatorCalls } from './operator-calls.ts'

/** `alarm-test [settings]`. Throws `unavailable` with what went wrong. */
export async function alarmTest(args: readonly string[]): Promise<number> {
  await operatorCalls(args)('/api/v1/node/alarm-test')
  console.log('The test alarm was delivered.')
  return 0
}
