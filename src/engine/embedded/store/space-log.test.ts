// One log through any history of appends, kills at any byte, power cuts and takeovers.
//
// Whatever happens, for everybody who ever read: a sequence stands for the same bytes for ever; what was acknowledged
// is there after a kill, and what was synced is there after a power cut; and every hole is declared.

import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { assert } from '../../../base/assert.ts'
import { MimbarError } from '../../../base/errors.ts'
import { epoch, sequence } from '../../../base/units.ts'
import type { GapReason } from '../../../core/part/part.ts'
import { partOf, specOf } from '../../contract/program.ts'
import { FailingDisk } from './failing-disk.ts'
import { recordOf } from './records.ts'
import { SpaceLog } from './space-log.ts'

type Step =
  | { readonly kind: 'append'; readonly parts: number }
  | { readonly kind: 'stall'; readonly parts: number }
  | { readonly kind: 'sync' }
  | { readonly kind: 'keep' }
  | { readonly kind: 'takeover' }

interface Life {
  readonly steps: readonly Step[]
  readonly diesAfterBytes: number
  /** How it ends when it does not die before. */
  readonly end: 'kill' | 'power-cut' | 'stop'
  readonly survival: readonly number[]
}

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('append' as const), parts: fc.integer({ min: 1, max: 14 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('stall' as const), parts: fc.integer({ min: 1, max: 30 }) }),
  },
  { weight: 2, arbitrary: fc.constant({ kind: 'sync' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'keep' as const }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'takeover' as const }) },
)

const life: fc.Arbitrary<Life> = fc.record({
  steps: fc.array(step, { maxLength: 8 }),
  diesAfterBytes: fc.oneof(fc.constant(1e9), fc.integer({ min: 0, max: 6_000 })),
  end: fc.constantFrom('kill', 'power-cut', 'stop'),
  survival: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 20 }),
})

/** What is true of a log for the people outside: its writer, and everybody who ever read it. */
class World {
  /** Record by sequence, as any reader has ever had it. */
  readonly heard = new Map<number, string>()
  readonly acknowledged = new Set<number>()
  readonly synced = new Set<number>()
  disk = new FailingDisk()
  boots = 1
  writer = 1
  take = 0
  next = 0
  gap: GapReason | undefined = 'first'
  /** Sent and not acknowledged; sent again, the same bytes, by the same writer. */
  unanswered: ReturnType<typeof partOf>[] = []

