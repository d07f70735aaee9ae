// What a conductor and its swarm processes say to each other: a line of JSON each, down the child's standard input
// (which is its lifeline too) and up its standard output.

import type { SpaceId } from '../../base/ids.ts'
import type { SparseHistogram } from '../../core/rehearsal/histogram.ts'
import type { Presence, Tally } from '../../core/rehearsal/tally.ts'
import type { LedgerNews } from './part-ledger.ts'

/** The front door, found and proven before the first listener comes. */
export interface Target {
  /** As `Host` and for the certificate. */
  readonly hostName: string
  /** `Host`, with the port where it is not the scheme's own. */
  readonly authority: string
  readonly port: number
  readonly tls: boolean
  /** Each was asked and answered; listeners are spread over them. */
  readonly addresses: readonly string[]
  readonly space: SpaceId
  /** PEM of the authority to trust, for a certificate that no known one has signed. */
  readonly ca?: string
}

/** All at once, or evenly over a time. */
export type Join = { readonly kind: 'storm' } | { readonly kind: 'ramp'; readonly overMs: number }

export interface SwarmPlan {
  readonly target: Target
  readonly key: string
  /** What to add to this machine's wall clock to have the server's. */
  readonly clockOffsetMs: number
  readonly listeners: number
  readonly join: Join
  /** Percent of listeners who leave and come back, per minute. */
  readonly churnPercentPerMinute: number
  /** Percent of listeners who poll HLS instead of taking a pushed stream. */
  readonly hlsPercent: number
  /** Percent of listeners who stop reading now and then. */
  readonly slowPercent: number
  /** Percent of listeners who stop reading for ever without hanging up, per minute. */
  readonly vanishPercentPerMinute: number
}

export const ATTACKS = ['connections', 'requests', 'slow-headers', 'slow-readers', 'join-and-leave'] as const
export type AttackProfile = (typeof ATTACKS)[number]

export interface AttackPlan {
  readonly target: Target
  readonly key: string
  readonly clockOffsetMs: number
  readonly profile: AttackProfile
  /** Connections at the same time. */
  readonly attackers: number
}

/** What an attack did, since its start. */
export interface AttackTally {
  readonly opened: number
  readonly failed: number
  readonly closedByServer: number
  readonly requests: number
  /** Answers by status. */
  readonly answers: Readonly<Record<string, number>>
}

export type Order =
  | { readonly kind: 'listen'; readonly plan: SwarmPlan }
  | { readonly kind: 'attack'; readonly plan: AttackPlan }
  | { readonly kind: 'go' }
  | { readonly kind: 'finish' }

/** Sent once a second, and once at the end. Histograms hold what happened since the one before. */
export interface SwarmReport {
  readonly kind: 'report'
  readonly tally: Tally
  readonly presence: Presence
  readonly durations: Readonly<Record<DurationName, SparseHistogram>>
  readonly news: LedgerNews
  /** The interval that the edge announced last. */
  readonly flushMs: number
  readonly load: GeneratorLoad
}

/** How busy the generator was since the report before. */
export interface GeneratorLoad {
  /** Since the report before. */
  readonly overMs: number
  /** 1 is a core. */
  readonly cpu: number
  /** What the process has grown by since before its first listener. */
  readonly memoryBytes: number
}

export const DURATIONS = {
  connected: 'connect() to connection, with the TLS handshake',
  firstAudio: 'First connect() of an arrival that had not to wait to its first whole part, retries counted',
  answered: 'First connect() of an arrival to audio or a place in the line, retries counted',
  waited: 'A place in the line to the first whole part',
  outage: 'Loss of a stream to the next part',
  lag: 'End of a part, as spoken, to its arrival',
  startSlip: 'How much later than planned the generator tried to connect',
  loopLate: "How late the generator's timers were",
} as const
export type DurationName = keyof typeof DURATIONS
export const DURATION_NAMES = Object.keys(DURATIONS) as readonly DurationName[]

export type Word =
  | { readonly kind: 'ready' }
  | SwarmReport
  | { readonly kind: 'attacked'; readonly tally: AttackTally }
  | { readonly kind: 'done' }
