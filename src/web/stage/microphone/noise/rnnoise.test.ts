import { expect, test } from 'bun:test'
import { seeded } from '../../../../../test/harness/seeded.ts'
import { FRAME_SAMPLES, openRnnoise } from './rnnoise.ts'

const WASM = Bun.file(Bun.resolveSync('@jitsi/rnnoise-wasm/dist/rnnoise.wasm', import.meta.dir))

test('noise alone is brought down by more than 15 dB within two seconds', async () => {
  const denoise = await openRnnoise(await WASM.arrayBuffer())
  const random = seeded(3)
  const [before, after]: [number[], number[]] = [[], []]
  for (let frame = 0; frame < 300; frame++) {
    const pcm = Float32Array.from({ length: FRAME_SAMPLES }, () => 0.1 * (random() - 0.5))
    if (frame >= 200) before.push(power(pcm))
    denoise(pcm)
    if (frame >= 200) after.push(power(pcm))
  }
  const sum = (powers: readonly number[]) => powers.reduce((total, one) => total + one, 0)
  expect(10 * Math.log10(sum(before) / sum(after))).toBeGreaterThan(15)
})

const power = (pcm: Float32Array): number => pcm.reduce((sum, sample) => sum + sample * sample, 0)
