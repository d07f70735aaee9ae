// A space of a running Mimbar with synthetic people on its stage, who came in by the front door like everyone else.

import { resolve } from 'node:path'
import { parseSpaceId, type SpaceId } from '../../src/base/ids.ts'
import type { CreatedSpace, PublicSpace } from '../../src/core/api/api.ts'
import { FrontDoor, type HeldSeat } from '../../src/rehearsal/front-door.ts'
import { type SyntheticSpeaker, startSyntheticSpeaker } from '../../src/rehearsal/speaker.ts'
import { loadVoice } from '../../src/rehearsal/voice.ts'
import type { RunningMimbar } from './running-mimbar.ts'
import { until } from './until.ts'
import { decodeAudio, RECOGNITION_RATE_HZ } from './voices.ts'

/** The recorded voices that come with Mimbar. */
export const VOICE_FILES = {
  ana: resolve(import.meta.dir, '../../src/rehearsal/voices/ana.opus'),
  budi: resolve(import.meta.dir, '../../src/rehearsal/voices/budi.opus'),
} as const

type VoiceName = keyof typeof VOICE_FILES

/** A committed voice as PCM to recognise it by, mono at `RECOGNITION_RATE_HZ`. */
export function voicePcm(name: VoiceName): Promise<Float32Array> {
  return decodeAudio(VOICE_FILES[name], RECOGNITION_RATE_HZ)
}

/** The secret in the fragment of a link. */
export function secretOf(link: string): string {
  const [, secret] = [...new URLSearchParams(new URL(link).hash.slice(1))][0] ?? []
  if (secret === undefined) throw new Error(`no secret in ${link}`)
  return secret
}

/** A live space; `end` and `leave` clean up. */
export interface SpaceOnAir {
  readonly id: SpaceId
  readonly links: CreatedSpace['links']
  /** Of Ana, who is the host. */
  readonly host: HeldSeat
  readonly speakers: readonly SyntheticSpeaker[]
  end(): Promise<void>
  /** Everyone on stage goes. */
  leave(): Promise<void>
}

/** Makes a space, seats Ana as its host (and Budi, when asked), and starts the program. */
export async function goOnAir(
  mimbar: RunningMimbar,
  space: { readonly id: string; readonly recorded: boolean; readonly voices?: readonly VoiceName[] },
): Promise<SpaceOnAir> {
  const id = parseSpaceId(space.id)
  const { links } = await mimbar.createSpace({ id, title: `On air: ${id}`, recorded: space.recorded })
  const speakers = await Promise.all(
    (space.voices ?? ['ana']).map(async (name, index) =>
      startSyntheticSpeaker({
        studioUrl: mimbar.studioUrl,
        space: id,
        name,
        voice: await loadVoice(VOICE_FILES[name]),
        entry: { secret: secretOf(index === 0 ? links.host : links.speaker) },
        log: () => {},
      }),
    ),
  )
  const host = speakers[0]?.held
  if (host === undefined) throw new Error('the host has no seat')
  await new FrontDoor(mimbar.studioUrl).start(id, host)
  await until(`${id} is live`, async () => (await mimbar.publicSpace(id)).phase === 'live', 10_000)
  return {
    id,
    links,
    host,
    speakers,
    end: async () => {
      const answer = await mimbar.post(`/spaces/${id}/end`)
      const { phase } = (await answer.json()) as PublicSpace
      if (phase !== 'ended') throw new Error(`ending ${id}: ${answer.status}, it is ${phase}`)
    },
    leave: async () => {
      await Promise.all(speakers.map((speaker) => speaker.stop()))
    },
  }
}

/** Waits for a playlist's first whole segment, two seconds at most into a program; gives the playlist back. */
export async function untilListed(url: string): Promise<string> {
  let text = ''
  await until(`${url} lists a segment`, async () => {
    const answer = await fetch(url)
    text = await answer.text()
    return answer.ok && text.includes('#EXTINF')
  })
  return text
}
