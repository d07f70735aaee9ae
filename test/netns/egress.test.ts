// Egress is capacity: at a link that is too narrow for everyone who comes, Mimbar lets in as many as it carries, and
// neither they nor the people on stage notice the others.

import { expect, test } from 'bun:test'
import { playEgressScene } from './egress-scene.ts'
import { whyNoNetworks } from './network-command.ts'

const RATE_BPS = 4e6
/** 85 % of it, at 58 kbit/s each. Who comes when most of it is spent gets the low track, at little more than half. */
const ROOM = 58
const ARRIVALS = 90

const obstacle = whyNoNetworks()
if (obstacle !== undefined) console.log(`   skipped: ${obstacle}`)

test.skipIf(obstacle !== undefined)(
  'behind a full link nobody who was let in misses a part, and the stage loses no packet',
  async () => {
    const outcome = await playEgressScene({
      rateBps: RATE_BPS,
      queueMs: 100,
      egressBpsMax: RATE_BPS,
      arrivals: ARRIVALS,
      arrivalsPerSecond: 4,
      watchS: 6,
    })
    console.log(`   ${JSON.stringify(outcome)}`)
    expect(outcome.carried).toBeGreaterThan(0.8 * ROOM)
    expect(outcome.carried).toBeLessThanOrEqual(1.35 * ROOM)
    expect(outcome.refused).toBeGreaterThan(0)
    expect(outcome.missing).toBe(0)
    // A machine that is busy with other tests delays a part now and then; a link that is too full, for seconds.
    expect(outcome.silenceMsMax).toBeLessThanOrEqual(1_000)
    expect(outcome.stageReceived).toBeGreaterThan(1_000)
    expect(outcome.stageLost).toBe(0)
    expect(outcome.cable.dropped).toBe(0)
  },
  120_000,
)
