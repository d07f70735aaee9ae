// What a process has used, by the kernel's word (proc(5)): the same measure for ours and for everyone we compare with.
// On loopback the kernel does most of the receiver's work inside the sender's `send`; that is in these figures, for
// every contender alike.

import { readdirSync, readFileSync } from 'node:fs'

/** USER_HZ, which Linux fixes for programs. */
const TICKS_PER_SECOND = 100

/** User and system time of all threads so far, exact to 10 ms; children that ended are not in it. */
export function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}

/** Resident memory, less what is mapped from files: code that is paged in is no listener's. */
export function residentBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const kilobytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1])
  return (kilobytes('RssAnon') + kilobytes('RssShmem')) * 1024
}

export function descriptors(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length
}

/** CPU seconds that `pid` uses while `work` runs, and how long that was. */
export async function cost(pid: number, work: () => Promise<unknown>) {
  const before = cpuSeconds(pid)
  const startedAtMs = performance.now()
  await work()
  return { cpuSeconds: cpuSeconds(pid) - before, seconds: (performance.now() - startedAtMs) / 1_000 }
}
