// Several stages, one engine that is only a model of the contract in `engine/ports.ts`, and a clock in steps of 10 ms.

import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { epoch, type Millis, millis, PART_MS, sequence } from '../../base/units.ts'
import { Custody, type CustodyEffect, type CustodyEvent, LEASE_TTL_MS } from './custody.ts'

const STEP_MS = 10

interface Stage {
  readonly name: string
  custody: Custody
  alive: boolean
  /** Handles nothing before this. */
  stalledUntil: number
  following: boolean
  tailUp: boolean
  retryTailAt: number
  /** Parts that this tail has still to hand out. */
  backlog: { readonly sequence: number; readonly epoch: number }[]
  serving: number | undefined
  inbox: { readonly at: number; readonly event: CustodyEvent }[]
}

class World {
  now = 0
  up = true
  lease: { holder: string; epoch: number; expires: number } | undefined
  epochNow = 0
  newest: { sequence: number; epoch: number } | undefined
  ended = false
  readonly accepted: { at: number; sequence: number; epoch: number }[] = []
  readonly stages: Stage[]
  readonly #random: () => number

  constructor(count: number, random: () => number) {
    this.#random = random
    this.stages = Array.from({ length: count }, (_, i) => newStage(`stage-${i}`))
    for (const [rank, stage] of this.stages.entries()) this.#boot(stage, rank)
  }

  #boot(stage: Stage, rank: number): void {
    this.tell(stage, { kind: 'ranked', rank })
    this.tell(stage, { kind: 'facts', phase: 'live' })
  }

  kill(index: number): void {
    const stage = this.stages[index] as Stage
    if (stage.alive) Object.assign(stage, newStage(stage.name), { alive: false })
  }

  revive(index: number): void {
    const stage = this.stages[index] as Stage
    if (stage.alive) return
    Object.assign(stage, newStage(stage.name))
    this.#boot(stage, 1)
  }

  setEngine(up: boolean): void {
    this.up = up
    if (up) return
    for (const stage of this.stages) {
      if (stage.tailUp) this.later(stage, { kind: 'tail-down' }, 0)
      stage.tailUp = false
      stage.retryTailAt = this.now + 100
    }
  }

  run(untilMs: number): void {
    for (; this.now < untilMs; this.now += STEP_MS) {
      for (const stage of this.stages) if (stage.alive && stage.stalledUntil <= this.now) this.#step(stage)
    }
  }

  tell(stage: Stage, event: CustodyEvent): void {
    for (const effect of stage.custody.handle(event, this.now as Millis)) this.#perform(stage, effect)
  }

  later(stage: Stage, event: CustodyEvent, delay = 10 + Math.floor(this.#random() * 30)): void {
    stage.inbox.push({ at: this.now + delay, event })
  }

  #step(stage: Stage): void {
    const due = stage.inbox.filter((item) => item.at <= this.now)
    stage.inbox = stage.inbox.filter((item) => item.at > this.now)
    for (const { event } of due) this.tell(stage, event)
    if (this.up && stage.following) this.#tail(stage)
    if (stage.serving !== undefined && this.now % PART_MS < STEP_MS) this.#append(stage, stage.serving)
    const { deadline } = stage.custody
    if (deadline !== undefined && this.now >= deadline) this.tell(stage, { kind: 'deadline' })
  }

  #tail(stage: Stage): void {
    if (!stage.tailUp) {
      if (this.now < stage.retryTailAt || !this.newest) return
      stage.tailUp = true
      stage.backlog = [this.newest]
      this.tell(stage, { kind: 'tail-up' })
    }
    for (const part of stage.backlog.splice(0)) {
      this.tell(stage, { kind: 'part', sequence: sequence(part.sequence), epoch: epoch(part.epoch) })
    }
  }

  #append(stage: Stage, writtenBy: number): void {
    if (!this.up) return
    if (writtenBy < this.epochNow) {
      this.later(stage, { kind: 'fenced' })
      return
    }
    const part = { sequence: Math.floor(this.now / PART_MS), epoch: writtenBy }
    this.newest = part
    this.accepted.push({ at: this.now, ...part })
    for (const other of this.stages) if (other.tailUp) other.backlog.push(part)
  }

  #perform(stage: Stage, effect: CustodyEffect): void {
    switch (effect.kind) {
      case 'follow':
        stage.following = true
        stage.retryTailAt = this.now
        return
      case 'unfollow':
        stage.following = false
        stage.tailUp = false
        return
      case 'inspect':
        this.later(stage, { kind: 'inspected', took: millis(20), answer: this.#inspection() })
        return
      case 'acquire':
        this.later(stage, this.#acquire(stage, effect.over))
        return
      case 'renew':
        this.later(stage, this.#renew(effect.epoch))
        return
      case 'serve':
        stage.serving = effect.epoch
        return
      case 'quit':
        stage.serving = undefined
        if (effect.release && this.lease?.epoch === effect.epoch) this.lease = undefined
        return
      case 'release':
        if (this.lease?.epoch === effect.epoch) this.lease = undefined
    }
  }

  #inspection() {
    if (!this.up) return { kind: 'unavailable' } as const
    if (!this.newest) return { kind: 'missing' } as const
    return {
      kind: 'head',
      newest: sequence(this.newest.sequence),
      epoch: epoch(this.epochNow),
      ended: this.ended,
    } as const
  }

  #acquire(stage: Stage, over: number | undefined): CustodyEvent {
    if (!this.up) return { kind: 'acquire-failed' }
    const held = this.lease && this.lease.expires > this.now ? this.lease : undefined
    if (held && held.holder !== stage.name && held.epoch !== over)
      return { kind: 'held', epoch: epoch(held.epoch) }
    this.epochNow += 1
    this.lease = { holder: stage.name, epoch: this.epochNow, expires: this.now + LEASE_TTL_MS }
    return { kind: 'acquired', epoch: epoch(this.epochNow) }
  }

  #renew(ofEpoch: number): CustodyEvent {
    if (!this.up) return { kind: 'renew-failed' }
    if (this.lease?.epoch !== ofEpoch || this.lease.expires <= this.now) return { kind: 'lease-lost' }
    this.lease.expires = this.now + LEASE_TTL_MS
    return { kind: 'renewed' }
  }
}

