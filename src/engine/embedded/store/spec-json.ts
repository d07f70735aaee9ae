// A log's spec as JSON, on disk and on the wire: the track headers are bytes, so they travel as base64.

import { MimbarError } from '../../../base/errors.ts'
import { wallMillis } from '../../../base/units.ts'
import { RECORD_BYTES_MAX, TRACK_NUMBERS, type TrackHeader, type TrackId } from '../../../core/part/part.ts'
import type { LogSpec } from '../../ports.ts'

export interface JsonSpec {
  readonly gridStartMs: number
  readonly ringParts: number
  readonly tracks: readonly {
    readonly id: TrackId
    readonly contentType: string
    readonly headerBase64: string
  }[]
}

/** A ring of a day; more is a recording. */
const RING_PARTS_MAX = 432_000
const CONTENT_TYPE_CHARS_MAX = 200

export function specToJson(spec: LogSpec): JsonSpec {
  return {
    gridStartMs: spec.gridStartMs,
    ringParts: spec.ringParts,
    tracks: spec.tracks.map(({ id, contentType, header }) => ({
      id,
      contentType,
      headerBase64: Buffer.from(header).toString('base64'),
    })),
  }
}

/** Throws `bad-request` on anything that is no spec. */
export function specFromJson(json: unknown): LogSpec {
  const spec = json as Partial<JsonSpec> | null
  const tracks = spec?.tracks
  if (!Array.isArray(tracks)) throw new MimbarError('bad-request', 'A log needs a list of tracks.')
  return checkSpec({
    gridStartMs: wallMillis(Number(spec?.gridStartMs)),
    ringParts: Number(spec?.ringParts),
    tracks: tracks.map(trackFromJson),
  })
}

/** Throws `bad-request` unless a log can be kept by this spec. */
export function checkSpec(spec: LogSpec): LogSpec {
  const ids = new Set(spec.tracks.map((track) => track.id))
  if (!Number.isSafeInteger(spec.gridStartMs) || spec.gridStartMs < 0) {
    throw new MimbarError('bad-request', 'gridStartMs is a wall time in whole milliseconds.')
  }
  if (!Number.isInteger(spec.ringParts) || spec.ringParts < 1 || spec.ringParts > RING_PARTS_MAX) {
    throw new MimbarError('bad-request', `ringParts is a whole number from 1 to ${RING_PARTS_MAX}.`)
  }
  if (ids.size !== spec.tracks.length) throw new MimbarError('bad-request', 'A track is listed twice.')
  return spec
}

/**
 * What a log by `known` becomes when a writer opens it with `asked`: the same, with the tracks that are new to it. The
 * codec configuration of a track never changes. Undefined when they do not go together.
 */
export function joinSpecs(known: LogSpec, asked: LogSpec): LogSpec | undefined {
  if (known.gridStartMs !== asked.gridStartMs) return undefined
  const added: TrackHeader[] = []
  for (const track of asked.tracks) {
    const twin = known.tracks.find((candidate) => candidate.id === track.id)
    if (twin === undefined) added.push(track)
    else if (!isSameTrack(twin, track)) return undefined
  }
  return added.length === 0 ? known : { ...known, tracks: [...known.tracks, ...added] }
}

const isSameTrack = (one: TrackHeader, other: TrackHeader): boolean =>
  one.contentType === other.contentType && Buffer.compare(one.header, other.header) === 0

function trackFromJson(json: unknown): TrackHeader {
  const track = json as Partial<JsonSpec['tracks'][number]> | null
  const { id, contentType, headerBase64 } = track ?? {}
  const valid =
    typeof id === 'string' &&
    Object.hasOwn(TRACK_NUMBERS, id) &&
    typeof contentType === 'string' &&
    contentType.length <= CONTENT_TYPE_CHARS_MAX &&
    typeof headerBase64 === 'string' &&
    headerBase64.length <= RECORD_BYTES_MAX
  if (!valid)
    throw new MimbarError('bad-request', 'A track has an id, a content type and a header in base64.')
  return { id: id as TrackId, contentType, header: new Uint8Array(Buffer.from(headerBase64, 'base64')) }
}
