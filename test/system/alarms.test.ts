// A stage and an edge that are killed and cannot come back: what the people on duty are shown and sent, and that it is
// over when they are back.

import { afterAll, beforeAll, expect, test } from 'bun:test'
import { resolve } from 'node:path'
import type { NodeView } from '../../src/core/watch/node-view.ts'
import { type AlarmReceiver, startAlarmReceiver } from '../harness/alarm-receiver.ts'
import { type RunningMimbar, startMimbar } from '../harness/running-mimbar.ts'
import { until } from '../harness/until.ts'

const MAIN = resolve(import.meta.dir, '../../src/main.ts')
const SECRET = 'the secret of the people on duty'
const WITHIN_MS = 45_000

let receiver: AlarmReceiver
let mimbar: RunningMimbar
const stopped = new Set<number>()
beforeAll(async () => {
  receiver = startAlarmReceiver(SECRET)
  const flags = ['--alarm-webhook', receiver.url, '--alarm-webhook-secret', SECRET]
  mimbar = await startMimbar({ flags })
}, 60_000)
afterAll(async () => {
  goOn()
  await mimbar?.stop()
  await receiver?.stop()
}, 30_000)

test('a stage and an edge killed for good raise alarms, signed and told again after an error, and clear them once they are back', async () => {
  await mimbar.createSpace({ id: 'watched', title: 'What the river says', recorded: false })
  expect((await mimbar.post('/spaces/watched/start')).status).toBe(200)
  await until(
    'everyone is there, and one stage is on air',
    async () => {
      const { stages, edges, spaces } = await node()
      const isUp = ({ presence }: { readonly presence: string }) => presence === 'up'
      return stages.every(isUp) && edges.every(isUp) && spaces[0]?.stage !== undefined
    },
    WITHIN_MS,
  )
  const holder = (await node()).spaces[0]?.stage ?? ''
  const other = holder === 'stage-0' ? 'stage-1' : 'stage-0'

  receiver.answerNext(500)
  await Promise.all([killAndHold(holder), killAndHold('edge-1')])
  const wanted = [`stage-down ${holder}`, `standby-missing ${other}`, 'edge-lost edge-1'].sort()
  const posted = (state: string) => receiver.taken().filter((one) => one.state === state && isWanted(one))
  // A test machine's disk may be full, and its other processes late: that is another matter.
  const isWanted = (one: { readonly alarm: string; readonly subject: string }) => wanted.includes(nameOf(one))

  await until('all are posted as raised', () => posted('raised').length === wanted.length, WITHIN_MS)
  expect(posted('raised').map(nameOf).sort()).toEqual(wanted)
  expect(posted('cleared')).toEqual([])
  const view = await node()
  expect(view.alarms.filter(isWanted).map(nameOf).sort()).toEqual(wanted)
  expect(view.stages.find(({ stage }) => stage === holder)?.presence).toBe('lost')
  // The listeners' program goes on meanwhile.
  expect(view.spaces[0]?.stage).toBe(other)

  goOn()
  await until('all are posted as cleared', () => posted('cleared').length === wanted.length, WITHIN_MS)
  expect((await node()).alarms.filter(isWanted)).toEqual([])
  for (const one of posted('raised')) {
    const over = posted('cleared').filter((cleared) => nameOf(cleared) === nameOf(one))
    expect(over.map(({ since }) => since)).toEqual([one.since])
  }
  expect(receiver.tries.every(({ isSigned }) => isSigned)).toBe(true)
  const refused = receiver.tries[0]
  const again = receiver.tries.filter(({ alarm }) => alarm.id === refused?.alarm.id)
  expect(again.map(({ status }) => status)).toEqual([500, 204])
  expect(mimbar.output()).not.toContain('not-to-be-told')

  // Asked to go, it hands over and comes back: nobody is woken for that.
  const pid = mimbar.rolePids().get(other) as number
  process.kill(pid, 'SIGTERM')
  await until(
    'it is back',
    async () => {
      const { stages } = await node()
      const isBack = mimbar.rolePids().get(other) !== pid
      return isBack && stages.every(({ presence }) => presence === 'up')
    },
    WITHIN_MS,
  )
  expect(receiver.taken().map(nameOf)).not.toContain(`stage-down ${other}`)
}, 180_000)

test('the command line tells whether a test alarm arrives', async () => {
  const run = async () => {
    const child = Bun.spawn([process.execPath, MAIN, 'alarm-test', '--data', mimbar.dataFolder], {
      stdout: 'pipe',
      stderr: 'pipe',
    })
    const [out, error] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
    ])
    return { code: await child.exited, said: out + error }
  }
  expect(await run()).toEqual({ code: 0, said: 'The test alarm was delivered.\n' })
  receiver.answerNext(403)
  const refused = await run()
  expect(refused.code).toBe(1)
  expect(refused.said).toContain('403')
}, 60_000)

const nameOf = ({ alarm, subject }: { readonly alarm: string; readonly subject: string }): string =>
  `${alarm} ${subject}`

async function node(): Promise<NodeView> {
  const answer = await fetch(`${mimbar.studioUrl}/api/v1/node`, {
    headers: { authorization: `Bearer ${mimbar.operatorSecret}` },
  })
  return (await answer.json()) as NodeView
}

/** Kills `role`, and stops whoever is started in its place before it can say a word. */
async function killAndHold(role: string): Promise<void> {
  const pid = mimbar.rolePids().get(role)
  if (pid === undefined) throw new Error(`${role} does not run`)
  process.kill(pid, 'SIGKILL')
  const startedAgain = () => {
    const now = mimbar.rolePids().get(role)
    return now !== pid && now
  }
  const next = await until(`${role} is started again`, startedAgain, WITHIN_MS)
  process.kill(next, 'SIGSTOP')
  stopped.add(next)
}

function goOn(): void {
  for (const pid of stopped) process.kill(pid, 'SIGCONT')
  stopped.clear()
}
