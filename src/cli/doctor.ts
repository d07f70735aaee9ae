// `mimbar doctor`: looks whether this machine can do it. Each finding says what is so, and what to do about it.

import type { Config } from '../config.ts'
import { checkDomain } from './doctor/domain.ts'
import { checkEgress } from './doctor/egress.ts'
import type { Finding } from './doctor/finding.ts'
import { checkClock, checkCores, checkDescriptors, checkMemory } from './doctor/machine.ts'
import {
  checkDoors,
  checkEphemeralRange,
  checkHandover,
  checkListenBacklog,
  checkStagePorts,
} from './doctor/network.ts'
import { checkRelays } from './doctor/relay.ts'
import { checkDisk, checkFsync } from './doctor/storage.ts'
import { checkCertificate, checkSecureContext } from './doctor/transport.ts'
import { readConfig } from './settings.ts'

type Check = (config: Config) => Promise<Finding | readonly Finding[]>

const CHECKS: readonly Check[] = [
  checkDoors,
  checkStagePorts,
  checkEphemeralRange,
  checkListenBacklog,
  checkEgress,
  checkHandover,
  checkDisk,
  checkFsync,
  checkClock,
  checkSecureContext,
  checkCertificate,
  checkDomain,
  checkRelays,
  checkDescriptors,
  checkMemory,
  checkCores,
]

const MARKS = { ok: '  ok  ', warn: ' warn ', fail: ' FAIL ' } as const

/** Prints every finding; the exit code is 1 when something will not work. */
export async function doctor(args: readonly string[]): Promise<number> {
  const config = readConfig(args)
  const findings = (await Promise.all(CHECKS.map((check) => check(config)))).flat()
  for (const { verdict, what, mend } of findings) {
    console.log(`[${MARKS[verdict]}] ${what}`)
    if (mend !== undefined) console.log(`         → ${mend}`)
  }
  const failed = findings.filter(({ verdict }) => verdict === 'fail').length
  const warned = findings.filter(({ verdict }) => verdict === 'warn').length
  console.log(`\n${findings.length} checks: ${failed} will not work, ${warned} could be better.`)
  return failed === 0 ? 0 : 1
}
