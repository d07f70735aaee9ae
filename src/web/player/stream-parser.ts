// A pushed stream as a player takes it: bytes in any split, whole parts with their events and the edge's notes
// out. Only `moof` and `mdat` go on to the decoder; everything of our own is stripped here.

import { concatBytes } from '../../base/bytes.ts'
import { type Epoch, epoch, PART_SAMPLES, type Sequence, sequence } from '../../base/units.ts'
import {
  type Delta,
  EMSG_SCHEME,
  ID3_DESCRIPTION,
  type PartEvent,
  type Snapshot,
} from '../../core/part/events.ts'
import { decodeNote } from '../../core/stream/note-box.ts'
import type { EdgeNote } from '../../core/stream/notes.ts'
import { parseEmsg } from '../../media/cmaf/emsg.ts'
import { parseId3Text } from '../../media/cmaf/id3.ts'
import { BoxReader, type StreamBox } from '../../media/cmaf/reader.ts'
import { parsePartTime } from '../../media/cmaf/walk.ts'

/** One part on its way to the decoder. */
export interface StreamPart {
  readonly sequence: Sequence
  /** From the snapshot, in the parts that carry one. */
  readonly epoch?: Epoch
  readonly events: readonly PartEvent[]
  /** `moof` and `mdat`. */
  readonly media: Uint8Array
}

export type StreamItem =
  | { readonly kind: 'init'; readonly bytes: Uint8Array }
  | { readonly kind: 'part'; readonly part: StreamPart }
  | { readonly kind: 'note'; readonly note: EdgeNote }
  /** The edge is there, and had nothing to send. */
  | { readonly kind: 'heartbeat' }

const SCHEME = { schemeUri: EMSG_SCHEME, description: ID3_DESCRIPTION }

/** A transform over one stream. */
export class StreamParser {
  readonly #boxes = new BoxReader()
  #init: Uint8Array[] = []
  #events: PartEvent[] = []
  #moof: Uint8Array | undefined

  /** What `bytes` completes, in order. Throws `corrupt` when this is not a stream of ours: open another. */
  push(bytes: Uint8Array): StreamItem[] {
    const items: StreamItem[] = []
    for (const box of this.#boxes.push(bytes)) this.#take(box, items)
    return items
  }

  #take(box: StreamBox, items: StreamItem[]): void {
    switch (box.kind) {
      case 'init':
        this.#init.push(box.bytes)
        // `ftyp` and `moov`, in this order (ISO/IEC 23000-19, section 7.3.1).
        if (this.#init.length === 2) {
          items.push({ kind: 'init', bytes: concatBytes(this.#init) })
          this.#init = []
        }
        return
      case 'emsg':
        this.#events.push(...parsePartEvents(parseEmsg(box.bytes, SCHEME)?.text))
        return
      case 'moof':
        this.#moof = box.bytes
        return
      case 'mdat':
        if (this.#moof !== undefined) items.push({ kind: 'part', part: this.#part(this.#moof, box.bytes) })
        this.#moof = undefined
        this.#events = []
        return
      case 'uuid': {
        const note = decodeNote(box.bytes)
        if (note !== undefined) items.push({ kind: 'note', note })
        return
      }
      case 'free':
        items.push({ kind: 'heartbeat' })
        return
      case 'other':
        return
    }
  }

  #part(moof: Uint8Array, mdat: Uint8Array): StreamPart {
    const events = this.#events
    const snapshot = events.find((event): event is Snapshot => event.kind === 'snapshot')
    return {
      sequence: sequence(Math.round(parsePartTime(moof).start / PART_SAMPLES)),
      ...(snapshot === undefined ? {} : { epoch: epoch(snapshot.epoch) }),
      events,
      media: concatBytes([moof, mdat]),
    }
  }
}

const EVENT_KINDS: Readonly<Record<PartEvent['kind'], true>> = {
  snapshot: true,
  speaking: true,
  listeners: true,
  seats: true,
  phase: true,
  slate: true,
  reactions: true,
} satisfies Record<(Snapshot | Delta)['kind'], true>

/** The events in the JSON of a part; what a newer stage may say and we don't know is left out. */
export function parsePartEvents(text: string | undefined): PartEvent[] {
  const list = parseJson(text)
  if (!Array.isArray(list)) return []
  return list.filter(
    (event): event is PartEvent => isRecord(event) && Object.hasOwn(EVENT_KINDS, `${event.kind}`),
  )
}

/** The events in an ID3 tag, as hls.js hands them out. */
export function eventsOfId3(tag: Uint8Array): PartEvent[] {
  return parsePartEvents(parseId3Text(tag, ID3_DESCRIPTION))
}

function parseJson(text: string | undefined): unknown {
  if (text === undefined) return undefined
  try {
    return JSON.parse(text)
  } catch {
    // Events and notes are extras: without them the sound still plays.
    return undefined
  }
}

function isRecord(value: unknown): value is { readonly kind?: unknown } {
  return typeof value === 'object' && value !== null
}