function newStage(name: string): Stage {
  return {
    name,
    custody: new Custody(),
    alive: true,
    stalledUntil: 0,
    following: false,
    tailUp: false,
    retryTailAt: 0,
    backlog: [],
    serving: undefined,
    inbox: [],
  }
}

function randomFrom(seed: number): () => number {
  let state = seed | 1
  return () => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9
    return (state >>> 0) / 2 ** 32
  }
}

type Trouble =
  | { readonly kind: 'kill'; readonly stage: number }
  | { readonly kind: 'revive'; readonly stage: number }
  | { readonly kind: 'engine-down'; readonly forMs: number }
  | { readonly kind: 'stall'; readonly stage: number; readonly forMs: number }

const troubles = fc.array(
  fc.record({
    afterMs: fc.integer({ min: 0, max: 6_000 }),
    trouble: fc.oneof(
      fc.record({ kind: fc.constant('kill' as const), stage: fc.nat(2) }),
      fc.record({ kind: fc.constant('revive' as const), stage: fc.nat(2) }),
      fc.record({ kind: fc.constant('engine-down' as const), forMs: fc.integer({ min: 100, max: 8_000 }) }),
      fc.record({
        kind: fc.constant('stall' as const),
        stage: fc.nat(2),
        forMs: fc.integer({ min: 50, max: 9_000 }),
      }),
    ),
  }),
  { maxLength: 8 },
)

function afflict(world: World, trouble: Trouble): void {
  if (trouble.kind === 'kill') world.kill(trouble.stage)
  else if (trouble.kind === 'revive') world.revive(trouble.stage)
  else if (trouble.kind === 'stall')
    (world.stages[trouble.stage] as Stage).stalledUntil = world.now + trouble.forMs
  else {
    world.setEngine(false)
    world.run(world.now + trouble.forMs)
    world.setEngine(true)
  }
}

