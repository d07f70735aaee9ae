// What this edge did, as OpenMetrics text (`GET /metrics`). Counters are plain numbers that the hot path adds to.

import { REPORT_KINDS, type ReportKind } from '../../core/count/page-report.ts'
import { type DoorCounters, doorFamilies, newDoorCounters } from './admission/door-counters.ts'
import { type HandCounters, newHandCounters } from './hands/hand-counters.ts'
import { STREAM_TRACKS, type StreamTrack } from './stream/stream-framing.ts'

/** Why a stream ended. `left`: the listener went; `stuck`: took nothing for 15 s; `drained`: this edge stops; `replaced`: its ticket came in again, and again. */
export type CloseReason = 'left' | 'stuck' | 'ended' | 'drained' | 'replaced'
const CLOSE_REASONS: readonly CloseReason[] = ['left', 'stuck', 'ended', 'drained', 'replaced']

/** Counters of one track, over all spaces. */
export interface StreamCounters {
  joined: number
  bytes: number
  /** Times that bytes were handed to a socket. */
  writes: number
  /** The longest that a sweep took, from when it was due, since this was last set to 0. */
  slipMsMax: number
  partsDelivered: number
  partsSkipped: number
  readonly closed: Record<CloseReason, number>
}

/** What pages told of themselves. */
export interface PageReportCounters {
  readonly kinds: Record<ReportKind, number>
  refused: number
  /** Sum and number of the times to first audio that were told. */
  firstAudioMs: number
  firstAudios: number
  gaps: number
}

export interface EdgeCounters {
  readonly pageReports: PageReportCounters
  readonly hands: HandCounters
  readonly streams: Readonly<Record<StreamTrack, StreamCounters>>
  /** Everything answered at once: pages, playlists, segments, problems. */
  readonly answers: { count: number; bytes: number }
  tailBreaks: number
  readonly refusedFull: { people: number; rehearsed: number }
  proxied: number
  proxyCacheHits: number
  proxyRefused: number
  proxyFailed: number
  segments: number
  /** Playlists answered: lists of renditions, and those of one by whether the request had directives that may hold it. */
  readonly playlists: { multivariant: number; plain: number; blocking: number }
  /** Playlist bodies made; every answer shares one. */
  playlistsPrinted: number
  /** Partial Segments answered. */
  partials: number
  /** Held requests that waited in vain. */
  heldLate: number
  /** Requests that there was no room to hold. */
  heldRefused: number
  tlsReloads: number
  readonly door: DoorCounters
}

/** What is read at the moment of asking. */
export interface EdgeGauges {
  readonly listeners: Readonly<Record<StreamTrack, number>>
  /** Synthetic listeners of a rehearsal; never among `listeners`. */
  readonly rehearsed: Readonly<Record<StreamTrack, number>>
  readonly edgeId: string
  /** User and system time of this process, s. */
  readonly cpuSeconds: number
  readonly pollers: number
  /** Players that fetch a replay. */
  readonly replaying: number
  readonly held: number
  /** Places in the line, on all edges. */
  readonly waiting: number
  readonly readers: number
  /** How long after its last sample was spoken the newest part got here, by space with listeners. */
  readonly tailLagMs: ReadonlyMap<string, number>
}

export function newCounters(): EdgeCounters {
  const stream = (): StreamCounters => ({
    joined: 0,
    bytes: 0,
    writes: 0,
    slipMsMax: 0,
    partsDelivered: 0,
    partsSkipped: 0,
    closed: { left: 0, stuck: 0, ended: 0, drained: 0, replaced: 0 },
  })
  return {
    hands: newHandCounters(),
    pageReports: {
      kinds: { played: 0, 'gave-up': 0, 'could-not-play': 0 },
      refused: 0,
      firstAudioMs: 0,
      firstAudios: 0,
      gaps: 0,
    },
    streams: { 'opus.mp4': stream(), 'opus.ogg': stream(), 'low.mp4': stream() },
    answers: { count: 0, bytes: 0 },
    tailBreaks: 0,
    refusedFull: { people: 0, rehearsed: 0 },
    proxied: 0,
    proxyCacheHits: 0,
    proxyRefused: 0,
    proxyFailed: 0,
    segments: 0,
    playlists: { multivariant: 0, plain: 0, blocking: 0 },
    playlistsPrinted: 0,
    partials: 0,
    heldLate: 0,
    heldRefused: 0,
    tlsReloads: 0,
    door: newDoorCounters(),
  }
}

export const OPENMETRICS_TYPE = 'application/openmetrics-text; version=1.0.0; charset=utf-8'

type Sample = readonly [labels: string, value: number]

