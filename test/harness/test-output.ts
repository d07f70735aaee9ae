// What `bun test` printed, read back: how many passed and failed, which, and what a second try makes of it.

export interface FailedTest {
  /** Path as printed. */
  readonly file: string
  /** As printed, without its time. */
  readonly title: string
}

export interface TestOutput {
  readonly passed: number
  readonly failed: number
  /** In order. */
  readonly failures: readonly FailedTest[]
}

/** What stands for an error outside of every test. */
const BETWEEN_TESTS = 'an error between tests'

/** Reads the whole output of one run. A run that printed no summary has passed and failed 0. */
export function readTestOutput(output: string): TestOutput {
  const failures: FailedTest[] = []
  let file = ''
  for (const line of output.split('\n')) {
    // At the end the failures are listed once more, no longer under their files.
    if (/^\d+ tests? failed:$/.test(line)) break
    const heading = /^(\S+\.test\.tsx?):$/.exec(line)?.[1]
    if (heading !== undefined) file = heading
    const title = /^\(fail\) (.*?)(?: \[[\d.]+ms\])?$/.exec(line)?.[1]
    if (title !== undefined) failures.push({ file, title })
    if (line.startsWith('# Unhandled error between tests')) failures.push({ file, title: BETWEEN_TESTS })
  }
  return { passed: lastCount(output, 'pass'), failed: lastCount(output, 'fail'), failures }
}

/** Sums of runs of different files. */
export function together(runs: readonly TestOutput[]): TestOutput {
  return {
    passed: runs.reduce((sum, run) => sum + run.passed, 0),
    failed: runs.reduce((sum, run) => sum + run.failed, 0),
    failures: runs.flatMap((run) => run.failures),
  }
}

/**
 * What stands after the failed files were run once more: a test has failed when it never passed. A second run that
 * crashed, or failed without a word, proves nothing.
 */
export function failedTwice(
  first: TestOutput,
  second: TestOutput & { readonly succeeded: boolean },
): readonly FailedTest[] {
  if (second.succeeded) return []
  if (second.failures.length === 0) return first.failures
  const again = new Set(second.failures.map(nameOf))
  return first.failures.filter((failure) => again.has(nameOf(failure)))
}

const nameOf = ({ file, title }: FailedTest): string => `${file} > ${title}`

/** The last ` 12 pass`. */
function lastCount(output: string, word: string): number {
  const found = [...output.matchAll(new RegExp(`^ *(\\d+) ${word}$`, 'gm'))].at(-1)
  return found === undefined ? 0 : Number(found[1])
}
