// `npm test`: types, lint, then every test, each suite in its own process; ends with "N passed, N failed".
//
//   bun scripts/run-tests.ts            everything
//   bun scripts/run-tests.ts unit e2e   only these suites

import { readdirSync } from 'node:fs'
import { type FailedTest, failedTwice, readTestOutput, together } from '../test/harness/test-output.ts'

interface Suite {
  readonly name: string
  /** Test paths for `bun test`, a run for each lane, side by side; or a command that passes or fails as a whole. */
  readonly lanes?: readonly (readonly string[])[]
  readonly command?: readonly string[]
  readonly timeoutMs: number
}

/** Roles wait for clocks and sockets most of their time, the rest computes: side by side both are done sooner. */
const UNIT_LANES = twoLanes(['src', 'test/harness', 'test/sim'], ['src/roles'])

/** Those with crowds and players; and those that mostly wait, for clocks, for restarts, for others to give up. */
const SYSTEM_LANES = twoLanes(
  ['test/system'],
  ['count', 'full-house', 'players', 'rehearsal'].map((name) => `test/system/${name}.test.ts`),
)

/** Longest first is no use here: the quick ones first, so that a slip shows early. */
const SUITES: readonly Suite[] = [
  { name: 'types', command: ['npm', 'run', '--silent', 'types'], timeoutMs: 120_000 },
  { name: 'lint', command: ['npm', 'run', '--silent', 'lint'], timeoutMs: 60_000 },
  { name: 'architecture', lanes: [['test/architecture']], timeoutMs: 60_000 },
  { name: 'unit', lanes: UNIT_LANES, timeoutMs: 420_000 },
  // Both live by the wall clock, and leave most of the machine to each other.
  { name: 'media', lanes: [['test/stage'], ['test/interop']], timeoutMs: 300_000 },
  { name: 'system', lanes: SYSTEM_LANES, timeoutMs: 600_000 },
  { name: 'netns', lanes: [['test/netns']], timeoutMs: 480_000 },
  { name: 'kill', lanes: [['test/kill']], timeoutMs: 480_000 },
  { name: 'e2e', lanes: [['test/e2e']], timeoutMs: 900_000 },
]

/** One test may wait for a browser, a process or a disk. */
const TEST_TIMEOUT_MS = 60_000
/** More files than this with a failure are no accident, and are not tried again. */
const SECOND_TRY_FILES_MAX = 3

interface Result {
  readonly passed: number
  readonly failed: number
}

/** What failed, by suite and title. Told at the end as well: a log of this length is often kept by its tail alone. */
const failures: string[] = []
/** Failed at first, passed alone: told at the end, since each of them is a bug, of the test or of Mimbar. */
const unsteady: string[] = []

const wanted = process.argv.slice(2)
const total = { passed: 0, failed: 0 }
for (const suite of SUITES) {
  if (wanted.length > 0 && !wanted.includes(suite.name)) continue
  console.log(`\n── ${suite.name}`)
  const startedAt = performance.now()
  const { passed, failed } = await runSuite(suite)
  total.passed += passed
  total.failed += failed
  console.log(
    `   ${suite.name}: ${passed} passed, ${failed} failed in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`,
  )
}
for (const failure of failures) console.log(`\nFAILED: ${failure}`)
for (const title of unsteady) console.log(`\nUNSTEADY, passed at the second try: ${title}`)
console.log(`\n${total.passed} passed, ${total.failed} failed`)
process.exit(total.failed === 0 && total.passed > 0 ? 0 : 1)

/** Everything that `folders` hold in two lanes: `first`, and the rest. */
function twoLanes(folders: readonly string[], first: readonly string[]): readonly (readonly string[])[] {
  const entries = folders.flatMap((folder) =>
    readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() || /\.test\.tsx?$/.test(entry.name))
      .map(({ name }) => `${folder}/${name}`),
  )
  return [first, entries.filter((entry) => !first.includes(entry))]
}

async function runSuite(suite: Suite): Promise<Result> {
  if (suite.command !== undefined) {
    const { succeeded } = await run(suite, suite.command, 'as it comes')
    if (!succeeded) failures.push(suite.name)
    return { passed: succeeded ? 1 : 0, failed: succeeded ? 0 : 1 }
  }
  const lanes = suite.lanes ?? []
  const first = await runTests(suite, lanes)
  if (first.succeeded) return first
  const files = [...new Set(first.failures.map(({ file }) => file))]
  // Suites that wait for real clocks, browsers and processes share two cores with them. Files in which something
  // failed are run once more, by themselves; what passes then counts, and is named.
  const isTriedAgain = first.isWhole && files.length <= SECOND_TRY_FILES_MAX
  if (isTriedAgain) console.log(`   second try: ${files.join(' ')}`)
  const stood = isTriedAgain ? failedTwice(first, await runTests(suite, [files])) : first.failures
  const name = ({ file, title }: FailedTest) => `${suite.name}: ${file}: ${title}`
  failures.push(...stood.map(name))
  unsteady.push(...first.failures.filter((failure) => !stood.includes(failure)).map(name))
  if (isTriedAgain) {
    const total = first.passed + first.failed
    return { passed: total - stood.length, failed: stood.length }
  }
  if (!first.isWhole) failures.push(`${suite.name}: a run ended without saying what failed`)
  return { passed: first.passed, failed: Math.max(1, first.failed) }
}

/** Runs test files. A run that ended badly without a failed test (a crash, a time-out, no test found) is no success. */
async function runTests(suite: Suite, lanes: readonly (readonly string[])[]) {
  const runs = await Promise.all(
    lanes.map(async (paths, lane) => {
      const files = paths.map((path) => `./${path.replace(/^\.\//, '')}`)
      const command = [process.execPath, 'test', `--timeout=${TEST_TIMEOUT_MS}`, ...files]
      // Two that speak at once are not to be read: all but the first are shown when they are done.
      return await run(suite, command, lane === 0 ? 'as it comes' : 'at the end')
    }),
  )
  const outputs = runs.map(({ report, succeeded }) => ({ succeeded, ...readTestOutput(report) }))
  return {
    succeeded: outputs.every(({ succeeded }) => succeeded),
    /** Every run came to its end, and says what failed if something did. */
    isWhole: outputs.every(
      ({ succeeded, passed, failed, failures }) => succeeded || (passed + failed > 0 && failures.length > 0),
    ),
    ...together(outputs),
  }
}

/** Runs a command, and shows what it prints. */
async function run(suite: Suite, command: readonly string[], shown: 'as it comes' | 'at the end') {
  const child = Bun.spawn([...command], { stdout: 'pipe', stderr: 'pipe', stdin: 'ignore' })
  const late = setTimeout(() => {
    console.log(`   ${suite.name} took longer than ${suite.timeoutMs / 1000} s and was ended`)
    child.kill('SIGKILL')
  }, suite.timeoutMs)
  let printed = ''
  const read = async (stream: ReadableStream<Uint8Array>): Promise<string> => {
    const decoder = new TextDecoder()
    let text = ''
    for await (const bytes of stream) {
      const piece = decoder.decode(bytes, { stream: true })
      text += piece
      if (shown === 'as it comes') process.stdout.write(piece)
      else printed += piece
    }
    return text
  }
  // `bun test` reports on stderr; what tests print themselves is on stdout.
  const [report] = await Promise.all([read(child.stderr), read(child.stdout), child.exited])
  clearTimeout(late)
  if (printed !== '') process.stdout.write(printed)
  return { succeeded: child.exitCode === 0, report }
}
