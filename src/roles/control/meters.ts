// The numbers of control, as `GET /metrics` prints them (OpenMetrics 1.0).

import type { Clock } from '../../base/clock.ts'
import type { SpaceStore } from './space-store.ts'

/** Media type of OpenMetrics 1.0, section "Overall Structure". */
export const OPENMETRICS_TYPE = 'application/openmetrics-text; version=1.0.0; charset=utf-8'

/** Counts requests by the hundred of their status; everything else is asked for when it is printed. */
export class Meters {
  readonly #requests = new Map<string, number>()

  /** Notes an answered request. */
  answered(status: number): void {
    const hundred = `${Math.floor(status / 100)}xx`
    this.#requests.set(hundred, (this.#requests.get(hundred) ?? 0) + 1)
  }

  /** The whole document; `more` are lines of other parts. */
  print(now: {
    readonly store: SpaceStore
    readonly streams: number
    readonly clock: Clock
    readonly more: readonly string[]
  }): string {
    const census = now.store.census()
    const lines = [
      '# TYPE mimbar_control_spaces gauge',
      '# HELP mimbar_control_spaces Spaces by phase.',
      ...(['scheduled', 'lobby', 'live', 'ended'] as const).map(
        (phase) => `mimbar_control_spaces{phase="${phase}"} ${census.spaces.get(phase) ?? 0}`,
      ),
      '# TYPE mimbar_control_seats gauge',
      '# HELP mimbar_control_seats Seats taken in spaces that have not ended.',
      `mimbar_control_seats ${census.seats}`,
      '# TYPE mimbar_control_view_streams gauge',
      '# HELP mimbar_control_view_streams Pages that follow their stage.',
      `mimbar_control_view_streams ${now.streams}`,
      '# TYPE mimbar_control_requests counter',
      '# HELP mimbar_control_requests Answered requests by status.',
      ...[...this.#requests.entries()]
        .sort()
        .map(([status, count]) => `mimbar_control_requests_total{status="${status}"} ${count}`),
      ...now.more,
      '# EOF',
    ]
    return `${lines.join('\n')}\n`
  }
}
