// Makes what listeners hear around the beginning of a program, as loops in the program's codec configuration: the
// waiting music, with announcements spoken by espeak-ng laid over it.
//
//     bun scripts/make-slates.ts
//
// Needs espeak-ng (any 1.5x) on the PATH. The same text, espeak-ng and libopus give the same bytes.

import { concatBytes } from '../src/base/bytes.ts'
import { FRAME_SAMPLES, SAMPLE_RATE_HZ } from '../src/base/units.ts'
import { MUSIC_LOOP_SECONDS, waitingMusic } from '../src/core/slate/waiting-music.ts'
import { writePage } from '../src/media/ogg/page.ts'
import { encodeOpusHead, encodeOpusTags } from '../src/media/opus/headers.ts'
import { PROGRAM_HEAD } from '../src/media/opus/program.ts'
import { gainOfDb, levelOf } from '../src/media/pcm/level.ts'
import { readWav, resample } from '../src/media/pcm/wav.ts'
import { encodeLoop } from '../src/roles/stage/slate.ts'

const VOICE = ['-v', 'en-us+f3', '-s', '140', '-p', '48']
/** Over the music, and below a speaker: it is heard by whoever has turned up the volume to wait. */
const SPEECH_DBOV = -27
/** Half a program's: enough for soft sound, and a file that one can keep in a repository. */
const BITRATE_BPS = 24_000
const COMPLEXITY = 10
const PACKETS_PER_PAGE = 50
const FILE_BYTES_MAX = 220_000

interface Announcement {
  readonly atSeconds: number
  readonly text: string
}

/** `rounds` of the music, with what is said in them. */
interface Loop {
  readonly rounds: number
  readonly said: readonly Announcement[]
}

const LOOPS: Readonly<Record<string, Loop>> = {
  // The last round ends at the scheduled second: the announcement is heard half a minute before it, and once a minute.
  lobby: {
    rounds: 2,
    said: [
      { atSeconds: 34, text: 'Welcome. You are early, and you are in. It begins by itself; just stay.' },
    ],
  },
  opening: { rounds: 1, said: [{ atSeconds: 0.6, text: 'We begin in a moment.' }] },
  hold: { rounds: 1, said: [{ atSeconds: 0.8, text: "We'll be right back. Please stay with us." }] },
}

for (const [name, loop] of Object.entries(LOOPS)) {
  const sound = soundOf(loop)
  const file = fileOf(name, encodeLoop(sound, { bitrateBps: BITRATE_BPS, complexity: COMPLEXITY }))
  if (file.length > FILE_BYTES_MAX) throw new Error(`${name}.opus has ${file.length} bytes.`)
  await Bun.write(new URL(`../src/roles/stage/slates/${name}.opus`, import.meta.url), file)
  console.log(`${name}.opus  ${sound.length / SAMPLE_RATE_HZ} s  ${file.length} bytes`)
}

function soundOf({ rounds, said }: Loop): Float32Array {
  const music = waitingMusic(SAMPLE_RATE_HZ)
  const sound = new Float32Array(rounds * MUSIC_LOOP_SECONDS * SAMPLE_RATE_HZ)
  for (let round = 0; round < rounds; round++) sound.set(music, round * music.length)
  for (const { atSeconds, text } of said) {
    const from = Math.round(atSeconds * SAMPLE_RATE_HZ)
    for (const [i, value] of speak(text).entries()) sound[from + i] = (sound[from + i] as number) + value
  }
  return sound
}

function speak(text: string): Float32Array {
  const { stdout, success } = Bun.spawnSync(['espeak-ng', ...VOICE, '--stdout', text])
  if (!success) throw new Error('espeak-ng could not speak; is it installed?')
  const { samples: sound } = resample(readWav(new Uint8Array(stdout)), SAMPLE_RATE_HZ)
  const gain = gainOfDb(SPEECH_DBOV - levelOf(sound))
  return sound.map((value) => value * gain)
}

function fileOf(name: string, packets: readonly Uint8Array[]): Uint8Array {
  const serial = 1 + Object.keys(LOOPS).indexOf(name)
  const comments = [`TITLE=Mimbar ${name}`, 'LICENSE=Apache-2.0']
  const pages = [
    writePage([encodeOpusHead(PROGRAM_HEAD)], { granule: 0, serial, pageNumber: 0, isBos: true }),
    writePage([encodeOpusTags({ vendor: 'Mimbar', comments })], { granule: 0, serial, pageNumber: 1 }),
  ]
  for (let first = 0; first < packets.length; first += PACKETS_PER_PAGE) {
    const end = Math.min(packets.length, first + PACKETS_PER_PAGE)
    const isEos = end === packets.length
    const place = { granule: end * FRAME_SAMPLES, serial, pageNumber: pages.length, isEos }
    pages.push(writePage(packets.slice(first, end), place))
  }
  return concatBytes(pages)
}
