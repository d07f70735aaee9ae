// What control hears of a node, folded into what people on duty see of it. Pure: reports and looks come with their
// time, and all memory is bounded by the names of processes and the spaces that are on.

import type { Millis, WallMillis } from '../../base/units.ts'
import { wallTimeOf } from '../../base/units.ts'
import { countProblems, type ProblemReports } from '../count/problems.ts'
import { gatherCrowd, sizeOf } from '../door/waiting-sample.ts'
import type { EdgeReport, ObservedSpace, SpaceFacts, StageHeartbeat } from '../space/facts.ts'
import { isFresh } from '../space/freshness.ts'
import type { Condition } from './alarm-book.ts'
import { conditionsOf } from './conditions.ts'
import { NodeHistory } from './node-history.ts'
import {
  type CapacityView,
  type DiskView,
  type EdgeRow,
  type NodeView,
  SPACES_CHARTED_MAX,
  SPACES_SHOWN_MAX,
  type SpaceRow,
  type StageRow,
} from './node-view.ts'
import { RecentProblems } from './recent-problems.ts'
import { RollCall, STARTING_MS_MAX } from './roll-call.ts'

export interface NodeWatchOptions {
  readonly node: string
  /** The processes that this node starts. */
  readonly stages: readonly string[]
  readonly edges: readonly string[]
  /** The operator's limit of listeners; 0: what the machine allows. */
  readonly listenersMax: number
  readonly startedAt: Millis
}

/** A space that is on, or whose lobby is open. */
export interface SpaceSight {
  readonly facts: SpaceFacts
  /** What the stage that holds it tells; undefined when none has lately. */
  readonly observed: ObservedSpace | undefined
  readonly listeners: number
}

export interface NodeLook {
  readonly view: Omit<NodeView, 'alarms' | 'webhook'>
  readonly conditions: readonly Condition[]
}

export class NodeWatch {
  readonly #options: NodeWatchOptions
  readonly #stageCall: RollCall
  readonly #edgeCall: RollCall
  /** The newest of each who is on its roll. */
  readonly #heartbeats = new Map<string, StageHeartbeat>()
  readonly #reports = new Map<string, EdgeReport>()
  readonly #problems = new RecentProblems()
  readonly #history: NodeHistory
  #disk: DiskView | undefined

  constructor(options: NodeWatchOptions) {
    this.#options = options
    this.#stageCall = new RollCall(options.stages, options.startedAt)
    this.#edgeCall = new RollCall(options.edges, options.startedAt)
    this.#history = new NodeHistory(options.startedAt)
  }