describe('custody', () => {
  test('whatever happens, accepted parts never go back to an older epoch, and in the end exactly one stage writes', () => {
    fc.assert(
      fc.property(fc.nat(), troubles, (seed, list) => {
        const world = new World(3, randomFrom(seed))
        for (const { afterMs, trouble } of list) {
          world.run(world.now + afterMs)
          afflict(world, trouble)
        }
        for (const index of [0, 1, 2]) world.revive(index)
        const calm =
          Math.max(world.now, ...world.stages.map((stage) => stage.stalledUntil)) + 2 * LEASE_TTL_MS
        world.run(calm + 2_000)
        for (const [i, part] of world.accepted.entries()) {
          const before = world.accepted[i - 1]
          if (before) expect(part.epoch).toBeGreaterThanOrEqual(before.epoch)
        }
        expect(world.stages.filter((stage) => stage.custody.state === 'holding')).toHaveLength(1)
        const afterCalm = world.accepted.filter((part) => part.at > calm)
        expect(afterCalm.length).toBeGreaterThanOrEqual(9)
        expect(new Set(afterCalm.map((part) => part.epoch)).size).toBe(1)
      }),
      { numRuns: 60 },
    )
  })

  test('nobody takes over while parts flow, nor when only the log restarts or a standby stalls', () => {
    const harmless = fc.array(
      fc.record({
        afterMs: fc.integer({ min: 1_500, max: 6_000 }),
        trouble: fc.oneof(
          fc.record({
            kind: fc.constant('engine-down' as const),
            forMs: fc.integer({ min: 100, max: 2_500 }),
          }),
          fc.record({
            kind: fc.constant('stall' as const),
            stage: fc.integer({ min: 1, max: 2 }),
            forMs: fc.integer({ min: 50, max: 4_000 }),
          }),
        ),
      }),
      { maxLength: 6 },
    )
    fc.assert(
      fc.property(fc.nat(), harmless, (seed, list) => {
        const world = new World(3, randomFrom(seed))
        for (const { afterMs, trouble } of list) {
          world.run(world.now + afterMs)
          afflict(world, trouble)
        }
        world.run(world.now + 6_000)
        expect(world.epochNow).toBe(1)
        expect(world.stages.map((stage) => stage.custody.state)).toEqual([
          'holding',
          'following',
          'following',
        ])
      }),
      { numRuns: 60 },
    )
  })

  test('a standby has the lease within 0.6 s of its holder’s death', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 3_000, max: 9_000 }), (seed, killAt) => {
        const world = new World(2, randomFrom(seed))
        world.run(killAt)
        world.kill(0)
        world.run(world.now + 600)
        expect(world.stages[1]?.custody.state).toBe('holding')
      }),
    )
  })

  test('a stage that leaves releases the space, and one that is told takes it at once', () => {
    const world = new World(2, randomFrom(1))
    world.run(3_000)
    const [first, second] = world.stages as [Stage, Stage]
    world.tell(first, { kind: 'leave' })
    expect(first.custody.state).toBe('idle')
    world.tell(second, { kind: 'wanted' })
    world.run(world.now + 60)
    expect(second.custody.state).toBe('holding')
  })

  test('a space that ended without anybody closing its log is closed by a stage that finds it', () => {
    const world = new World(1, randomFrom(1))
    world.run(3_000)
    world.kill(0)
    const late = world.stages[0] as Stage
    Object.assign(late, newStage(late.name))
    world.tell(late, { kind: 'facts', phase: 'ended' })
    world.run(world.now + 8_000)
    expect(late.custody.state).toBe('holding')
    world.tell(late, { kind: 'finished' })
    expect(world.lease).toBeUndefined()
    expect(late.custody.state).toBe('idle')
  })

  test('an ended space whose log is closed or gone is left alone', () => {
    const custody = new Custody()
    custody.handle({ kind: 'facts', phase: 'ended' }, millis(0))
    const deadline = custody.deadline as Millis
    expect(custody.handle({ kind: 'deadline' }, deadline)).toEqual([{ kind: 'inspect' }])
    custody.handle({ kind: 'inspected', took: millis(1), answer: { kind: 'missing' } }, deadline)
    expect(custody.state).toBe('idle')
    expect(custody.deadline).toBeUndefined()
  })

  test('an engine that was slow to say where the log stands is not taken as proof', () => {
    const custody = new Custody()
    const at = (ms: number) => ms as Millis
    custody.handle({ kind: 'ranked', rank: 1 }, at(0))
    custody.handle({ kind: 'facts', phase: 'live' }, at(0))
    custody.handle({ kind: 'tail-up' }, at(10))
    custody.handle({ kind: 'part', sequence: sequence(5), epoch: epoch(3) }, at(1_000))
    expect(custody.handle({ kind: 'deadline' }, at(1_450))).toEqual([{ kind: 'inspect' }])
    const answer = { kind: 'head', newest: sequence(5), epoch: epoch(3), ended: false } as const
    expect(custody.handle({ kind: 'inspected', took: millis(400), answer }, at(1_850))).toEqual([])
    expect(custody.state).toBe('following')
    custody.handle({ kind: 'deadline' }, at(2_000))
    expect(custody.handle({ kind: 'inspected', took: millis(2), answer }, at(2_002))).toEqual([
      { kind: 'acquire', over: epoch(3) },
    ])
  })
})
