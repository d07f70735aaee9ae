// What a full link does to those who were let in and to the people on stage: a whole Mimbar behind a cable of so many
// Mbit/s (network namespaces, so it wants root), more arrivals than fit, two synthetic speakers at the far end.
//
//   bun bench/egress.ts [mbit=100] [arrivalsPerSecond=60] [seconds=20]      told of its limit
//   bun bench/egress.ts 100 60 20 untold                                    the same, not told: what it is good for

import { playEgressScene } from '../test/netns/egress-scene.ts'
import { whyNoNetworks } from '../test/netns/network-command.ts'

/** Beyond it, listeners and speakers stumble over each other in their own process. */
const GENERATOR_LATE_MS_MAX = 50

const [mbit = '100', arrivalsPerSecond = '60', seconds = '20', told = 'told'] = process.argv.slice(2)
const obstacle = whyNoNetworks()
if (obstacle !== undefined) {
  console.error(`No bottleneck can be made here: ${obstacle}.`)
  process.exit(1)
}
const rateBps = Number(mbit) * 1e6
const room = Math.floor((rateBps * 0.85) / 58_000)
const arrivals = Math.ceil(room * 1.4)
console.log(`${mbit} Mbit/s, ${arrivals} arrivals at ${arrivalsPerSecond}/s; 85 % is room for ${room}`)
const outcome = await playEgressScene({
  rateBps,
  queueMs: 100,
  egressBpsMax: told === 'told' ? rateBps : 0,
  arrivals,
  arrivalsPerSecond: Number(arrivalsPerSecond),
  watchS: Number(seconds),
})
const { carried, refused, cable, stageReceived, stageLost } = outcome
console.log(`carried ${carried}, refused ${refused}`)
console.log(
  `parts missing ${outcome.missing}; listeners with a gap ${outcome.stalled}, longest ${outcome.silenceMsMax} ms`,
)
console.log(
  `stage: ${stageReceived} packets received, ${stageLost} lost (${percent(stageLost, stageReceived)})`,
)
console.log(`worst loss of a speaker's own packets, as the stage saw it: ${percent(outcome.stageLossMax, 1)}`)
console.log(
  `cable: ${(outcome.cableBps / 1e6).toFixed(2)} Mbit/s over the whole run, ${cable.packets} packets, ${cable.dropped} dropped`,
)
console.log(`the crowd's own process was ${outcome.generatorLateMsP99} ms late (p99)`)
if (outcome.generatorLateMsP99 > GENERATOR_LATE_MS_MAX) {
  console.log('→ this machine could not play so large a crowd: what is above says nothing of the link')
}
console.log(`the edges reckoned with ${(outcome.egressBps / 1e6).toFixed(2)} Mbit/s at the end`)

function percent(part: number, whole: number): string {
  return `${((100 * part) / Math.max(1, whole)).toFixed(2)} %`
}