  /** What was said long ago, and is only repeated by the Feed, is not heard. */
  heardStage(heartbeat: StageHeartbeat, now: Millis, wall: WallMillis): void {
    if (!isFresh(heartbeat.atMs, wall)) return
    const { stage, leaving } = heartbeat
    if (this.#stageCall.heard(stage, leaving !== undefined, now)) this.#heartbeats.set(stage, heartbeat)
  }

  /** Likewise. An edge that stops carries no load any more. */
  heardEdge(report: EdgeReport, now: Millis, wall: WallMillis): void {
    if (!isFresh(report.atMs, wall)) return
    const { edge, load } = report
    if (this.#edgeCall.heard(edge, load === undefined, now)) this.#reports.set(edge, report)
  }

  heardProblems(reports: ProblemReports, wall: WallMillis): void {
    this.#problems.heard(reports, wall)
  }

  /** Undefined while it cannot be read. */
  sawDisk(disk: DiskView | undefined): void {
    this.#disk = disk
  }

  /** Once a second: everything as it is now. */
  look(spaces: readonly SpaceSight[], now: Millis, wall: WallMillis): NodeLook {
    for (const stage of this.#stageCall.forgetLeft(now)) this.#heartbeats.delete(stage)
    for (const edge of this.#edgeCall.forgetLeft(now)) this.#reports.delete(edge)
    const steps = this.#history.stepsUntil(now)
    this.#problems.step(steps)
    const stages = this.#stageRows(now, wall)
    const edges = this.#edgeRows(now, wall)
    const capacity = this.#capacityOf(edges)
    const rows = spaces.map((sight) => this.#spaceRow(sight)).sort(byListeners)
    const present = edges.filter(({ presence }) => presence === 'up')
    const seen = {
      isHearing: this.#stageCall.isHearing(now) || this.#edgeCall.isHearing(now),
      listeners: present.reduce((sum, { listeners }) => sum + listeners, 0),
      egressBps: present.reduce((sum, { egressBps = 0 }) => sum + egressBps, 0),
      stages,
      edges,
      ...(capacity === undefined ? {} : { capacity }),
      ...(this.#disk === undefined ? {} : { disk: this.#disk }),
    }
    this.#history.note(seen, rows, steps)
    const shown = rows.slice(0, SPACES_SHOWN_MAX).map((row, rank) => ({
      ...row,
      ...(rank < SPACES_CHARTED_MAX ? { chart: this.#history.pointsOf(row.id) } : {}),
    }))
    const isStarting = now - this.#options.startedAt <= STARTING_MS_MAX
    return {
      view: {
        ...seen,
        nowMs: wall,
        node: this.#options.node,
        waiting: this.#waiting(present),
        spaces: shown,
        spacesMore: rows.length - shown.length,
        charts: this.#history.charts(),
      },
      conditions: conditionsOf({ ...seen, spaces: rows }, isStarting),
    }
  }

  #stageRows(now: Millis, wall: WallMillis): readonly StageRow[] {
    const call = this.#stageCall
    const isUp = (stage: string) => call.presence(stage, now) === 'up'
    const names = call.names()
    return names.map((stage) => {
      const {
        spaces = 0,
        tickLatenessMsP99,
        accepts = false,
        cpu,
        memoryBytes,
      } = this.#heartbeats.get(stage) ?? {}
      return {
        stage,
        presence: call.presence(stage, now),
        ...heardAt(call.silentMs(stage, now), wall),
        spaces: isUp(stage) ? spaces : 0,
        ...(isUp(stage) ? given({ latenessMsP99: tickLatenessMsP99, cpu, memoryBytes }) : {}),
        accepts: isUp(stage) && accepts,
        hasStandby: names.some((other) => other !== stage && isUp(other)),
      }
    })
  }

  #edgeRows(now: Millis, wall: WallMillis): readonly EdgeRow[] {
    const call = this.#edgeCall
    return call.names().map((edge) => {
      const report = this.#reports.get(edge)
      const presence = call.presence(edge, now)
      const row = {
        edge,
        presence,
        ...heardAt(call.silentMs(edge, now), wall),
        turnedAway: turnedAwayBy(report),
      }
      const load = presence === 'up' ? report?.load : undefined
      if (load === undefined) return { ...row, listeners: 0 }
      const { streams, streamsMax, egressBps, cpu, memoryBytes, flushMs } = load
      return {
        ...row,
        listeners: Object.values(report?.listeners ?? {}).reduce((sum, count) => sum + count, 0),
        capacity: { used: streams, max: streamsMax },
        egressBps,
        ...given({ cpu, memoryBytes, flushMs }),
      }
    })
  }

  #capacityOf(edges: readonly EdgeRow[]): CapacityView | undefined {
    const told = edges.flatMap(({ capacity }) => capacity ?? [])
    if (told.length === 0) return undefined
    const { listenersMax } = this.#options
    const max = told.reduce((sum, { max }) => sum + max, 0)
    return {
      used: told.reduce((sum, { used }) => sum + used, 0),
      max: listenersMax === 0 ? max : Math.min(max, listenersMax),
    }
  }

  #spaceRow({ facts, observed, listeners }: SpaceSight): SpaceRow {
    const { id, title, phase, programStart, gridStartMs } = facts
    const problems = this.#problems.of(id)
    const startedAtMs = programStart === undefined ? undefined : wallTimeOf(programStart, gridStartMs)
    return {
      id,
      title,
      phase: phase === 'live' ? 'live' : 'lobby',
      listeners,
      ...given({ startedAtMs, turnedAway: observed?.audience?.turnedAway }),
      ...(observed === undefined ? {} : onStage(observed, facts)),
      ...(countProblems(problems) === 0 ? {} : { problems }),
    }
  }

  #waiting(present: readonly EdgeRow[]): number {
    const doors = present.flatMap(({ edge }) => this.#reports.get(edge)?.door ?? [])
    if (doors.length === 0) return 0
    const cutoff = doors.reduce(
      (latest, { cutoffMs }) => (cutoffMs > latest ? cutoffMs : latest),
      0 as WallMillis,
    )
    return sizeOf(
      gatherCrowd(
        doors.map(({ waiting }) => waiting),
        cutoff,
      ),
    )
  }
}

/** What is known is given; what isn't is left out. */
function given<K extends string>(
  values: Readonly<Record<K, number | undefined>>,
): { readonly [key in K]?: number } {
  const known = Object.entries(values).filter(([, value]) => value !== undefined)
  return Object.fromEntries(known) as { readonly [key in K]?: number }
}

function heardAt(silentMs: Millis | undefined, wall: WallMillis): { readonly heardAtMs?: number } {
  return silentMs === undefined ? {} : { heardAtMs: Math.round(wall - silentMs) }
}

function onStage(observed: ObservedSpace, { gridStartMs }: SpaceFacts) {
  const { stage, head, atMs, held, opening, slate, seats } = observed
  const there = seats.filter(({ connection }) => connection !== 'absent')
  const backstage = there.filter(({ onAir }) => onAir === false).length
  const sound = held ? 'held' : opening ? 'opening' : slate ? 'slate' : 'voices'
  return {
    stage,
    sound,
    ...(head === undefined
      ? {}
      : { lateMs: Math.max(0, Math.round(atMs - wallTimeOf((head + 1) as typeof head, gridStartMs))) }),
    seats: { onAir: there.length - backstage, backstage, away: seats.length - there.length },
  } as const
}

function turnedAwayBy(report: EdgeReport | undefined): number {
  const spaces = Object.values(report?.audience?.spaces ?? {})
  return spaces.reduce((sum, { turnedAway = 0 }) => sum + turnedAway, 0)
}

const byListeners = (a: SpaceRow, b: SpaceRow): number => b.listeners - a.listeners || (a.id < b.id ? -1 : 1)
