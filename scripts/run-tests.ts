// `npm test`: types, lint, then every test, each suite in its own process; ends with "N passed, N failed".
//
//   bun scripts/run-tests.ts            everything
//   bun scripts/run-tests.ts unit e2e   only these suites

import { readTestOutput } from '../test/harness/test-output.ts'

interface Suite {
  readonly name: string
  /** Test paths for `bun test`; or a command that passes or fails as a whole. */
  readonly paths?: readonly string[]
  readonly command?: readonly string[]
  readonly timeoutMs: number
}

/** Longest first is no use here: the quick ones first, so that a slip shows early. */
const SUITES: readonly Suite[] = [
  { name: 'types', command: ['npm', 'run', '--silent', 'types'], timeoutMs: 120_000 },
  { name: 'lint', command: ['npm', 'run', '--silent', 'lint'], timeoutMs: 60_000 },
  { name: 'architecture', paths: ['test/architecture'], timeoutMs: 60_000 },
  { name: 'unit', paths: ['src', 'test/harness', 'test/sim'], timeoutMs: 420_000 },
  { name: 'stage', paths: ['test/stage'], timeoutMs: 240_000 },
  { name: 'interop', paths: ['test/interop'], timeoutMs: 240_000 },
  { name: 'system', paths: ['test/system'], timeoutMs: 600_000 },
  { name: 'netns', paths: ['test/netns'], timeoutMs: 480_000 },
  { name: 'kill', paths: ['test/kill'], timeoutMs: 480_000 },
  { name: 'e2e', paths: ['test/e2e'], timeoutMs: 900_000 },
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

async function runSuite(suite: Suite): Promise<Result> {
  if (suite.command !== undefined) {
    const { succeeded } = await run(suite, suite.command)
    if (!succeeded) failures.push(suite.name)
    return { passed: succeeded ? 1 : 0, failed: succeeded ? 0 : 1 }
  }
  const first = await runTests(
    suite,
    (suite.paths ?? []).map((path) => `./${path}`),
  )
  if (first.succeeded) return first
  const { failedFiles, failedTitles } = first
  const failWith = (titles: readonly string[]): Result => {
    failures.push(
      ...(titles.length > 0 ? titles : ['ended without saying what']).map(
        (title) => `${suite.name}: ${title}`,
      ),
    )
    return { passed: first.passed, failed: Math.max(1, first.failed) }
  }
  // Suites that wait for real clocks, browsers and processes share two cores with them. Files in which something
  // failed are run once more, by themselves; what passes then counts, and is named.
  if (failedFiles.length === 0 || failedFiles.length > SECOND_TRY_FILES_MAX) return failWith(failedTitles)
  console.log(`   second try: ${failedFiles.join(' ')}`)
  const second = await runTests(
    suite,
    failedFiles.map((file) => `./${file}`),
  )
  if (!second.succeeded) return failWith(second.failedTitles)
  unsteady.push(...failedTitles)
  return { passed: first.passed + first.failed, failed: 0 }
}

/** Runs test files. A run that ended badly without a failed test (a crash, a time-out, no test found) is no success. */
async function runTests(suite: Suite, paths: readonly string[]) {
  const { succeeded, report } = await run(suite, [
    process.execPath,
    'test',
    `--timeout=${TEST_TIMEOUT_MS}`,
    ...paths,
  ])
  return { succeeded, ...readTestOutput(report) }
}

/** Runs a command, showing what it prints as it prints it. */
async function run(suite: Suite, command: readonly string[]) {
  const child = Bun.spawn([...command], { stdout: 'pipe', stderr: 'pipe', stdin: 'ignore' })
  const show = async (stream: ReadableStream<Uint8Array>): Promise<string> => {
    const decoder = new TextDecoder()
    let shown = ''
    for await (const bytes of stream) {
      const text = decoder.decode(bytes, { stream: true })
      shown += text
      process.stdout.write(text)
    }
    return shown
  }
  const late = setTimeout(() => {
    console.log(`   ${suite.name} took longer than ${suite.timeoutMs / 1000} s and was ended`)
    child.kill('SIGKILL')
  }, suite.timeoutMs)
  // `bun test` reports on stderr; what tests print themselves is on stdout.
  const [report] = await Promise.all([show(child.stderr), show(child.stdout), child.exited])
  clearTimeout(late)
  return { succeeded: child.exitCode === 0, report }
}
