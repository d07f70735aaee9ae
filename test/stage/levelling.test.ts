// Two real voices, one recorded far too low and the other far too loud, taken turns through the mixer.

import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { FRAME_SAMPLES } from '../../src/base/units.ts'
import { Mixer } from '../../src/core/mix/mixer.ts'
import { readOpusFile } from '../../src/media/ogg/opus-file.ts'
import { gainOfDb, peakOf } from '../../src/media/pcm/level.ts'
import { integratedLoudness } from '../../src/media/pcm/loudness.ts'
import { resample } from '../../src/media/pcm/wav.ts'
import { createDecoder } from '../../src/roles/stage/codec.ts'

/** Frames of 20 ms in a turn of 5 s. */
const TURN = 250
/** Two turns each are 10 s of speech; what comes after has to be level. */
const LEARNING_TURNS = 4
const TURNS = 8

test('after ten seconds of speech each, two speakers 24 dB apart are within 3 LU of each other', () => {
  const voices = { ana: voice('ana', -18), budi: voice('budi', 6) }
  const mixer = new Mixer<'ana' | 'budi'>()
  const heard = { ana: [] as Float32Array[], budi: [] as Float32Array[] }
  const next = { ana: 0, budi: 0 }
  const silence = new Float32Array(FRAME_SAMPLES)
  let peak = 0
  for (let turn = 0; turn < TURNS; turn++) {
    const speaks = turn % 2 === 0 ? 'ana' : 'budi'
    for (let tick = 0; tick < TURN; tick++) {
      const frames = voices[speaks]
      const frame = frames[next[speaks] % frames.length] as Float32Array
      next[speaks] += 1
      const { program } = mixer.mix([
        { seat: 'ana', frame: speaks === 'ana' ? frame : silence, onAir: true },
        { seat: 'budi', frame: speaks === 'budi' ? frame : silence, onAir: true },
      ])
      peak = Math.max(peak, peakOf(program))
      if (turn >= LEARNING_TURNS) heard[speaks].push(program.slice())
    }
  }
  const ana = integratedLoudness(joined(heard.ana))
  const budi = integratedLoudness(joined(heard.budi))
  const before = integratedLoudness(joined(voices.budi)) - integratedLoudness(joined(voices.ana))
  const finely = resample({ sampleRateHz: 48_000, samples: joined([...heard.ana, ...heard.budi]) }, 192_000)
  const truePeakDb = 20 * Math.log10(peakOf(finely.samples))
  console.log(
    `   ${before.toFixed(1)} LU apart before; in the program ${ana.toFixed(1)} and ${budi.toFixed(1)} LUFS,` +
      ` true peak ${truePeakDb.toFixed(1)} dBTP`,
  )
  expect(before).toBeGreaterThan(18)
  expect(Math.abs(ana - budi)).toBeLessThan(3)
  expect(peak).toBeLessThanOrEqual(gainOfDb(-1))
  expect(truePeakDb).toBeLessThanOrEqual(-1)
})

/** One of the demo's voices, `db` louder than it was recorded. */
function voice(name: 'ana' | 'budi', db: number): Float32Array[] {
  const file = new URL(`../../src/rehearsal/voices/${name}.opus`, import.meta.url)
  const decoder = createDecoder()
  const frames: Float32Array[] = []
  let rest = new Float32Array(0)
  for (const packet of readOpusFile(readFileSync(file)).packets) {
    rest = joined([rest, decoder.decode(packet).map((sample) => sample * gainOfDb(db))])
    for (; rest.length >= FRAME_SAMPLES; rest = rest.slice(FRAME_SAMPLES)) {
      frames.push(rest.slice(0, FRAME_SAMPLES))
    }
  }
  decoder.close()
  return frames
}

function joined(frames: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  const all = new Float32Array(frames.reduce((sum, frame) => sum + frame.length, 0))
  let at = 0
  for (const frame of frames) {
    all.set(frame, at)
    at += frame.length
  }
  return all
}
