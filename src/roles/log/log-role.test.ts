// The log role as a process of its own: killed again and again, stopped in mid-air, and asked for twice.

import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { hasCode } from '../../base/errors.ts'
import { epoch, sequence } from '../../base/units.ts'
import { partOf, SPACE, sequencesIn, specOf, until } from '../../engine/contract/program.ts'
import { connectEngine } from '../../engine/embedded/remote/client.ts'
import type { PartLog } from '../../engine/ports.ts'
import { startLogRole } from './log-role.ts'

let folder = ''
let run = 0
const children = new Set<Bun.Subprocess>()

beforeAll(() => {
  folder = mkdtempSync(`${tmpdir()}/mimbar-log-`)
})
afterAll(async () => {
  for (const child of children) await kill(child)
  rmSync(folder, { recursive: true })
})

interface Place {
  readonly dataFolder: string
  readonly socketPath: string
}

function newPlace(): Place {
  run += 1
  return { dataFolder: `${folder}/${run}`, socketPath: `${folder}/${run}/run/engine.sock` }
}

const MODULE = new URL('./log-role.ts', import.meta.url).pathname

async function spawnLog(place: Place): Promise<Bun.Subprocess> {
  const code = `
    const { startLogRole } = await import(${JSON.stringify(MODULE)})
    process.stdin.on('end', () => process.exit()).resume()
    await startLogRole(${JSON.stringify(place)})
    Bun.gc(true)
    console.log('serving')`
  // It ends when the pipe to us does, however this test ends.
  const child = Bun.spawn([process.execPath, '-e', code], { stdin: 'pipe', stdout: 'pipe', stderr: 'ignore' })
  children.add(child)
  for await (const chunk of child.stdout) {
    if (new TextDecoder().decode(chunk).includes('serving')) return child
  }
  throw new Error('the log process ended before it served')
}

async function kill(child: Bun.Subprocess): Promise<void> {
  child.kill('SIGKILL')
  await child.exited
  children.delete(child)
}

/** Appends until told to stop; repeats what was not answered. Resolves with the sequences acknowledged. */
async function write(log: PartLog, isDone: () => boolean): Promise<number> {
  for (let at = 0; ; at++) {
    const part = partOf(at, 1, at === 0 ? 'first' : undefined)
    for (let isAnswered = false; !isAnswered; ) {
      try {
        await log.append(SPACE, part)
        isAnswered = true
      } catch (error) {
        if (!hasCode(error, 'unavailable')) throw error
        await Bun.sleep(5)
      }
    }
    if (isDone()) return at
  }
}

/** Tails to the end, resuming where it was broken off. */
async function listen(log: PartLog): Promise<number[]> {
  const heard: number[] = []
  for (;;) {
    try {
      const from = sequence((heard.at(-1) ?? -1) + 1)
      for await (const item of log.tail(SPACE, { kind: 'sequence', from }, new AbortController().signal)) {
        if (item.kind === 'part') heard.push(item.part.sequence)
        if (item.kind === 'ended') return heard
      }
    } catch (error) {
      if (!hasCode(error, 'unavailable') && !hasCode(error, 'too-many')) throw error
      await Bun.sleep(5)
    }
  }
}

test('killed again and again while a part is appended, it loses nothing acknowledged; a resuming reader hears all once', async () => {
  const place = newPlace()
  let child = await spawnLog(place)
  const { log, stop } = connectEngine({ socketPath: place.socketPath })
  await log.open(SPACE, specOf(100_000))
  let kills = 0
  const KILLS = 12
  const writing = write(log, () => kills >= KILLS)
  const listening = listen(log)
  for (; kills < KILLS; kills++) {
    await Bun.sleep(20 + Math.random() * 80)
    await kill(child)
    child = await spawnLog(place)
  }
  const newest = await writing
  const all = Array.from({ length: newest + 1 }, (_, i) => sequence(i))
  expect(await sequencesIn(log)).toEqual(all)
  await log.end(SPACE, epoch(1))
  expect(await listening).toEqual(all)
  await kill(child)
  await stop()
}, 30_000)

test('after a kill a new writer goes on beyond what readers may have heard', async () => {
  const place = newPlace()
  let child = await spawnLog(place)
  const { log, lease, stop } = connectEngine({ socketPath: place.socketPath })
  await log.open(SPACE, specOf(900))
  for (let at = 0; at < 4; at++) await log.append(SPACE, partOf(at, 1, at === 0 ? 'first' : undefined))
  await kill(child)
  child = await spawnLog(place)
  expect((await log.head(SPACE)).appendFrom).toBe(sequence(4))
  await lease.acquire({ space: SPACE, holder: 'other', ttl: 1_000 as never })
  const { appendFrom, epoch: newest } = await log.head(SPACE)
  expect(appendFrom).toBeGreaterThan(4)
  await expect(log.append(SPACE, partOf(4, newest))).rejects.toMatchObject({ code: 'conflict' })
  await log.append(SPACE, partOf(appendFrom, newest, 'unclean-stop'))
  await kill(child)
  await stop()
})

test('an engine that stands still is noticed by calls and tails', async () => {
  const place = newPlace()
  const child = await spawnLog(place)
  const { log, stop } = connectEngine({ socketPath: place.socketPath })
  await log.open(SPACE, specOf(900))
  await log.append(SPACE, partOf(0, 1, 'first'))
  const tail = log.tail(SPACE, { kind: 'live', burstParts: 1 }, new AbortController().signal)
  const reader = tail[Symbol.asyncIterator]()
  await reader.next()
  child.kill('SIGSTOP')
  const both = Promise.allSettled([
    log.head(SPACE),
    (async () => {
      while (!(await reader.next()).done);
    })(),
  ])
  for (const outcome of await both) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'unavailable' } })
  }
  child.kill('SIGCONT')
  expect((await log.head(SPACE)).newest).toBe(sequence(0))
  await kill(child)
  await stop()
}, 15_000)

test('a second one for the same folder is told which process has it, and gets it when that one is gone', async () => {
  const place = newPlace()
  const child = await spawnLog(place)
  await expect(startLogRole({ ...place, lockWaitMs: 100 })).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining(String(child.pid)),
  })
  const waiting = startLogRole(place)
  await kill(child)
  const role = await waiting
  const { log, stop } = connectEngine({ socketPath: place.socketPath })
  await log.open(SPACE, specOf(900))
  expect(statSync(place.socketPath).mode & 0o777).toBe(0o600)
  await stop()
  await role.stop()
  await role.stop()
})

test('over TCP it asks for its token', async () => {
  const place = newPlace()
  const token = 'a-token-that-is-shared'
  const role = await startLogRole({ ...place, tcp: { hostname: '127.0.0.1', port: 0, token } })
  const url = `http://127.0.0.1:${role.port}`
  const friend = connectEngine({ url, token })
  const stranger = connectEngine({ url, token: 'another' })
  await friend.log.open(SPACE, specOf(900))
  await friend.log.append(SPACE, partOf(0, 1, 'first'))
  await expect(stranger.log.head(SPACE)).rejects.toMatchObject({ code: 'unauthorized' })
  const seen: string[] = []
  for await (const item of friend.log.tail(
    SPACE,
    { kind: 'live', burstParts: 1 },
    new AbortController().signal,
  )) {
    seen.push(item.kind)
    break
  }
  expect(seen).toEqual(['part'])
  await until(async () => (await friend.log.head(SPACE)).newest === 0)
  await Promise.all([friend.stop(), stranger.stop()])
  await role.stop()
})