/** Writes the exposition (OpenMetrics 1.0), with `more` families at its end. */
export function writeMetrics(
  counters: EdgeCounters,
  gauges: EdgeGauges,
  more: readonly string[] = [],
): string {
  const byTrack = (value: (track: StreamTrack) => number): Sample[] =>
    STREAM_TRACKS.map((track) => [`{track="${track}"}`, value(track)])
  const of = (track: StreamTrack) => counters.streams[track]
  const closed = STREAM_TRACKS.flatMap((track) =>
    CLOSE_REASONS.map(
      (reason): Sample => [`{track="${track}",reason="${reason}"}`, of(track).closed[reason]],
    ),
  )
  const lags = [...gauges.tailLagMs].map(([space, lag]): Sample => [`{space="${space}"}`, lag / 1000])
  return [
    gauge(
      'mimbar_edge_listeners',
      'Streams being delivered to.',
      byTrack((t) => gauges.listeners[t]),
    ),
    gauge(
      'mimbar_edge_rehearsed',
      'Synthetic streams being delivered to; not among the listeners.',
      byTrack((t) => gauges.rehearsed[t]),
    ),
    counter('mimbar_edge_cpu_seconds', 'User and system time of this process.', [
      [`{edge="${gauges.edgeId}"}`, gauges.cpuSeconds],
    ]),
    gauge('mimbar_edge_pollers', 'Players that poll playlists.', [['', gauges.pollers]]),
    gauge('mimbar_edge_replaying', 'Players that fetch a replay; not among the listeners.', [
      ['', gauges.replaying],
    ]),
    ...pageReportFamilies(counters.pageReports),
    gauge('mimbar_edge_hls_held', 'Requests held until what they ask for is there.', [['', gauges.held]]),
    gauge('mimbar_edge_readers', 'Spaces whose log is tailed.', [['', gauges.readers]]),
    gauge('mimbar_edge_tail_lag_seconds', 'Age of the newest part when it got here.', lags),
    counter(
      'mimbar_edge_streams',
      'Streams begun.',
      byTrack((t) => of(t).joined),
    ),
    counter(
      'mimbar_edge_stream_bytes',
      'Bytes handed to sockets.',
      byTrack((t) => of(t).bytes),
    ),
    counter(
      'mimbar_edge_parts_delivered',
      'Parts times listeners.',
      byTrack((t) => of(t).partsDelivered),
    ),
    counter(
      'mimbar_edge_parts_skipped',
      'Parts left out, and told.',
      byTrack((t) => of(t).partsSkipped),
    ),
    counter('mimbar_edge_streams_closed', 'Streams ended, by reason.', closed),
    counter('mimbar_edge_streams_refused', 'Streams refused for want of room.', [
      ['{who="people"}', counters.refusedFull.people],
      ['{who="rehearsed"}', counters.refusedFull.rehearsed],
    ]),
    counter('mimbar_edge_tail_breaks', 'Tails that broke and were resumed.', [['', counters.tailBreaks]]),
    counter('mimbar_edge_segments', 'HLS segments served.', [['', counters.segments]]),
    counter('mimbar_edge_hls_partials', 'HLS Partial Segments served.', [['', counters.partials]]),
    counter('mimbar_edge_hls_playlists', 'Live playlists served, by whether the request could be held.', [
      ['{kind="multivariant"}', counters.playlists.multivariant],
      ['{kind="plain"}', counters.playlists.plain],
      ['{kind="blocking"}', counters.playlists.blocking],
    ]),
    counter('mimbar_edge_hls_playlists_printed', 'Live playlists made; answers share them.', [
      ['', counters.playlistsPrinted],
    ]),
    counter('mimbar_edge_hls_held_unanswered', 'Held requests turned away, by reason.', [
      ['{reason="late"}', counters.heldLate],
      ['{reason="full"}', counters.heldRefused],
    ]),
    counter('mimbar_edge_hands', 'Requests about raised hands, by outcome.', [
      ['{outcome="passed"}', counters.hands.passed],
      ['{outcome="refused"}', counters.hands.refused],
      ['{outcome="failed"}', counters.hands.failed],
    ]),
    counter('mimbar_edge_proxied', 'Requests passed to control, by outcome.', [
      ['{outcome="answered"}', counters.proxied],
      ['{outcome="cached"}', counters.proxyCacheHits],
      ['{outcome="refused"}', counters.proxyRefused],
      ['{outcome="failed"}', counters.proxyFailed],
    ]),
    counter('mimbar_edge_tls_reloads', 'Certificates taken into use after the first.', [
      ['', counters.tlsReloads],
    ]),
    gauge('mimbar_edge_waiting', 'Places in the line, over all edges as this one knows them.', [
      ['', gauges.waiting],
    ]),
    ...doorFamilies(counters.door).map(([name, help, samples]) => counter(name, help, samples)),
    ...more,
    '# EOF\n',
  ].join('')
}

function pageReportFamilies({
  kinds,
  refused,
  firstAudioMs,
  firstAudios,
  gaps,
}: PageReportCounters): string[] {
  const name = 'mimbar_edge_page_first_audio_seconds'
  return [
    counter('mimbar_edge_page_reports', 'What pages told when they were left, by outcome.', [
      ...REPORT_KINDS.map((kind): Sample => [`{kind="${kind}"}`, kinds[kind]]),
      ['{kind="refused"}', refused],
    ]),
    counter('mimbar_edge_page_gaps', 'Gaps that pages told of.', [['', gaps]]),
    `# TYPE ${name} summary\n# HELP ${name} From the press to the first sound, as pages told.\n` +
      `${name}_sum ${firstAudioMs / 1000}\n${name}_count ${firstAudios}\n`,
  ]
}

/** One family of gauges. */
export const gauge = (name: string, help: string, samples: readonly Sample[]): string =>
  family(name, 'gauge', help, name, samples)
/** One family of counters; `_total` is added to the name of its samples. */
export const counter = (name: string, help: string, samples: readonly Sample[]): string =>
  family(name, 'counter', help, `${name}_total`, samples)

function family(name: string, type: string, help: string, sampleName: string, samples: readonly Sample[]) {
  const lines = samples.map(([labels, value]) => `${sampleName}${labels} ${value}\n`)
  return `# TYPE ${name} ${type}\n# HELP ${name} ${help}\n${lines.join('')}`
}
