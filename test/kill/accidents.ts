// What can happen to a Mimbar around a scheduled second, by a seed: processes killed with -9, a stage that stands still
// for a while as a swapping machine's would, two of those at once; and people who don't come.

import type { RunningMimbar } from '../harness/running-mimbar.ts'
import { until } from '../harness/until.ts'

/** What is done to several spaces at once. `stage`: one of two, which holds some of them and stands by for the others. */
export const FAULTS = [
  'none',
  'control',
  'stage',
  'freeze',
  'log',
  'edge',
  'two',
  'host-away',
  'empty',
] as const
export type Fault = (typeof FAULTS)[number]

/** What that is for one of the spaces, once it is known which stage held it. */
export type Accident =
  | 'none'
  | 'control killed'
  | 'its stage killed'
  | 'the standby killed'
  | 'its stage stopped for 2 s'
  | 'the standby stopped for 2 s'
  | 'log killed'
  | 'an edge killed'
  | 'two at once'
  | 'the host never comes'
  | 'nobody on stage'

/** One process, hit. */
export interface Blow {
  readonly role: string
  readonly by: 'kill' | 'stop'
}

const STOPPED_MS = 2_000
const WHOLE_WITHIN_MS = 40_000
const ROLES = 'control,edge-0,edge-1,log,stage-0,stage-1'

/** Which processes are hit. */
export function blowsOf(fault: Fault, random: () => number): readonly Blow[] {
  const one = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)] as T
  const stage = () => one(['stage-0', 'stage-1'])
  switch (fault) {
    case 'control':
    case 'log':
      return [{ role: fault, by: 'kill' }]
    case 'stage':
      return [{ role: stage(), by: 'kill' }]
    case 'freeze':
      return [{ role: stage(), by: 'stop' }]
    case 'edge':
      return [{ role: one(['edge-0', 'edge-1']), by: 'kill' }]
    case 'two': {
      const all: readonly Blow[] = [
        { role: 'control', by: 'kill' },
        { role: 'log', by: 'kill' },
        { role: 'stage-0', by: 'kill' },
        { role: 'stage-1', by: 'kill' },
        { role: one(['edge-0', 'edge-1']), by: 'kill' },
        { role: stage(), by: 'stop' },
      ]
      const first = one(all)
      return [first, one(all.filter(({ role }) => role !== first.role))]
    }
    default:
      return []
  }
}

export function accidentOf(fault: Fault, blows: readonly Blow[], holder: string | undefined): Accident {
  const isHolder = blows[0]?.role === holder
  switch (fault) {
    case 'none':
      return 'none'
    case 'control':
      return 'control killed'
    case 'log':
      return 'log killed'
    case 'edge':
      return 'an edge killed'
    case 'stage':
      return isHolder ? 'its stage killed' : 'the standby killed'
    case 'freeze':
      return isHolder ? 'its stage stopped for 2 s' : 'the standby stopped for 2 s'
    case 'two':
      return 'two at once'
    case 'host-away':
      return 'the host never comes'
    case 'empty':
      return 'nobody on stage'
  }
}

/** Such as `control + stage-1 stopped`. */
export const wordsOf = (blows: readonly Blow[]): string =>
  blows.map(({ role, by }) => (by === 'stop' ? `${role} stopped` : role)).join(' + ')

/** Hits at once; who was stopped goes on by itself after 2 s. */
export function strike(mimbar: RunningMimbar, blows: readonly Blow[]): void {
  const pids = mimbar.rolePids()
  for (const { role, by } of blows) {
    const pid = pids.get(role)
    if (pid === undefined) throw new Error(`${role} does not run`)
    process.kill(pid, by === 'kill' ? 'SIGKILL' : 'SIGSTOP')
    if (by === 'stop') setTimeout(() => goOn(pid), STOPPED_MS)
  }
}

function goOn(pid: number): void {
  try {
    process.kill(pid, 'SIGCONT')
  } catch {
    // Ended while it stood still: by a second blow, or with the whole.
  }
}

/** Every role runs once, and both doors say that they could serve somebody. */
export async function wholeAgain(mimbar: RunningMimbar): Promise<void> {
  const isWhole = async (): Promise<boolean> => {
    if ([...mimbar.rolePids().keys()].toSorted().join() !== ROLES) return false
    const answers = await Promise.all(
      [mimbar.publicUrl, mimbar.studioUrl].map((url) =>
        fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) }).then(
          ({ ok }) => ok,
          () => false,
        ),
      ),
    )
    return answers.every((ok) => ok)
  }
  await until('everything is whole again', isWhole, WHOLE_WITHIN_MS)
}
