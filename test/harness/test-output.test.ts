import { expect, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type FailedTest, failedTwice, readTestOutput, together } from './test-output.ts'

test('a real run is read back: its counts, and where something failed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mimbar-test-output-'))
  const write = (name: string, body: string) =>
    writeFileSync(join(folder, name), `import { expect, test } from 'bun:test'\n${body}`)
  write('good.test.ts', "test('two is two', () => expect(2).toBe(2))")
  write(
    'bad.test.ts',
    "test('one is one', () => expect(1).toBe(1))\ntest('one is two', () => expect(1).toBe(2))",
  )
  try {
    const child = Bun.spawn([process.execPath, 'test', '.'], { cwd: folder, stdout: 'pipe', stderr: 'pipe' })
    const printed = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()])
    expect(await child.exited).toBe(1)
    expect(readTestOutput(printed.join(''))).toEqual({
      passed: 2,
      failed: 1,
      failures: [{ file: 'bad.test.ts', title: 'one is two' }],
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('an error outside of every test is a failure of its file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mimbar-test-output-'))
  const body = "import { test } from 'bun:test'\ntest('one', () => {})\nthrow new Error('outside')"
  writeFileSync(join(folder, 'outside.test.ts'), body)
  try {
    const child = Bun.spawn([process.execPath, 'test', '.'], { cwd: folder, stdout: 'pipe', stderr: 'pipe' })
    const printed = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()])
    expect(await child.exited).toBe(1)
    expect(readTestOutput(printed.join('')).failures).toEqual([
      { file: 'outside.test.ts', title: 'an error between tests' },
    ])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('a run that crashed before its summary has counted nothing', () => {
  expect(readTestOutput('bun test v1\n\npanic')).toEqual({ passed: 0, failed: 0, failures: [] })
})

test('a test has failed when it passed in neither of two runs', () => {
  const [a, b] = ['a', 'b'].map((title) => ({ file: 'x.test.ts', title })) as [FailedTest, FailedTest]
  const first = { passed: 1, failed: 1, failures: [a] }
  const again = (failures: readonly FailedTest[], succeeded = false) =>
    failedTwice(first, { passed: 1, failed: failures.length, failures, succeeded })
  expect(again([], true)).toEqual([])
  expect(again([b])).toEqual([])
  expect(again([a, b])).toEqual([a])
  expect(again([])).toEqual([a])
  expect(together([first, first])).toEqual({ passed: 2, failed: 2, failures: [a, a] })
})
