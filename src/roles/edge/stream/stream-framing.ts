// What an edge may put between parts of a track. CMAF has boxes that players pass over. Ogg has nothing of the
// kind: after a page of another stream, ffmpeg stops hearing this one, and an empty page of ours is a hole to
// opusfile. The players that read Ogg (VLC, mpv, radio apps) neither know our notes nor our rule about silence, so
// an Ogg stream carries parts and nothing else.

import { DELIVERY_LIMITS, type DeliveryLimits } from '../../../core/delivery/listener-delivery.ts'
import type { TrackId } from '../../../core/part/part.ts'
import { encodeNote } from '../../../core/stream/note-box.ts'
import type { EdgeNote } from '../../../core/stream/notes.ts'
import { HEARTBEAT_BOX } from '../../../media/cmaf/between.ts'

export type StreamTrack = Exclude<TrackId, 'events' | 'aac.mp4'>

export const STREAM_TRACKS: readonly StreamTrack[] = ['opus.mp4', 'opus.ogg', 'low.mp4']

export const NOTHING = new Uint8Array(0)

export interface StreamFraming {
  readonly track: StreamTrack
  /** Of the same codec configuration: sent in place of a part that lacks the track, as parts of older logs do. */
  readonly substitute?: StreamTrack
  readonly limits: DeliveryLimits
  /** Whether its players know of notes. */
  readonly hearsNotes: boolean
  /** Sent when nothing else was for a while; empty where the format has no harmless bytes. */
  readonly heartbeat: Uint8Array
  /** The bytes of a note; empty where the format cannot carry one. */
  note(note: EdgeNote): Uint8Array
}

const CMAF = { limits: DELIVERY_LIMITS, hearsNotes: true, heartbeat: HEARTBEAT_BOX } as const

export const FRAMINGS: Readonly<Record<StreamTrack, StreamFraming>> = {
  'opus.mp4': { ...CMAF, track: 'opus.mp4', note: encodeNote },
  'low.mp4': {
    ...CMAF,
    track: 'low.mp4',
    substitute: 'opus.mp4',
    note: (note) => encodeNote(note.kind === 'hello' ? { ...note, track: 'low.mp4' } : note),
  },
  'opus.ogg': {
    track: 'opus.ogg',
    // These players begin with the first byte, so every part of the burst is delay for good.
    limits: { ...DELIVERY_LIMITS, snapshotParts: 0 },
    hearsNotes: false,
    heartbeat: NOTHING,
    note: () => NOTHING,
  },
}
