// Wraps a part's packets and events into every track, once, at the origin; everything downstream copies bytes.

import { concatBytes, encodeUtf8 } from '../../base/bytes.ts'
import { type Epoch, type Sequence, sequence } from '../../base/units.ts'
import { type EventScheme, emsgBox } from '../../media/cmaf/emsg.ts'
import { AAC_CONTENT_TYPE, aacInitSegment, initSegment, MP4_CONTENT_TYPE } from '../../media/cmaf/init.ts'
import { aacMoofAndMdat, moofAndMdat } from '../../media/cmaf/part.ts'
import { OGG_CONTENT_TYPE, oggHeaderPages, oggPartPage } from '../../media/ogg/program.ts'
import { assertProgramPacket } from '../../media/opus/program.ts'
import type { AudienceRecord } from '../count/audience.ts'
import { EMSG_SCHEME, ID3_DESCRIPTION, type PartEvent } from './events.ts'
import type { GapReason, Part, TrackHeader, TrackId } from './part.ts'
import { RENDITIONS } from './tracks.ts'

/** How our events are marked inside CMAF. */
export const EVENT_SCHEME: EventScheme = { schemeUri: EMSG_SCHEME, description: ID3_DESCRIPTION }

/** The track headers of every log: all programs share one codec configuration. */
export function programHeaders(): readonly TrackHeader[] {
  return [
    { id: 'events', contentType: 'application/json', header: new Uint8Array(0) },
    { id: 'opus.mp4', contentType: MP4_CONTENT_TYPE, header: initSegment() },
    { id: 'opus.ogg', contentType: OGG_CONTENT_TYPE, header: oggHeaderPages() },
    // The very same: a decoder that was opened with one plays the other.
    { id: 'low.mp4', contentType: MP4_CONTENT_TYPE, header: initSegment() },
    { id: 'aac.mp4', contentType: AAC_CONTENT_TYPE, header: aacInitSegment() },
  ]
}

/** What becomes one {@link Part}. */
export interface UnpackagedPart {
  readonly sequence: Sequence
  readonly epoch: Epoch
  readonly gap?: GapReason
  /** Ten packets of 20 ms mono. */
  readonly packets: readonly Uint8Array[]
  /** The same sound at the low bit rate; without it the part has no `low.mp4`. */
  readonly lowPackets?: readonly Uint8Array[]
  /** The AAC frames that begin in the part before this one, nine or ten; without them the part has no `aac.mp4`. */
  readonly aacFrames?: readonly Uint8Array[]
  /** What happened in these 200 ms; the first of a segment carries a snapshot. */
  readonly events: readonly PartEvent[]
  /** For the `events` track alone: what the log keeps, and no listener needs to be sent. */
  readonly recorded?: readonly AudienceRecord[]
}

/** Packages one part. Throws when a packet is not of the program's configuration, or there are not ten. */
export function packagePart(part: UnpackagedPart): Part {
  const { packets, lowPackets, aacFrames, events, recorded = [] } = part
  const text = JSON.stringify(events)
  const emsg = events.length === 0 ? [] : [emsgBox(part.sequence, text, EVENT_SCHEME)]
  const kept = recorded.length === 0 ? text : JSON.stringify([...events, ...recorded])
  const tracks = new Map<TrackId, Uint8Array>([
    ['events', encodeUtf8(kept)],
    ['opus.mp4', concatBytes([...emsg, opusMp4(part.sequence, packets)])],
    ['opus.ogg', oggPartPage(part.sequence, packets)],
  ])
  if (lowPackets !== undefined) {
    tracks.set('low.mp4', concatBytes([...emsg, opusMp4(part.sequence, lowPackets)]))
  }
  if (aacFrames !== undefined) {
    const of = sequence(part.sequence - RENDITIONS['aac.mp4'].lagParts)
    tracks.set('aac.mp4', concatBytes([...emsg, aacMoofAndMdat(of, aacFrames)]))
  }
  return {
    sequence: part.sequence,
    epoch: part.epoch,
    ...(part.gap === undefined ? {} : { gap: part.gap }),
    tracks,
  }
}

function opusMp4(at: Sequence, packets: readonly Uint8Array[]): Uint8Array {
  for (const packet of packets) assertProgramPacket(packet)
  return moofAndMdat(at, packets)
}
