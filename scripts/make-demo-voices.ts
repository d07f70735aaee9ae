// Makes the two voices of `npm start -- --demo` from their text: espeak-ng speaks each turn, the turns are laid
// end to end, and each voice gets a track as long as the whole conversation, silent while the other talks, so that
// two speakers who loop their tracks from the same moment stay in conversation.
//
//     bun scripts/make-demo-voices.ts
//
// Needs espeak-ng (any 1.5x) on the PATH. The same text, espeak-ng and libopus give the same bytes.

import { concatBytes } from '../src/base/bytes.ts'
import { FRAME_SAMPLES, SAMPLE_RATE_HZ, samples } from '../src/base/units.ts'
import { CEILING } from '../src/core/mix/limiter.ts'
import { writePage } from '../src/media/ogg/page.ts'
import { encodeOpusHead, encodeOpusTags } from '../src/media/opus/headers.ts'
import { gainOfDb, levelOf, peakOf } from '../src/media/pcm/level.ts'
import { readWav, resample } from '../src/media/pcm/wav.ts'
import { CONVERSATION, type DemoVoice } from '../src/rehearsal/voices/conversation.ts'
import { createEncoder } from '../src/roles/stage/codec.ts'

const VOICES: Readonly<Record<DemoVoice, { readonly name: string; readonly espeak: readonly string[] }>> = {
  ana: { name: 'Ana', espeak: ['-v', 'en-us+f3', '-s', '162', '-p', '52'] },
  budi: { name: 'Budi', espeak: ['-v', 'en-gb+m3', '-s', '152', '-p', '32'] },
}
const BITRATE_BPS = 24_000
/** Both voices are as loud as each other: the level of speech, pauses within a turn included. */
const SPEECH_DBOV = -21
const PACKETS_PER_PAGE = 50
const PRE_SKIP = samples(312)
const FILE_BYTES_MAX = 300_000

const spoken = CONVERSATION.map((turn) => ({ ...turn, sound: speak(turn.voice, turn.text) }))
const length = wholeFrames(spoken.reduce((sum, turn) => sum + samplesOf(turn.pauseMs) + turn.sound.length, 0))
for (const voice of Object.keys(VOICES) as DemoVoice[]) {
  const file = encode(voice, trackOf(voice))
  if (file.length > FILE_BYTES_MAX) throw new Error(`${voice}.opus has ${file.length} bytes.`)
  const path = new URL(`../src/rehearsal/voices/${voice}.opus`, import.meta.url)
  await Bun.write(path, file)
  console.log(`${voice}.opus  ${length / SAMPLE_RATE_HZ} s  ${file.length} bytes`)
}

/** One turn at 48 kHz, as loud as it should be. */
function speak(voice: DemoVoice, text: string): Float32Array {
  const { stdout, success } = Bun.spawnSync(['espeak-ng', ...VOICES[voice].espeak, '--stdout', text])
  if (!success) throw new Error('espeak-ng could not speak; is it installed?')
  const { samples: sound } = resample(readWav(new Uint8Array(stdout)), SAMPLE_RATE_HZ)
  const gain = Math.min(gainOfDb(SPEECH_DBOV - levelOf(sound)), CEILING / peakOf(sound))
  return sound.map((value) => value * gain)
}

/** The whole conversation with only this voice in it. */
function trackOf(voice: DemoVoice): Float32Array {
  const track = new Float32Array(length)
  let at = 0
  for (const turn of spoken) {
    at += samplesOf(turn.pauseMs)
    if (turn.voice === voice) track.set(turn.sound, at)
    at += turn.sound.length
  }
  return track
}

function encode(voice: DemoVoice, track: Float32Array): Uint8Array {
  const encoder = createEncoder({ bitrateBps: BITRATE_BPS, complexity: 10, fec: { expectedLossPercent: 5 } })
  const packets: Uint8Array[] = []
  for (let at = 0; at < track.length; at += FRAME_SAMPLES) {
    packets.push(encoder.encode(track.subarray(at, at + FRAME_SAMPLES)))
  }
  encoder.close()
  const head = encodeOpusHead({
    channels: 1,
    preSkip: PRE_SKIP,
    inputRateHz: SAMPLE_RATE_HZ,
    outputGainQ8: 0,
  })
  const comments = [`ARTIST=${VOICES[voice].name}`, 'TITLE=Mimbar demo conversation', 'LICENSE=Apache-2.0']
  const serial = voice === 'ana' ? 1 : 2
  const pages = [
    writePage([head], { granule: 0, serial, pageNumber: 0, isBos: true }),
    writePage([encodeOpusTags({ vendor: 'Mimbar', comments })], { granule: 0, serial, pageNumber: 1 }),
  ]
  for (let first = 0; first < packets.length; first += PACKETS_PER_PAGE) {
    const end = Math.min(packets.length, first + PACKETS_PER_PAGE)
    const place = {
      granule: end * FRAME_SAMPLES,
      serial,
      pageNumber: pages.length,
      isEos: end === packets.length,
    }
    pages.push(writePage(packets.slice(first, end), place))
  }
  return concatBytes(pages)
}

function samplesOf(durationMs: number): number {
  return Math.round((durationMs * SAMPLE_RATE_HZ) / 1_000)
}

function wholeFrames(count: number): number {
  return Math.ceil(count / FRAME_SAMPLES) * FRAME_SAMPLES
}
