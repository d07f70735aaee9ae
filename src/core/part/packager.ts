// Wraps a part's packets and events into every track, once, at the origin; everything downstream copies bytes.

import { concatBytes, encodeUtf8 } from '../../base/bytes.ts'
import type { Epoch, Sequence } from '../../base/units.ts'
import { type EventScheme, emsgBox } from '../../media/cmaf/emsg.ts'
import { initSegment, MP4_CONTENT_TYPE } from '../../media/cmaf/init.ts'
import { moofAndMdat } from '../../media/cmaf/part.ts'
import { OGG_CONTENT_TYPE, oggHeaderPages, oggPartPage } from '../../media/ogg/program.ts'
import { assertProgramPacket } from '../../media/opus/program.ts'
import type { AudienceRecord } from '../count/audience.ts'
import { EMSG_SCHEME, ID3_DESCRIPTION, type PartEvent } from './events.ts'
import type { GapReason, Part, TrackHeader } from './part.ts'

/** How our events are marked inside CMAF. */
export const EVENT_SCHEME: EventScheme = { schemeUri: EMSG_SCHEME, description: ID3_DESCRIPTION }

/** The track headers of every log: all programs share one codec configuration. */
export function programHeaders(): readonly TrackHeader[] {
  return [
    { id: 'events', contentType: 'application/json', header: new Uint8Array(0) },
    { id: 'opus.mp4', contentType: MP4_CONTENT_TYPE, header: initSegment() },
    { id: 'opus.ogg', contentType: OGG_CONTENT_TYPE, header: oggHeaderPages() },
  ]
}

/** What becomes one {@link Part}. */
export interface UnpackagedPart {
  readonly sequence: Sequence
  readonly epoch: Epoch
  readonly gap?: GapReason
  /** Ten packets of 20 ms mono. */
  readonly packets: readonly Uint8Array[]
  /** What happened in these 200 ms; the first of a segment carries a snapshot. */
  readonly events: readonly PartEvent[]
  /** For the `events` track alone: what the log keeps, and no listener needs to be sent. */
  readonly recorded?: readonly AudienceRecord[]
}

/** Packages one part. Throws when a packet is not of the program's configuration, or there are not ten. */
export function packagePart(part: UnpackagedPart): Part {
  for (const packet of part.packets) assertProgramPacket(packet)
  const text = JSON.stringify(part.events)
  const { recorded = [] } = part
  const media = moofAndMdat(part.sequence, part.packets)
  return {
    sequence: part.sequence,
    epoch: part.epoch,
    ...(part.gap === undefined ? {} : { gap: part.gap }),
    tracks: new Map([
      ['events', encodeUtf8(recorded.length === 0 ? text : JSON.stringify([...part.events, ...recorded]))],
      [
        'opus.mp4',
        part.events.length === 0 ? media : concatBytes([emsgBox(part.sequence, text, EVENT_SCHEME), media]),
      ],
      ['opus.ogg', oggPartPage(part.sequence, part.packets)],
    ]),
  }
}
