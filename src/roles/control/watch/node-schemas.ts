// The JSON of GET /api/v1/node as a schema, for the OpenAPI document. The type at the end fails to compile when it no
// longer says what `core/watch/node-view.ts` says.

import { z } from '@hono/zod-openapi'
import type { PROBLEM_KINDS } from '../../../core/count/problems.ts'
import { ALARM_KINDS } from '../../../core/watch/alarm-kinds.ts'
import type { NodeView } from '../../../core/watch/node-view.ts'
import { spaceId } from '../schemas.ts'

const ms = z.int().describe('Milliseconds since the Unix epoch')
const count = z.int().min(0)
const share = z.number().describe('0 to 1')
const bytes = z.number().min(0)
const points = z.array(z.number().nullable()).readonly().describe('Oldest first; null: not known')
const capacity = z.object({ used: count, max: count })
const presence = z
  .enum(['starting', 'up', 'left', 'lost'])
  .describe('left: it was asked to stop; lost: it is silent without a word')

const space = z.object({
  id: spaceId,
  title: z.string(),
  phase: z.enum(['lobby', 'live']),
  startedAtMs: z.number().exactOptional(),
  stage: z.string().exactOptional().describe('Absent while no stage speaks for it'),
  sound: z.enum(['voices', 'slate', 'opening', 'held']).exactOptional(),
  lateMs: count.exactOptional().describe('How long ago the newest part that the log has was over'),
  listeners: count,
  chart: points.exactOptional(),
  seats: z.object({ onAir: count, backstage: count, away: count }).exactOptional(),
  turnedAway: count.exactOptional(),
  problems: z
    .object({
      'no-sound': count.exactOptional(),
      interrupted: count.exactOptional(),
      late: count.exactOptional(),
      heard: count.exactOptional(),
    } satisfies Record<(typeof PROBLEM_KINDS)[number], unknown>)
    .readonly()
    .exactOptional()
    .describe('What listeners reported in the last ten minutes'),
})

const stage = z.object({
  stage: z.string(),
  presence,
  heardAtMs: ms.exactOptional(),
  spaces: count,
  latenessMsP99: z.number().exactOptional().describe('How late its ticks are, over ten seconds'),
  cpu: z.number().exactOptional().describe('Share of one core'),
  memoryBytes: bytes.exactOptional(),
  accepts: z.boolean().describe('False when it is too late to take more spaces'),
  hasStandby: z.boolean(),
})

const edge = z.object({
  edge: z.string(),
  presence,
  heardAtMs: ms.exactOptional(),
  listeners: count,
  capacity: capacity.exactOptional(),
  flushMs: z.number().exactOptional(),
  egressBps: z.number().exactOptional(),
  cpu: z.number().exactOptional(),
  memoryBytes: bytes.exactOptional(),
  turnedAway: count,
})

export const nodeViewSchema = z
  .object({
    nowMs: z.number(),
    node: z.string(),
    isHearing: z.boolean().describe('False while control hears nothing from stages and edges'),
    alarms: z
      .array(
        z.object({
          alarm: z.enum(ALARM_KINDS),
          subject: z.string(),
          sinceMs: z.number(),
          share: share.exactOptional(),
        }),
      )
      .readonly(),
    webhook: z
      .object({
        host: z.string(),
        isSigned: z.boolean(),
        delivered: count,
        lost: count,
        waiting: count,
        deliveredAtMs: z.number().exactOptional(),
        problem: z.string().exactOptional(),
      })
      .exactOptional(),
    listeners: count,
    waiting: count,
    capacity: capacity.exactOptional(),
    egressBps: z.number(),
    disk: z.object({ usedBytes: bytes, freeBytes: bytes }).exactOptional(),
    spaces: z.array(space).readonly(),
    spacesMore: count,
    stages: z.array(stage).readonly(),
    edges: z.array(edge).readonly(),
    charts: z.object({
      stepMs: z.number(),
      listeners: points,
      latenessMs: points,
      capacity: points,
      egressBps: points,
    }),
  })
  .openapi('NodeView')

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false
type Holds<T extends true> = T

/** Compiles only while both accept the same values. */
export type SchemaMatchesTheView = Holds<Same<z.output<typeof nodeViewSchema>, NodeView>>
