// Answers `GET /metrics`: reads every gauge of this edge when it is asked, and prints them with the counters.

import type { HoldingRoom } from '../../core/delivery/held-requests.ts'
import { systemClock } from '../../host/system-clock.ts'
import type { Admission } from './admission/admission.ts'
import { CACHE } from './answers.ts'
import { capacityFamilies } from './capacity/capacity-metrics.ts'
import type { EdgeCapacity } from './capacity/edge-capacity.ts'
import type { EdgeAudiences } from './count/edge-audience.ts'
import { type EdgeCounters, OPENMETRICS_TYPE, writeMetrics } from './metrics.ts'
import type { SpaceReaders } from './stream/space-readers.ts'
import type { StreamTrack } from './stream/stream-framing.ts'

export interface MetricsParts {
  readonly edgeId: string
  readonly counters: EdgeCounters
  readonly readers: SpaceReaders
  readonly room: HoldingRoom
  readonly capacity: EdgeCapacity
  readonly admission: Admission
  readonly audiences: EdgeAudiences
  /** Families of their own. */
  readonly more: readonly string[]
}

/** All of it, of this moment. */
export function metricsResponse(parts: MetricsParts): Response {
  const { edgeId, counters, readers, room, capacity, admission, audiences } = parts
  const now = systemClock.now()
  let pollers = 0
  const tailLagMs = new Map<string, number>()
  for (const [space, reader] of readers.all()) {
    pollers += reader.pollers.count(now)
    if (reader.isReady) tailLagMs.set(space, reader.lagMs)
  }
  const gauges = {
    listeners: byTrack((track) => readers.listening(track, now)),
    rehearsed: byTrack((track) => readers.listening(track, now, true)),
    edgeId,
    cpuSeconds: cpuSeconds(),
    pollers,
    replaying: audiences.replaying(),
    held: room.held,
    waiting: admission.waiting,
    readers: readers.all().size,
    tailLagMs,
  }
  const text = writeMetrics(counters, gauges, [...capacityFamilies(capacity.gauges()), ...parts.more])
  return new Response(text, { headers: { 'Content-Type': OPENMETRICS_TYPE, 'Cache-Control': CACHE.never } })
}

function byTrack(count: (track: StreamTrack) => number): Record<StreamTrack, number> {
  return {
    'opus.mp4': count('opus.mp4'),
    'opus.ogg': count('opus.ogg'),
    'low.mp4': count('low.mp4'),
  }
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}
