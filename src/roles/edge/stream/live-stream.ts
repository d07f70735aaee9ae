// GET /live/:space/opus.mp4, low.mp4 and opus.ogg: one response that lasts as long as the listener listens.

import { hasCode } from '../../../base/errors.ts'
import type { WallMillis } from '../../../base/units.ts'
import { parseResumePoint } from '../../../core/delivery/resume-point.ts'
import type { SpaceFacts } from '../../../core/space/facts.ts'
import type { ResumePoint } from '../../../core/stream/notes.ts'
import type { AddressGate } from '../admission/address-gate.ts'
import type { Admission, Admitted } from '../admission/admission.ts'
import { CACHE, MEDIA_CORS } from '../answers.ts'
import type { RehearsalGate } from '../door/rehearsal-gate.ts'
import type { EdgeCounters } from '../metrics.ts'
import { goneOf, isLongOver } from '../over.ts'
import { playerKeyOf } from '../player-key.ts'
import type { SpaceReader } from './space-reader.ts'
import type { SpaceReaders } from './space-readers.ts'
import type { StreamTrack } from './stream-framing.ts'
import type { StreamListener, StreamSink } from './stream-listener.ts'

/** Bun's controller of a `type: "direct"` stream, as far as it is used here. */
interface DirectController {
  write(bytes: Uint8Array): number | Promise<unknown>
  end(): unknown
  close(error?: Error): unknown
}

const CONTENT_TYPES: Readonly<Record<StreamTrack, string>> = {
  'opus.mp4': 'audio/mp4; codecs="opus"',
  'opus.ogg': 'audio/ogg; codecs=opus',
  'low.mp4': 'audio/mp4; codecs="opus"',
}

export interface LiveStreamOptions {
  readonly readers: SpaceReaders
  readonly counters: EdgeCounters
  /** Tells synthetic listeners, who are never counted, from people. */
  readonly rehearsals: RehearsalGate
  readonly admission: Admission
  readonly addresses: AddressGate
  /**
   * Whether egress is nearly spent: then a stream that begins has the sound of `low.mp4` in place of `opus.mp4`, and its
   * `hello` says so. Streams that are under way stay as they are.
   */
  readonly prefersLow: () => boolean
  readonly now: () => WallMillis
}

/** What a stream must know of its connection. */
export interface StreamConnection {
  /** Whose it is: of the client, where a trusted proxy stands between. */
  readonly address: string
  /** Takes it out of the idle limit, for as long as the stream lasts. */
  untimed(): void
  /** True while nothing that is sent arrives. */
  isSilent(): boolean
}

/**
 * Answers a request for the pushed stream of `facts`' space.
 * Throws `bad-request` for a malformed `from`, `forbidden` for a rehearsal that was not invited, `gone` once the
 * program is over, `full` with a place in the line when there is no room.
 */
export function liveStream(
  request: Request,
  url: URL,
  facts: SpaceFacts,
  asked: StreamTrack,
  options: LiveStreamOptions,
  connection: StreamConnection,
): Response {
  const from = parseResumePoint(url.searchParams.get('from'))
  const isRehearsed = options.rehearsals.isRehearsed(request, facts)
  const track = asked === 'opus.mp4' && options.prefersLow() ? 'low.mp4' : asked
  assertOnAir(facts, from, options.now())
  const headers = {
    ...MEDIA_CORS,
    'Content-Type': CONTENT_TYPES[track],
    'Cache-Control': CACHE.never,
    // A proxy that buffers would make a live stream of silence.
    'X-Accel-Buffering': 'no',
    Connection: 'close',
  }
  if (request.method === 'HEAD') return new Response(null, { headers })
  const admitted = admit(request, url, facts, isRehearsed, options, connection)
  connection.untimed()
  options.counters.streams[track].joined += 1
  const { isSilent } = connection
  const body = streamBody(options.readers.get(facts), track, { from, isRehearsed, isSilent, admitted })
  return new Response(body as unknown as ReadableStream, { headers })
}

function admit(
  request: Request,
  url: URL,
  facts: SpaceFacts,
  isRehearsed: boolean,
  { addresses, admission, counters }: LiveStreamOptions,
  { address }: StreamConnection,
): Admitted {
  const player = playerKeyOf(request, address)
  try {
    // A rehearsal is many people at one address, and was invited.
    if (isRehearsed) return admission.admit(url, facts, player)
    return addresses.admit(
      address,
      () => admission.admit(url, facts, player),
      () => admission.placeFor(url, facts, player),
    )
  } catch (error) {
    if (hasCode(error, 'full')) counters.refusedFull[isRehearsed ? 'rehearsed' : 'people'] += 1
    throw error
  }
}

/** A listener who dropped in the program's last seconds still gets the rest; everyone else is sent to the replay. */
function assertOnAir(facts: SpaceFacts, from: ResumePoint | undefined, now: WallMillis): void {
  if (facts.phase !== 'ended') return
  const { programEnd: end = 0 } = facts
  if (isLongOver(facts, now) || from === undefined || from.next >= end) throw goneOf(facts)
}

interface Join {
  readonly from: ResumePoint | undefined
  readonly isRehearsed: boolean
  readonly isSilent: () => boolean
  readonly admitted: Admitted
}

function streamBody(reader: SpaceReader, track: StreamTrack, { from, admitted, ...who }: Join) {
  const group = reader.group(track)
  let listener: StreamListener | undefined
  let ended: (() => void) | undefined
  return new ReadableStream({
    type: 'direct',
    // Bun closes the connection when this promise resolves, so it does at the end of the stream.
    pull(controller: DirectController) {
      return new Promise<void>((resolve) => {
        ended = () => {
          admitted.left()
          resolve()
        }
        const sink = sinkOf(controller, ended)
        const { ticket } = admitted
        const joined = group.join(sink, { resumeAt: from?.next, ticket, ...who })
        listener = joined
        admitted.seated(() => group.dismiss(joined))
      })
    },
    cancel() {
      if (listener !== undefined) group.leave(listener)
      if (ended === undefined) admitted.left()
      else ended()
    },
    // Types know no direct stream where the DOM's are loaded too, as in tests.
  } as never)
}

function sinkOf(controller: DirectController, ended: () => void): StreamSink {
  return {
    write: (bytes) => controller.write(bytes),
    end: () => {
      controller.end()
      ended()
    },
    // With an error, Bun resets the connection; `end` would wait for a reader who does not read.
    abort: () => {
      controller.close(new Error('The listener took nothing for too long.'))
      ended()
    },
  }
}
