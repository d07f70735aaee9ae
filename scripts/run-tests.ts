// `npm test`: types, lint, then every test, each suite in its own process; ends with "N passed, N failed".
//
//   bun scripts/run-tests.ts            everything
//   bun scripts/run-tests.ts unit e2e   only these suites

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
  { name: 'unit', paths: ['src', 'test/harness'], timeoutMs: 420_000 },
  { name: 'stage', paths: ['test/stage'], timeoutMs: 240_000 },
  { name: 'interop', paths: ['test/interop'], timeoutMs: 240_000 },
  { name: 'system', paths: ['test/system'], timeoutMs: 420_000 },
  { name: 'netns', paths: ['test/netns'], timeoutMs: 180_000 },
  { name: 'kill', paths: ['test/kill'], timeoutMs: 240_000 },
  { name: 'e2e', paths: ['test/e2e'], timeoutMs: 420_000 },
]

/** One test may wait for a browser, a process or a disk. */
const TEST_TIMEOUT_MS = 60_000

interface Result {
  readonly passed: number
  readonly failed: number
}

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
console.log(`\n${total.passed} passed, ${total.failed} failed`)
process.exit(total.failed === 0 && total.passed > 0 ? 0 : 1)

async function runSuite(suite: Suite): Promise<Result> {
  const command = suite.command ?? [
    process.execPath,
    'test',
    `--timeout=${TEST_TIMEOUT_MS}`,
    ...(suite.paths as readonly string[]).map((path) => `./${path}`),
  ]
  const child = Bun.spawn([...command], { stdout: 'pipe', stderr: 'pipe', stdin: 'ignore' })
  let output = ''
  const collect = async (stream: ReadableStream<Uint8Array>) => {
    const decoder = new TextDecoder()
    for await (const bytes of stream) {
      const text = decoder.decode(bytes, { stream: true })
      output += text
      process.stdout.write(text)
    }
  }
  const late = setTimeout(() => {
    console.log(`   ${suite.name} took longer than ${suite.timeoutMs / 1000} s and was ended`)
    child.kill('SIGKILL')
  }, suite.timeoutMs)
  await Promise.all([collect(child.stdout), collect(child.stderr), child.exited])
  clearTimeout(late)
  const succeeded = child.exitCode === 0
  if (suite.command !== undefined) return { passed: succeeded ? 1 : 0, failed: succeeded ? 0 : 1 }
  const passed = count(output, 'pass')
  const failed = count(output, 'fail')
  // A run that ended badly without a failed test (a crash, a time-out, no test found) is a failure all the same.
  return { passed, failed: succeeded ? failed : Math.max(1, failed) }
}

/** The last ` 12 pass` of a test run. */
function count(output: string, word: string): number {
  const found = [...output.matchAll(new RegExp(`^ *(\\d+) ${word}$`, 'gm'))].at(-1)
  return found === undefined ? 0 : Number(found[1])
}

export {}
