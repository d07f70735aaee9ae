// Two voices for microphones: real people's when they lie beside the project, else the demo's own.

import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

const REAL = resolve(import.meta.dir, '../../../shared/voices')
const OURS = resolve(import.meta.dir, '../../src/rehearsal/voices')

/** A voice as a file for a fake microphone, and as PCM to recognise it by. */
export interface Voice {
  readonly name: string
  readonly wav: string
  /** Mono at {@link RECOGNITION_RATE_HZ}. */
  readonly pcm: Float32Array
}

/** Enough to tell voices and moments apart, and cheap to search. */
export const RECOGNITION_RATE_HZ = 8_000

/** Writes both voices as 48 kHz mono WAV files into `folder`. */
export async function twoVoices(folder: string): Promise<readonly [Voice, Voice]> {
  const sources = existsSync(REAL)
    ? [join(REAL, 'allison-en.wav'), join(REAL, 'flora-it.wav')]
    : [join(OURS, 'ana.opus'), join(OURS, 'budi.opus')]
  const [first, second] = await Promise.all(
    sources.map((source, index) => load(source, join(folder, `${index}.wav`))),
  )
  return [first as Voice, second as Voice]
}

async function load(source: string, wav: string): Promise<Voice> {
  await ffmpeg(['-i', source, '-ar', '48000', '-ac', '1', '-c:a', 'pcm_s16le', wav])
  return { name: source, wav, pcm: await decodeAudio(wav, RECOGNITION_RATE_HZ) }
}

/** Any file or address that ffmpeg reads, as mono PCM. Throws with ffmpeg's words when it complains. */
export async function decodeAudio(
  source: string,
  sampleRate: number,
  seconds?: number,
): Promise<Float32Array> {
  const limit = seconds === undefined ? [] : ['-t', String(seconds)]
  const raw = await ffmpeg([
    '-i',
    source,
    ...limit,
    '-ar',
    String(sampleRate),
    '-ac',
    '1',
    '-f',
    'f32le',
    '-',
  ])
  return new Float32Array(raw.buffer, raw.byteOffset, Math.floor(raw.byteLength / 4))
}

/** A WAV file does not say that its one channel is the middle one, and ffmpeg remarks on it. */
const WAV_REMARK = /^Guessed Channel Layout for Input Stream #0\.0 : mono\n/m
/** FFmpeg takes each reload of a live playlist for another init section, reads it again, and remarks on its own doing. */
const HLS_RELOAD_REMARK =
  /^.*Found duplicated MOOV Atom\. Skipped it\n(?: *Last message repeated \d+ times\n)?/gm

/** It tries all renditions before it plays one; AAC is refused by a stage that has no time to make it. */
const AAC_REFUSED_REMARK =
  /^(?:\[http .*HTTP error 503.*\n)?\[hls .*(?:keepalive request failed|parse_playlist error|Empty segment).*\/aac\.m3u8.*\n/gm

/** What ffmpeg and its kin said, without the remarks that say nothing about us. */
export function complaintsIn(words: string): string {
  return words.replace(WAV_REMARK, '').replaceAll(HLS_RELOAD_REMARK, '').replaceAll(AAC_REFUSED_REMARK, '')
}

/** Runs ffmpeg at warning level; any word on stderr is an error. */
export async function ffmpeg(args: readonly string[]): Promise<Uint8Array> {
  const child = Bun.spawn(['ffmpeg', '-nostdin', '-y', '-v', 'warning', ...args], {
    stdout: 'pipe',
    stderr: 'pipe',
    stdin: 'ignore',
  })
  const [bytes, words] = await Promise.all([
    new Response(child.stdout).bytes(),
    new Response(child.stderr).text(),
  ])
  const complaint = complaintsIn(words)
  if ((await child.exited) !== 0 || complaint !== '')
    throw new Error(`ffmpeg ${args.join(' ')}: ${complaint}`)
  return bytes
}
