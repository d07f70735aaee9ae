// What the people on duty see of a node at one moment: the JSON of GET /api/v1/node. Figures are as the processes told
// them; what nobody has told is absent, never 0. Shares are 0…1.

import type { SpaceId } from '../../base/ids.ts'
import type { ProblemKind } from '../count/problems.ts'
import type { AlarmKind } from './alarm-kinds.ts'

/** A chart has one point for each step: the highest that was seen in it. */
export const CHART_STEP_MS = 5_000
/** Ten minutes. */
export const CHART_POINTS = 120
/** Spaces in one view; those with the most listeners. */
export const SPACES_SHOWN_MAX = 100
/** Of these, so many carry a chart. */
export const SPACES_CHARTED_MAX = 20

/** Points, oldest first, the last one of the newest whole step; null where nothing is known. */
export type ChartPoints = readonly (number | null)[]

/** starting: not heard yet since control began · up · left: was asked to stop · lost: silent without a word. */
export type Presence = 'starting' | 'up' | 'left' | 'lost'

export interface NodeView {
  readonly nowMs: number
  /** How people know this node: the name and port of its public address. */
  readonly node: string
  /** False while control hears nothing from anybody: everything below is then as it was last known. */
  readonly isHearing: boolean
  /** Those that are on, what matters most first. */
  readonly alarms: readonly AlarmOn[]
  /** Absent when none is set. */
  readonly webhook?: WebhookView
  readonly listeners: number
  /** Places in the line. */
  readonly waiting: number
  /** Absent while no edge has told. */
  readonly capacity?: CapacityView
  /** On the wire, all edges together. */
  readonly egressBps: number
  readonly disk?: DiskView
  readonly spaces: readonly SpaceRow[]
  /** Live spaces and lobbies beyond {@link SPACES_SHOWN_MAX}. */
  readonly spacesMore: number
  readonly stages: readonly StageRow[]
  readonly edges: readonly EdgeRow[]
  readonly charts: NodeCharts
}

export interface NodeCharts {
  readonly stepMs: number
  readonly listeners: ChartPoints
  /** Of the stage that was latest: its ticks' p99. */
  readonly latenessMs: ChartPoints
  /** Share of what the node may carry. */
  readonly capacity: ChartPoints
  readonly egressBps: ChartPoints
}

export interface AlarmOn {
  readonly alarm: AlarmKind
  /** Which stage, edge or space; `node` for the whole. */
  readonly subject: string
  /** When it began to be so. */
  readonly sinceMs: number
  /** What was measured when it was last looked at, for alarms about a share. */
  readonly share?: number
}

/** How the webhook does. */
export interface WebhookView {
  /** Of its address; the rest may be a secret. */
  readonly host: string
  readonly isSigned: boolean
  readonly delivered: number
  /** Given up after the last try, or dropped because too many waited. */
  readonly lost: number
  readonly waiting: number
  readonly deliveredAtMs?: number
  /** Why the newest try failed; absent once one has succeeded. */
  readonly problem?: string
}

export interface CapacityView {
  /** Streams and players, rehearsed ones too: they cost the same. */
  readonly used: number
  readonly max: number
}

export interface DiskView {
  readonly usedBytes: number
  readonly freeBytes: number
}

/** A space that is on, or whose lobby is open. */
export interface SpaceRow {
  readonly id: SpaceId
  readonly title: string
  readonly phase: 'lobby' | 'live'
  /** Since when it is on air. */
  readonly startedAtMs?: number
  /** Which stage speaks for it; absent while none does. */
  readonly stage?: string
  /** What listeners hear. `opening`: the slate before the first word. */
  readonly sound?: 'voices' | 'slate' | 'opening' | 'held'
  /** How long ago the newest part that the log has was over. */
  readonly lateMs?: number
  readonly listeners: number
  readonly chart?: ChartPoints
  /** People on stage, by where they are. */
  readonly seats?: { readonly onAir: number; readonly backstage: number; readonly away: number }
  /** Since it opened: came, and had not got in half a minute later. */
  readonly turnedAway?: number
  /** Reported by listeners in the last ten minutes; absent without any. */
  readonly problems?: Readonly<Partial<Record<ProblemKind, number>>>
}

export interface StageRow {
  readonly stage: string
  readonly presence: Presence
  /** Absent when it was never heard. */
  readonly heardAtMs?: number
  /** Spaces that it speaks for. */
  readonly spaces: number
  readonly latenessMsP99?: number
  /** Share of one core. */
  readonly cpu?: number
  readonly memoryBytes?: number
  /** False when it is too late with what it has to take more. */
  readonly accepts: boolean
  /** False when nobody can take over from it. */
  readonly hasStandby: boolean
}

export interface EdgeRow {
  readonly edge: string
  readonly presence: Presence
  readonly heardAtMs?: number
  readonly listeners: number
  readonly capacity?: CapacityView
  /** How often it writes to its listeners. */
  readonly flushMs?: number
  readonly egressBps?: number
  readonly cpu?: number
  readonly memoryBytes?: number
  /** In all spaces, since it started. */
  readonly turnedAway: number
}

/** Of the whole; 0 when there is none and room for some, 1 when there is room for nobody. */
export function shareOf({ used, max }: CapacityView): number {
  return max <= 0 ? 1 : Math.min(1, used / max)
}

/** As `df` says it: what is kept for root counts neither as used nor as free. */
export function diskShareOf({ usedBytes, freeBytes }: DiskView): number {
  const all = usedBytes + freeBytes
  return all <= 0 ? 0 : usedBytes / all
}
