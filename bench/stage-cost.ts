// What a stage costs: `bun bench/stage-cost.ts [speakers]` seats that many people who all talk, for ten seconds, and
// prints the stage process's share of a core and its tick lateness p99. The speakers run beside it, in this process.

import { readFileSync } from 'node:fs'
import { sequence } from '../src/base/units.ts'
import type { StageHeartbeat } from '../src/core/space/facts.ts'
import { House, SPACE } from '../test/stage/house.ts'
import { Speaker } from '../test/stage/speaker.ts'
import { speakerSeats } from './harness/speaker-seats.ts'

const MEASURED_MS = 10_000
const WARM_UP_MS = 3_000
/** USER_HZ, which Linux fixes for programs. */
const TICKS_PER_SECOND = 100

const count = Number(process.argv[2] ?? 2)
const seats = speakerSeats(count)

const house = await House.open({ phase: 'live', programStart: sequence(0), seats })
const pid = await house.spawnStage('stage-0')
const socketPath = house.socketPath('stage-0')
const speakers: Speaker[] = []
for (const [i, { id }] of seats.entries()) {
  speakers.push(
    await Speaker.join({ socketPath, space: SPACE, seat: id, toneHz: 200 + 50 * i, amplitude: 0.2 }),
  )
}
await Bun.sleep(WARM_UP_MS)
const before = cpuSeconds(pid)
await Bun.sleep(MEASURED_MS)
const share = ((cpuSeconds(pid) - before) / MEASURED_MS) * 1_000
const heartbeat = (await (await fetch('http://stage/healthz', { unix: socketPath })).json()) as StageHeartbeat
console.info(
  `speakers=${count} cpuShareOfCore=${(share * 100).toFixed(1)}% tickLatenessMsP99=${heartbeat.tickLatenessMsP99} accepts=${heartbeat.accepts}`,
)
for (const speaker of speakers) speaker.leave()
await house.close()
process.exit(0)

/** User and system time of a process so far (proc(5), fields 14 and 15 of stat). */
function cpuSeconds(process: number): number {
  const fields = readFileSync(`/proc/${process}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}