  hear(part: ReturnType<typeof partOf>): void {
    const record = Buffer.from(recordOf({ ...part, ...this.#plain(part) })).toString('base64')
    const before = this.heard.get(part.sequence)
    assert(before === undefined || before === record, `sequence ${part.sequence} was heard with other bytes`)
    this.heard.set(part.sequence, record)
  }

  // A hole that the disk has made may be declared later on; the sound must be the same.
  #plain(part: ReturnType<typeof partOf>): { gap: 'first' } {
    assert(part.tracks.size === 2, 'a part has lost a track')
    return { gap: 'first' }
  }
}

const options = (world: World) => ({
  disk: world.disk,
  folder: '/log/a-space',
  bootId: `boot-${world.boots}`,
  report: () => undefined,
})

async function open(world: World): Promise<SpaceLog> {
  const log = await SpaceLog.load(options(world))
  if (log !== undefined) return log
  assert(world.heard.size === 0, 'the log is gone')
  return SpaceLog.create(options(world), specOf(100_000))
}

/** Reads everything from the beginning, checking order and declared holes. */
async function readThrough(log: SpaceLog, world: World): Promise<Set<number>> {
  const found = new Set<number>()
  const epochs: [number, number][] = []
  let newest: number | undefined
  for await (const part of log.read(sequence(0), sequence(1e9))) {
    assert(newest === undefined || part.sequence > newest, 'a range is out of order')
    assert(
      newest === undefined || part.sequence === newest + 1 || part.gap !== undefined,
      'an undeclared hole',
    )
    newest = part.sequence
    found.add(part.sequence)
    epochs.push([part.sequence, part.epoch])
    world.hear(part)
  }
  expect(partsHeld(log)).toEqual(epochs)
  return found
}

/** `[sequence, epoch]` of each part that the log says it holds. */
function partsHeld(log: SpaceLog): [number, number][] {
  return log
    .held(sequence(0), sequence(1e9))
    .flatMap(({ from, to, epoch }) =>
      Array.from({ length: to - from }, (_, i): [number, number] => [from + i, epoch]),
    )
}

/** Listens while the steps run: what readers have from memory counts, written or not. */
function listen(log: SpaceLog, world: World): () => Promise<void> {
  const abort = new AbortController()
  const from = sequence(Math.max(-1, ...world.heard.keys()) + 1)
  const done = (async () => {
    let newest: number = from - 1
    try {
      for await (const item of log.tail({ kind: 'sequence', from }, abort.signal)) {
        if (item.kind !== 'part') continue
        const { sequence, gap } = item.part
        assert(sequence > newest, 'a tail repeats itself')
        assert(sequence === newest + 1 || gap !== undefined, 'a tail has an undeclared hole')
        newest = sequence
        world.hear(item.part)
      }
    } catch (error) {
      if (!(error instanceof MimbarError)) throw error
    }
  })()
  return async () => {
    abort.abort()
    await done
  }
}

async function send(log: SpaceLog, world: World): Promise<void> {
  const sent = [...world.unanswered]
  const answers = await Promise.allSettled(sent.map((part) => log.append(part)))
  for (const [i, answer] of answers.entries()) {
    const part = sent[i]!
    if (answer.status === 'fulfilled') {
      world.acknowledged.add(part.sequence)
      world.unanswered = world.unanswered.filter((one) => one !== part)
    }
  }
  // What follows a part that was not taken does not follow the log.
  const failed = answers.find((answer) => answer.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}

/** A new writer, or one that finds its sequences burnt, goes on where the log says. */
function goOn(log: SpaceLog, world: World, reason: GapReason): void {
  world.unanswered = []
  const { appendFrom, newest } = log.head
  world.next = appendFrom
  world.gap = newest === undefined ? 'first' : newest + 1 === appendFrom ? undefined : reason
  world.take += 1
}

async function take(log: SpaceLog, world: World, step: Step): Promise<void> {
  switch (step.kind) {
    case 'append':
      for (let i = 0; i < step.parts; i++) {
        world.unanswered.push(partOf(world.next, world.writer, world.gap, world.take))
        world.next += 1
        world.gap = undefined
      }
      return send(log, world)
    case 'stall':
      world.next += step.parts
      world.gap ??= 'stalled'
      return
    case 'sync':
      await send(log, world)
      await log.sync()
      if (!world.disk.isDead) for (const one of world.acknowledged) world.synced.add(one)
      return
    case 'keep':
      return log.keepFrom(sequence(world.next), epoch(world.writer))
    case 'takeover':
      await send(log, world)
      world.writer += 1
      log.fence(epoch(world.writer))
      goOn(log, world, 'takeover')
  }
}

async function live(world: World, { steps, diesAfterBytes, end, survival }: Life): Promise<void> {
  world.disk = world.disk.afterKill({ diesAfterBytes })
  let isStopped = false
  try {
    const log = await open(world)
    log.fence(epoch(world.writer))
    const found = await readThrough(log, world)
    for (const one of world.acknowledged) assert(found.has(one), `the acknowledged part ${one} is lost`)
    const { appendFrom, newest } = log.head
    world.unanswered = world.unanswered.filter((part) => newest === undefined || part.sequence > newest)
    const goesOn = world.unanswered[0]?.sequence ?? world.next
    if (appendFrom > goesOn) goOn(log, world, 'unclean-stop')
    const stopListening = listen(log, world)
    try {
      await send(log, world)
      for (const step of steps) await take(log, world, step)
    } finally {
      await stopListening()
    }
    if (end === 'stop') {
      await log.close()
      isStopped = true
      for (const one of world.acknowledged) world.synced.add(one)
    }
  } catch (error) {
    // Only the end of the process excuses a failure.
    if (!world.disk.isDead || !(error instanceof MimbarError && error.code === 'unavailable')) throw error
  }
  world.disk.isDead = true
  if (end !== 'power-cut') return
  let draws = 0
  world.disk = world.disk.afterPowerCut(() => survival[draws++ % survival.length] as number)
  world.boots += 1
  // What was promised to survive that, and nothing more.
  if (!isStopped) {
    world.acknowledged.clear()
    for (const one of world.synced) world.acknowledged.add(one)
  }
}

/** After a power cut nothing is in memory; parts were appended while a tail looked through the files. */
const APPENDED_WHILE_THE_DISK_WAS_READ: Life[] = [
  {
    steps: [{ kind: 'append', parts: 1 }, { kind: 'keep' }, { kind: 'append', parts: 1 }],
    diesAfterBytes: 1e9,
    end: 'power-cut',
    survival: [0, 0.5, 0],
  },
  { steps: [], diesAfterBytes: 0, end: 'kill', survival: [0] },
  { steps: [{ kind: 'append', parts: 5 }], diesAfterBytes: 95, end: 'kill', survival: [0] },
]

test('a sequence stands for the same bytes through kills at any byte, power cuts and takeovers', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(life, { minLength: 2, maxLength: 5 }), async (lives) => {
      const world = new World()
      for (const one of lives) await live(world, one)
      await live(world, { steps: [], diesAfterBytes: 1e9, end: 'stop', survival: [1] })
    }),
    { numRuns: 300, examples: [[APPENDED_WHILE_THE_DISK_WAS_READ]] },
  )
})

