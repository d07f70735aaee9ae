// How often a server writes to sockets, counted by strace from outside: the same way for ours and for others'.

import { readFileSync } from 'node:fs'

/** Everything by which bytes reach a socket on Linux. */
const WRITES = ['write', 'writev', 'sendto', 'sendmsg', 'sendfile'] as const

/** Writes per second of all threads of `pid`, over `seconds`; `undefined` where strace may not look. */
export async function writesPerSecond(
  pid: number,
  seconds: number,
  outFile: string,
): Promise<number | undefined> {
  const started = performance.now()
  const strace = Bun.spawn(
    ['strace', '-f', '-c', '-e', `trace=${WRITES.join(',')}`, '-o', outFile, '-p', String(pid)],
    { stdio: ['ignore', 'ignore', 'ignore'] },
  )
  await Bun.sleep(seconds * 1_000)
  strace.kill('SIGINT')
  await strace.exited
  const elapsed = (performance.now() - started) / 1_000
  try {
    // `% time  seconds  usecs/call  calls  [errors]  syscall`
    const rows = [
      ...readFileSync(outFile, 'utf8').matchAll(/^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s+(?:\d+\s+)?(\w+)$/gm),
    ]
    const calls = rows.filter(([, , name]) => (WRITES as readonly string[]).includes(name ?? ''))
    if (calls.length === 0) return undefined
    return calls.reduce((sum, [, count]) => sum + Number(count), 0) / elapsed
  } catch {
    return undefined // strace is not here, or may not trace
  }
}
