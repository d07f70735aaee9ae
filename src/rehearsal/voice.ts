// A recorded voice as a synthetic speaker sends it: Opus packets as they are in the file, each with the level that
// a browser would have measured.

import { readFile } from 'node:fs/promises'
import { Decoder } from '@evan/opus'
import { MimbarError } from '../base/errors.ts'
import { type Dbov, FRAME_SAMPLES, SAMPLE_RATE_HZ } from '../base/units.ts'
import { readOpusFile } from '../media/ogg/opus-file.ts'
import { parseToc } from '../media/opus/toc.ts'
import { levelOf } from '../media/pcm/level.ts'
import { floatFromInt16 } from '../media/pcm/sample-format.ts'

/** 20 ms each, to be looped. */
export interface Voice {
  readonly packets: readonly Uint8Array[]
  readonly levels: readonly Dbov[]
}

/** Reads an Ogg Opus file of mono 20 ms packets; `unsupported` for others. */
export async function loadVoice(path: string | URL): Promise<Voice> {
  const { head, packets } = readOpusFile(await readFile(path))
  if (head.channels !== 1 || packets.some((packet) => parseToc(packet).duration !== FRAME_SAMPLES)) {
    throw new MimbarError('unsupported', 'A synthetic voice is mono Opus in packets of 20 ms.')
  }
  const decoder = new Decoder({ channels: 1, sample_rate: SAMPLE_RATE_HZ })
  const levels = packets.map((packet) => {
    const pcm = decoder.decode(packet)
    return levelOf(floatFromInt16(new Int16Array(pcm.buffer, pcm.byteOffset, pcm.byteLength / 2)))
  })
  return { packets, levels }
}
