// Where everything meets: the command line decides what this process is.

import { MimbarError } from './base/errors.ts'
import { alarmTest } from './cli/alarm-test.ts'
import { doctor } from './cli/doctor.ts'
import { HELP } from './cli/help.ts'
import { links } from './cli/links.ts'
import { rehearse } from './cli/rehearse.ts'
import { start } from './cli/start.ts'
import { runRole } from './node/run-role.ts'
import { runSwarmProcess } from './rehearsal/swarm/swarm-process.ts'

const [command = 'help', ...args] = process.argv.slice(2)

try {
  process.exitCode = await run()
} catch (error) {
  if (!(error instanceof MimbarError)) throw error
  console.error(`mimbar: ${error.message}`)
  process.exitCode = error.code === 'bad-request' ? 2 : 1
}

async function run(): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) return help()
  switch (command) {
    case 'start':
      return start(args)
    case 'links':
      return links(args)
    case 'doctor':
      return doctor(args)
    case 'alarm-test':
      return alarmTest(args)
    case 'rehearse':
      return rehearse(args)
    case 'swarm':
      return runSwarmProcess()
    case 'role':
      return runRole(args)
    case 'help':
    case '--help':
    case '-h':
      return help()
    default:
      throw new MimbarError('bad-request', `There is no command "${command}". "mimbar help" lists them.`)
  }
}

function help(): number {
  console.log(HELP)
  return 0
}
