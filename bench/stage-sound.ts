// What the sound of one space costs the stage: decode, mix with mix-minus and limiter, encode. WebRTC comes on top.
//
//     bun bench/stage-sound.ts
//
// Twenty seconds of the demo voices go through the stage's own pieces as fast as they can; CPU time over sound time
// is the share of a core. Machines differ and neighbours are noisy: a fixed baseline loop runs in between, and the
// last column says how many of its multiplications a second of sound is worth, which compares between machines.

import { readFileSync } from 'node:fs'
import { FRAME_SAMPLES, millis } from '../src/base/units.ts'
import { Mixer, type MixInput } from '../src/core/mix/mixer.ts'
import { readOpusFile } from '../src/media/ogg/opus-file.ts'
import { createEncoder, type OpusEncoder } from '../src/roles/stage/codec.ts'
import { LOW_ENCODER, PROGRAM_ENCODER } from '../src/roles/stage/slate.ts'
import { SpeakerChannel } from '../src/roles/stage/speaker-channel.ts'

const TICKS = 1_000
const SOUND_MS = TICKS * 20
const RETURN_ENCODER = { bitrateBps: 32_000, complexity: 5 }

const voice = readOpusFile(readFileSync(new URL('../src/rehearsal/voices/ana.opus', import.meta.url))).packets

interface Cost {
  readonly decodeMs: number
  readonly mixMs: number
  readonly encodeMs: number
  readonly encodes: number
}

console.log('speakers  talking  decode %  mix %  encode %  encodes/tick  total % of a core  M mul/s')
for (const [speakers, talking] of [
  [2, 1],
  [2, 2],
  [8, 1],
  [8, 8],
  [13, 1],
  [13, 13],
] as const) {
  const before = baselineMulsPerMs()
  const cost = run(speakers, talking)
  const mulsPerMs = (before + baselineMulsPerMs()) / 2
  const total = cost.decodeMs + cost.mixMs + cost.encodeMs
  const share = (ms: number, width: number) => ((100 * ms) / SOUND_MS).toFixed(2).padStart(width)
  console.log(
    `${String(speakers).padStart(8)}${String(talking).padStart(9)}${share(cost.decodeMs, 10)}` +
      `${share(cost.mixMs, 7)}${share(cost.encodeMs, 10)}${(cost.encodes / TICKS).toFixed(1).padStart(14)}` +
      `${share(total, 19)}${((total * mulsPerMs) / (SOUND_MS / 1_000) / 1e6).toFixed(0).padStart(9)}`,
  )
}

/** CPU time of `TICKS` ticks; `talking` of the speakers talk all the time, the others send silence. */
function run(speakers: number, talking: number): Cost {
  const quiet = createEncoder(RETURN_ENCODER)
  const silence = Array.from({ length: 50 }, () => quiet.encode(new Float32Array(FRAME_SAMPLES)))
  const channels = Array.from({ length: speakers }, () => new SpeakerChannel())
  const returns = channels.map(() => createEncoder(RETURN_ENCODER))
  const program = [createEncoder(PROGRAM_ENCODER), createEncoder(LOW_ENCODER)]
  const mixer = new Mixer<string>()
  const cost = { decodeMs: 0, mixMs: 0, encodeMs: 0, encodes: 0 }
  for (let tick = 0; tick < TICKS; tick++) {
    for (const [index, channel] of channels.entries()) {
      const source = index < talking ? voice : silence
      const payload = source[(tick + 97 * index) % source.length] as Uint8Array
      const packet = { sequenceNumber: tick & 0xffff, timestamp: (tick * FRAME_SAMPLES) >>> 0, payload }
      channel.push(packet, millis(tick * 20))
    }
    const start = cpuMs()
    const inputs: MixInput[] = channels.map((channel, index) => ({
      seat: `seat${index}`,
      frame: channel.pull(millis(tick * 20 + 7)),
      onAir: true,
    }))
    const decoded = cpuMs()
    const mixed = mixer.mix(inputs)
    const summed = cpuMs()
    cost.encodes += encodeAll(mixed.program, program, returns, (index) => mixed.minus(`seat${index}`))
    cost.decodeMs += decoded - start
    cost.mixMs += summed - decoded
    cost.encodeMs += cpuMs() - summed
  }
  for (const channel of channels) channel.close()
  for (const encoder of [...returns, ...program, quiet]) encoder.close()
  return cost
}

/** The program in both bit rates, and each mix-minus that is not the program. */
function encodeAll(
  program: Float32Array,
  encoders: readonly OpusEncoder[],
  returns: readonly OpusEncoder[],
  minusOf: (index: number) => Float32Array | 'program',
): number {
  let encodes = encoders.length
  for (const encoder of encoders) encoder.encode(program)
  returns.forEach((own, index) => {
    const minus = minusOf(index)
    if (minus === 'program') return
    own.encode(minus)
    encodes += 1
  })
  return encodes
}

/** CPU time of this process, ms, all threads: what the stage would be billed. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}

/** Dependent multiplications that this machine does in a millisecond, just now. */
function baselineMulsPerMs(): number {
  const count = 20_000_000
  const start = cpuMs()
  let value = 1
  for (let i = 0; i < count; i++) value = value * 1.0000001 + 1e-9
  if (!(value > 0)) throw new Error('the loop was optimized away')
  return count / (cpuMs() - start)
}