test('the writer that was cut off sends its unanswered parts again after a kill; another one goes beyond the block', async () => {
  const world = new World()
  const log = await open(world)
  await log.append(partOf(0, 1, 'first'))
  world.disk.isFull = true
  // Readers have part 1, the disk has not.
  await expect(log.append(partOf(1, 1))).rejects.toMatchObject({ code: 'unavailable' })
  expect(log.head.newest).toBe(sequence(1))

  world.disk = world.disk.afterKill()
  const same = await open(world)
  expect(same.head.newest).toBe(sequence(0))
  expect(same.head.appendFrom).toBe(sequence(1))
  await same.append(partOf(1, 1))

  const disk = world.disk
  world.disk = disk.afterKill()
  const other = await open(world)
  other.fence(epoch(2))
  expect(other.head.appendFrom).toBeGreaterThan(5)
  await expect(other.append(partOf(2, 2))).rejects.toMatchObject({ code: 'conflict' })
  await other.append(partOf(other.head.appendFrom, 2, 'unclean-stop'))

  world.disk = disk.afterKill()
  world.boots += 1
  const rebooted = await open(world)
  expect(rebooted.head.appendFrom).toBeGreaterThan(5)
  await expect(rebooted.append(partOf(2, 1))).rejects.toMatchObject({ code: 'conflict' })
})

test('after a clean stop any writer goes on at the next sequence', async () => {
  const world = new World()
  const log = await open(world)
  await log.append(partOf(0, 1, 'first'))
  await log.close()
  world.boots += 1
  const next = await open(world)
  next.fence(epoch(2))
  expect(next.head.appendFrom).toBe(sequence(1))
  await next.append(partOf(1, 2))
})

test('a full disk acknowledges nothing, and what readers had meanwhile is written when it has room again', async () => {
  const world = new World()
  const log = await open(world)
  await log.append(partOf(0, 1, 'first'))
  world.disk.isFull = true
  await expect(log.append(partOf(1, 1))).rejects.toMatchObject({ code: 'unavailable' })
  await expect(log.append(partOf(2, 1))).rejects.toMatchObject({ code: 'unavailable' })
  world.disk.isFull = false
  await log.append(partOf(2, 1))
  await log.close()
  expect(await readThrough(await open(world), world)).toEqual(new Set([0, 1, 2]))
})

test('a damaged record is left out and declared, in a file that is complete and in the newest one', async () => {
  for (const isComplete of [true, false]) {
    const world = new World()
    const log = await open(world)
    for (let at = 0; at < 20; at++) await log.append(partOf(at, 1, at === 0 ? 'first' : undefined))
    if (isComplete) await log.end(epoch(1), 0 as never)
    else await log.close()
    world.disk.damage('/log/a-space/000000000000000.parts', 8 + 3 * 90)
    const lines: string[] = []
    const reopened = (await SpaceLog.load({ ...options(world), report: (line) => lines.push(line) }))!
    const parts = await Array.fromAsync(reopened.read(sequence(0), sequence(100)))
    expect(parts).toHaveLength(19)
    expect(parts.filter((part) => part.gap === 'damaged')).toHaveLength(1)
    expect(lines.length).toBeGreaterThan(0)
  }
})

test('an index that is missing or does not fit is made anew from the parts, epochs included', async () => {
  const indexPath = '/log/a-space/000000000000000.index'
  const world = new World()
  const log = await open(world)
  for (let at = 0; at < 20; at++) await log.append(partOf(at, at < 8 ? 1 : 2, at === 0 ? 'first' : undefined))
  await log.end(epoch(2), 0 as never)
  const wanted = partsHeld(log)
  await log.close()
  const breaks = [
    () => world.disk.remove(indexPath),
    () => world.disk.damage(indexPath, 30),
    async () => (await world.disk.open(indexPath, 'update')).truncate(100),
  ]
  for (const breakIndex of breaks) {
    await breakIndex()
    const reopened = await open(world)
    expect(partsHeld(reopened)).toEqual(wanted)
    await reopened.close()
  }
})

test('a file of a newer format is refused, not guessed', async () => {
  for (const name of ['manifest', '000000000000000.parts']) {
    const world = new World()
    const log = await open(world)
    await log.append(partOf(0, 1, 'first'))
    await log.close()
    const path = `/log/a-space/${name}`
    const file = await world.disk.open(path, 'update')
    await file.write(7, Uint8Array.of(2))
    await expect(open(world)).rejects.toMatchObject({ code: 'unsupported' })
  }
})
