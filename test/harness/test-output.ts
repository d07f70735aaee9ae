// What `bun test` printed, read back: how many passed and failed, and in which files something failed.

export interface TestOutput {
  readonly passed: number
  readonly failed: number
  /** Paths as printed, each once, in order. */
  readonly failedFiles: readonly string[]
  /** Titles as printed, without their time. */
  readonly failedTitles: readonly string[]
}

/** Reads the whole output of one run. A run that printed no summary has passed and failed 0. */
export function readTestOutput(output: string): TestOutput {
  const files = new Set<string>()
  const titles: string[] = []
  let file = ''
  for (const line of output.split('\n')) {
    // At the end the failures are listed once more, no longer under their files.
    if (/^\d+ tests? failed:$/.test(line)) break
    const heading = /^(\S+\.test\.tsx?):$/.exec(line)?.[1]
    if (heading !== undefined) file = heading
    const title = /^\(fail\) (.*?)(?: \[[\d.]+ms\])?$/.exec(line)?.[1]
    if (title === undefined) continue
    files.add(file)
    titles.push(title)
  }
  return {
    passed: lastCount(output, 'pass'),
    failed: lastCount(output, 'fail'),
    failedFiles: [...files],
    failedTitles: titles,
  }
}

/** The last ` 12 pass`. */
function lastCount(output: string, word: string): number {
  const found = [...output.matchAll(new RegExp(`^ *(\\d+) ${word}$`, 'gm'))].at(-1)
  return found === undefined ? 0 : Number(found[1])
}
