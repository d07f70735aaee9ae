// "Report a problem": what one press on the listening page tells. No name, no id, no text of its own: numbers in
// bounds and words from lists. The page's edge counts it, keeps the newest few, and tells both on the Feed, where
// control reads them for the people on duty. Nothing here grows with how often somebody presses.
//
//   page ── POST /live/:space/problem, ProblemReport ──▶ edge ── Feed `problems/<edge>`, ProblemReports ──▶ control

import { MimbarError } from '../../base/errors.ts'
import type { WallMillis } from '../../base/units.ts'
import { NETWORKS, type Network } from './page-report.ts'
import { parseReportObject, requireWholeNumbers, requireWord } from './report-fields.ts'

/**
 * What kind of trouble the numbers show; the edge decides, so that a page cannot say one thing and mean another.
 * `no-sound`: none has come yet. `interrupted`: the sound stops, or the connection does. `late`: far behind live.
 * `heard`: sound comes as it should, so what is wrong lies in what is heard, or in the page.
 */
export const PROBLEM_KINDS = ['no-sound', 'interrupted', 'late', 'heard'] as const
export type ProblemKind = (typeof PROBLEM_KINDS)[number]

/** The faces that the listening page has (`src/web/listen/page-state.ts`, whose type every one of them is checked by). */
export const PROBLEM_STATES = [
  'scheduled',
  'early',
  'waiting',
  'lobby',
  'lobby-in',
  'ready',
  'connecting',
  'live',
  'catching-up',
  'behind',
  'opening',
  'held',
  'slate',
  'reconnecting',
  'stalled',
  'lost',
  'busy',
  'paused',
  'refused',
  'ended',
  'withheld',
  'ended-replay',
  'replaying',
  'replay-loading',
  'replay-paused',
  'replay-over',
  'unsupported',
  'failed',
  'removed',
] as const
export type ProblemState = (typeof PROBLEM_STATES)[number]

/** How fast the network is, as the Network Information API tells where it exists (`effectiveType`). */
export const NETWORK_SPEEDS = ['slow-2g', '2g', '3g', '4g'] as const
export type NetworkSpeed = (typeof NETWORK_SPEEDS)[number]

/** What plays: one of our pushed tracks, or a playlist by the browser's own player or by hls.js. */
export const PROBLEM_TRACKS = ['opus.mp4', 'low.mp4', 'hls', 'hls.js', 'none'] as const
export type ProblemTrack = (typeof PROBLEM_TRACKS)[number]

/** The body of `POST /live/:space/problem`. Durations in ms; absent: not known. */
export interface ProblemReport {
  readonly state: ProblemState
  readonly track: ProblemTrack
  /** From the press of the button to the first sound; absent while none has come. */
  readonly firstAudioMs?: number
  /** How often the sound stopped. */
  readonly gaps?: number
  /** How often the stream was opened again. */
  readonly reconnects?: number
  /** What is buffered ahead of what is heard. */
  readonly bufferMs?: number
  /** How much later than intended, live. */
  readonly behindMs?: number
  /** From the stage's clock to the ear. */
  readonly latencyMs?: number
  readonly network?: Network
  readonly speed?: NetworkSpeed
  /** Which page it was: eight digits of a hash, base 16. */
  readonly page?: string
}

/** One of the newest problems, as the edge tells it. */
export interface ReportedProblem extends ProblemReport {
  readonly space: string
  readonly kind: ProblemKind
  /** When it came, by the edge's clock. */
  readonly atMs: WallMillis
}

/** Reports by kind; a kind without any is left out. */
export type ProblemCounts = Readonly<Partial<Record<ProblemKind, number>>>

/**
 * Feed topic `problems/<edge>`: within a second of news, and again every {@link PROBLEMS_REPEAT_MS} for an engine that
 * started anew. An edge to which nobody has reported anything says nothing.
 */
export interface ProblemReports {
  readonly edge: string
  readonly atMs: WallMillis
  /** Another one each time the edge starts; its totals then begin at 0. */
  readonly life: number
  /** Totals since the edge started, by space: of the {@link PROBLEM_SPACES_MAX} that were reported last. */
  readonly spaces: Readonly<Record<string, ProblemCounts>>
  /** Newest first, at most {@link PROBLEMS_KEPT_MAX}. */
  readonly latest: readonly ReportedProblem[]
}

export const PROBLEMS_PREFIX = 'problems/'
/** Where `edge` tells its {@link ProblemReports}. */
export const problemsTopic = (edge: string): string => `${PROBLEMS_PREFIX}${edge}`
export const PROBLEMS_REPEAT_MS = 10_000
/** The newest reports that an edge tells: about 4 KB. */
export const PROBLEMS_KEPT_MAX = 16
export const PROBLEM_SPACES_MAX = 100

/** All kinds of one set of counts together. */
export function countProblems(counts: ProblemCounts): number {
  return PROBLEM_KINDS.reduce((sum, kind) => sum + (counts[kind] ?? 0), 0)
}

/** No honest report is longer. */
export const PROBLEM_BYTES_MAX = 512
/** Later than intended by this much is what the problem is about. */
const LATE_MS = 10_000
const PAGE_PATTERN = /^[0-9a-f]{8}$/
const LIMITS = {
  firstAudioMs: 600_000,
  gaps: 10_000,
  reconnects: 10_000,
  bufferMs: 600_000,
  behindMs: 86_400_000,
  latencyMs: 86_400_000,
} as const
/** Faces of a page to which no sound comes, though somebody waits for it. */
const CUT_OFF: readonly ProblemState[] = ['stalled', 'lost', 'busy', 'reconnecting']

/** Cuts the numbers of a page down to what a report may carry. */
export function boundProblem(report: ProblemReport): ProblemReport {
  const numbers = Object.entries(LIMITS).map(([name, max]) => {
    const value = report[name as keyof typeof LIMITS]
    return [name, value === undefined ? undefined : Math.min(max, Math.max(0, Math.round(value)))] as const
  })
  return { ...report, ...Object.fromEntries(numbers.filter(([, value]) => value !== undefined)) }
}

/** Reads a report; `bad-request` names what is wrong. What is not in {@link ProblemReport} is refused, not ignored. */
export function parseProblemReport(text: string): ProblemReport {
  const { state, track, network, speed, page, ...numbers } = parseReportObject(text)
  return {
    state: requireWord('state', PROBLEM_STATES, state),
    track: requireWord('track', PROBLEM_TRACKS, track),
    ...(network === undefined ? {} : { network: requireWord('network', NETWORKS, network) }),
    ...(speed === undefined ? {} : { speed: requireWord('speed', NETWORK_SPEEDS, speed) }),
    ...(page === undefined ? {} : { page: requirePage(page) }),
    ...requireWholeNumbers(numbers, LIMITS),
  }
}

/** What kind of trouble `report` is about. */
export function problemKindOf({ state, firstAudioMs, gaps, behindMs }: ProblemReport): ProblemKind {
  if (firstAudioMs === undefined) return 'no-sound'
  if (CUT_OFF.includes(state) || (gaps ?? 0) > 0) return 'interrupted'
  return (behindMs ?? 0) >= LATE_MS ? 'late' : 'heard'
}

function requirePage(page: unknown): string {
  if (typeof page === 'string' && PAGE_PATTERN.test(page)) return page
  throw new MimbarError('bad-request', '`page` is eight digits of a hash, base 16.')
}
