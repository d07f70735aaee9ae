// Nobody falls off the stage, in any order in which things can go wrong: the rules of src/core/seat/SPEC.md, kept by
// the real machines while a seeded world breaks networks, processes and promises.

import { expect, test } from 'bun:test'
import fc from 'fast-check'
import type { SimTab } from './sim-tab.ts'
import { StudioWorld } from './studio-world.ts'

/** More on request: `MIMBAR_SIM_RUNS`. */
const RUNS = Number(process.env.MIMBAR_SIM_RUNS ?? 150)
/** On a machine that is very busy. */
const MS_PER_RUN_MAX = 200

const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 6_000 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('open' as const), role: fc.constantFrom('host', 'speaker') }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        'press-mute',
        'press-open',
        'reload',
        'double-tab',
        'offline',
        'online',
        'online-told',
        'vanish-and-return',
        'host-mutes',
        'host-removes',
        'leave',
      ),
      who: fc.nat(5),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('kill-stage', 'control-down', 'control-up') }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('loss' as const), share: fc.constantFrom(0, 0.1, 0.4) }),
  },
)

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

function take(world: StudioWorld, taken: Step): void {
  const tabs = world.tabs.filter(({ ended }) => ended === undefined)
  const tab = 'who' in taken ? tabs[taken.who % Math.max(1, tabs.length)] : undefined
  switch (taken.kind) {
    case 'pass':
      world.time.pass('ms' in taken ? taken.ms : 0)
      return
    case 'open':
      if (world.isControlUp && world.seats.length < 6)
        world.open('role' in taken && taken.role === 'host' ? 'host' : 'speaker')
      return
    case 'kill-stage':
      world.killStage()
      return
    case 'control-down':
      world.isControlUp = false
      return
    case 'control-up':
      world.isControlUp = true
      return
    case 'loss':
      world.loss = 'share' in taken ? taken.share : 0
      return
    default:
      if (tab !== undefined) takeWith(world, tab, taken.kind)
  }
}

function takeWith(world: StudioWorld, tab: SimTab, kind: string): void {
  switch (kind) {
    case 'press-mute':
      tab.press(false)
      return
    case 'press-open':
      tab.press(true)
      return
    case 'reload':
      world.reload(tab)
      return
    case 'double-tab':
      world.doubleTab(tab)
      return
    case 'vanish-and-return':
      tab.setOnline(false, false)
      world.reload(tab)
      return
    case 'offline':
      tab.setOnline(false, false)
      return
    case 'online':
      tab.setOnline(true, false)
      return
    case 'online-told':
      tab.setOnline(true, true)
      return
    case 'host-mutes':
      if (world.isControlUp && world.isKnown(tab)) world.change(tab.seat, { muted: true }, 'host')
      return
    case 'host-removes':
      if (world.isControlUp && world.isKnown(tab)) world.remove(tab.seat)
      return
    case 'leave':
      tab.leave()
      return
  }
}

/** Everything works again: whoever has a seat and a tab is on stage with it, as everybody says. */
function settle(world: StudioWorld): void {
  world.loss = 0
  world.isControlUp = true
  for (const tab of world.tabs) tab.setOnline(true, false)
  world.time.pass(60_000)
  for (const tab of world.tabs) {
    if (tab.ended !== undefined) continue
    const seat = world.seats.find(({ id }) => id === tab.seat)
    if (seat === undefined) throw new Error(`no ghost: a tab sits in ${tab.seat}, which is gone`)
    const others = world.tabs.filter((other) => other.seat === tab.seat && other.ended === undefined)
    expect([tab.seat, 'live tabs', others.length]).toEqual([tab.seat, 'live tabs', 1])
    expect([tab.seat, tab.words]).toEqual([tab.seat, 'connected'])
    expect([tab.seat, 'muted', !tab.isOpen]).toEqual([tab.seat, 'muted', seat.muted])
    expect([tab.seat, world.holder.isConnected(tab.seat)]).toEqual([tab.seat, true])
  }
  for (const { id } of world.seats) {
    const isThere = world.tabs.some((tab) => tab.seat === id && tab.ended === undefined)
    expect([id, world.holder.isConnected(id)]).toEqual([id, isThere])
  }
}

test(
  'whatever happens in whatever order, the rules hold in every moment, and peace puts everybody back',
  () => {
    fc.assert(
      fc.property(fc.nat(2 ** 31), fc.array(step, { minLength: 5, maxLength: 60 }), (seed, steps) => {
        const world = new StudioWorld({ seed })
        world.open('host')
        world.open('speaker')
        for (const one of steps) take(world, one)
        settle(world)
      }),
      { includeErrorInReport: true, numRuns: RUNS },
    )
  },
  Math.max(120_000, RUNS * MS_PER_RUN_MAX),
)
