// What the listeners cost the server, by its own word: processor time and delivered parts of each edge, from
// `GET /metrics`. Edges share one address, so it is asked several times, over new connections, until all were met.

import { MimbarError } from '../base/errors.ts'
import type { EdgeCost, ServerCost } from '../core/rehearsal/report.ts'
import { askOnce } from './ask-once.ts'
import type { Target } from './swarm/messages.ts'

/** Of one edge at one moment. */
export interface EdgeReading {
  readonly cpuSeconds: number
  readonly partsDelivered: number
}

export type Readings = ReadonlyMap<string, EdgeReading>

/** Questions to one address: with four edges, one is missed in about one case of a hundred. */
const QUESTIONS = 16

/** Reads every edge that a few questions meet. Without an answer, or without the figures in it, there are none. */
export async function readEdges(target: Target): Promise<Readings> {
  const readings = new Map<string, EdgeReading>()
  for (const address of target.addresses) {
    for (let i = 0; i < QUESTIONS; i++) {
      try {
        const { status, text } = await askOnce({ ...target, address, path: '/metrics' })
        if (status !== 200) break
        const [edge, reading] = parseReading(text) ?? []
        if (edge === undefined || reading === undefined) break
        // The same edge name may stand behind several addresses.
        readings.set(`${address} ${edge}`, reading)
      } catch (error) {
        if (!(error instanceof MimbarError)) throw error
        break // No figures are better than a run that fails for want of them.
      }
    }
  }
  return readings
}

/** The two figures in an exposition of an edge; `undefined` where they are not. */
export function parseReading(text: string): [edge: string, reading: EdgeReading] | undefined {
  const cpu = /^mimbar_edge_cpu_seconds_total\{edge="([^"]+)"\} ([0-9.e+-]+)$/m.exec(text)
  const parts = [...text.matchAll(/^mimbar_edge_parts_delivered_total\{[^}]*\} ([0-9.e+-]+)$/gm)]
  if (cpu === null || parts.length === 0) return undefined
  const partsDelivered = parts.reduce((sum, match) => sum + Number(match[1]), 0)
  return [cpu[1] as string, { cpuSeconds: Number(cpu[2]), partsDelivered }]
}

/** What happened between two readings, by the edges that are in both and were not started anew. */
export function costBetween(before: Readings, after: Readings): ServerCost {
  const edges: EdgeCost[] = []
  for (const [edge, { cpuSeconds, partsDelivered }] of after) {
    const earlier = before.get(edge)
    if (earlier === undefined || earlier.cpuSeconds > cpuSeconds) continue
    edges.push({
      edge,
      cpuSeconds: cpuSeconds - earlier.cpuSeconds,
      partsDelivered: partsDelivered - earlier.partsDelivered,
    })
  }
  const delivered = edges.reduce((sum, edge) => sum + edge.partsDelivered, 0)
  if (delivered > 0) return { kind: 'measured', edges }
  const why =
    after.size === 0
      ? 'the server does not show /metrics here, or not its processor time'
      : 'no edge answered both before and after'
  return { kind: 'unknown', why }
}
