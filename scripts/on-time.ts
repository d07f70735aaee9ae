// The proof that programs begin on time: a hundred scheduled starts in one running Mimbar, some at a time, with an
// accident within 3 s of each second. Prints for each kind of accident how late the program (or its slate) was in the
// hands of those who listened; fails when one was lost, later than the limit, or not written down, or when a part that
// the log has was not given to those who listened. A nightly command; docs/on-time.md tells what is measured.
//
//   bun scripts/on-time.ts                              100 starts, about nine minutes
//   bun scripts/on-time.ts --starts 12 --only stage --seed 7 --at-once 3 --late-ms-max 1000

import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { type RunningMimbar, startMimbar } from '../test/harness/running-mimbar.ts'
import { seeded } from '../test/harness/seeded.ts'
import { FAULTS, type Fault, wholeAgain } from '../test/kill/accidents.ts'
import { playRound, type Start } from '../test/kill/start-scene.ts'

/** Nobody waits longer for sound (docs: "What we promise"). The worst of all, not a percentile. */
const LATE_MS_MAX = 3_000
/** More spaces at once would measure how many a machine can begin at the same second, which is another question. */
const AT_ONCE_MAX = 4

const { values } = parseArgs({
  options: {
    starts: { type: 'string', default: '100' },
    'at-once': { type: 'string', default: String(AT_ONCE_MAX) },
    only: { type: 'string' },
    seed: { type: 'string', default: '1' },
    'late-ms-max': { type: 'string', default: String(LATE_MS_MAX) },
  },
})
const lateMsMax = numberOf('late-ms-max', 1, 60_000)
const wanted = numberOf('starts', 1, 10_000)
const atOnce = numberOf('at-once', 1, AT_ONCE_MAX)
const random = seeded(numberOf('seed', 0, 2 ** 32))
const kinds = FAULTS.filter((fault) => values.only === undefined || values.only === fault)
if (kinds.length === 0) fail(`--only takes one of ${FAULTS.join(', ')}`)

const found: Start[] = []
const mimbar = await startMimbar()
try {
  await playAll(mimbar)
} finally {
  await mimbar.stop()
}
const isGood = report(found)
process.exit(isGood ? 0 : 1)

async function playAll(running: RunningMimbar): Promise<void> {
  const faults = faultsOf(Math.ceil(wanted / atOnce))
  await wholeAgain(running)
  for (const [i, fault] of faults.entries()) {
    const starts = await playRound(running, {
      fault,
      starts: Math.min(atOnce, wanted - found.length),
      random,
      name: `on-time-${i}`,
    })
    found.push(...starts)
    for (const start of starts) console.log(`${found.length}: ${JSON.stringify(start)}`)
  }
}

/** Each kind as often as any other, give or take one, in an order that follows from the seed (Fisher and Yates). */
function faultsOf(rounds: number): readonly Fault[] {
  const faults = Array.from({ length: rounds }, (_, i) => kinds[i % kinds.length] as Fault)
  for (let i = faults.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    ;[faults[i], faults[j]] = [faults[j] as Fault, faults[i] as Fault]
  }
  return faults
}

/** Prints the table, and what was wrong; true when nothing was. */
function report(starts: readonly Start[]): boolean {
  const load = loadavg().map((one) => one.toFixed(1))
  console.log(`\nload averages at the end: ${load.join(', ')}; ms; ${starts.length} starts\n`)
  console.log(
    '| accident | starts | late p50 | p95 | worst | who comes then, worst | silence, worst | parts not given / not made |',
  )
  console.log('| --- | --- | --- | --- | --- | --- | --- | --- |')
  const accidents = [...new Set(starts.map(({ accident }) => accident))].toSorted()
  for (const accident of [...accidents, 'all'] as const) {
    const of = starts.filter((start) => accident === 'all' || start.accident === accident)
    const late = of.flatMap(({ latenessMs }) => latenessMs ?? []).toSorted((a, b) => a - b)
    const at = (share: number) => late[Math.max(0, Math.ceil(late.length * share) - 1)] ?? Number.NaN
    const worst = (pick: (start: Start) => number | undefined) =>
      Math.max(...of.map((start) => pick(start) ?? 0))
    const sum = (pick: (start: Start) => number) => of.reduce((total, start) => total + pick(start), 0)
    const parts = `${sum((one) => one.partsNotGiven ?? 0)} / ${sum((one) => one.partsNotMade)}`
    console.log(
      `| ${accident} | ${of.length} | ${at(0.5)} | ${at(0.95)} | ${at(1)} | ` +
        `${worst((one) => one.newcomerAfterMs)} | ${worst((one) => one.silenceMs)} | ${parts} |`,
    )
  }
  const recorded = starts.flatMap(({ recordedLatenessMs }) => recordedLatenessMs ?? [])
  console.log(
    `\nwritten down by Mimbar: ${recorded.length} of ${starts.length}, the worst ${Math.max(...recorded)} ms`,
  )
  const wrong = starts
    .map((start) => ({ start, faults: faultsIn(start) }))
    .filter((one) => one.faults.length > 0)
  for (const { start, faults } of wrong) console.log(`WRONG: ${faults.join(', ')}: ${JSON.stringify(start)}`)
  return wrong.length === 0 && starts.length === wanted
}

function faultsIn(start: Start): readonly string[] {
  const { latenessMs, newcomerAfterMs, partsNotGiven, page, recordedLatenessMs } = start
  return [
    ...(latenessMs === undefined ? ['it was lost'] : []),
    ...((latenessMs ?? 0) > lateMsMax ? [`later than ${lateMsMax} ms`] : []),
    ...((newcomerAfterMs ?? Number.POSITIVE_INFINITY) > lateMsMax ? ['who came then waited too long'] : []),
    ...(partsNotGiven === 0 ? [] : ['parts that the log has were not given']),
    ...(page === '200' ? [] : ['no page']),
    ...(recordedLatenessMs === undefined ? ['its lateness is not written down'] : []),
  ]
}

function numberOf(name: 'starts' | 'at-once' | 'seed' | 'late-ms-max', least: number, most: number): number {
  const value = Number(values[name])
  if (!Number.isInteger(value) || value < least || value > most) {
    fail(`--${name} takes a whole number from ${least} to ${most}`)
  }
  return value
}

function fail(words: string): never {
  console.error(`mimbar: ${words}`)
  process.exit(1)
}
