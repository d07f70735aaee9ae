// Words that every route description repeats.

import { z } from '@hono/zod-openapi'
import { PROBLEM_TYPE } from '../../core/problem/problem.ts'
import { problemSchema, seatId, spaceId } from './schemas.ts'

/** Any answer that is not a success: RFC 9457. */
export const problems = {
  default: {
    description: 'A problem document; `code` is stable',
    content: { [PROBLEM_TYPE]: { schema: problemSchema } },
  },
} as const

/** A successful answer in JSON. */
export const json = <S extends z.ZodType>(description: string, schema: S) => ({
  description,
  content: { 'application/json': { schema } },
})

/** A request body in JSON. */
export const jsonBody = <S extends z.ZodType>(schema: S) => ({
  required: true,
  content: { 'application/json': { schema } },
})

export const spaceParams = z.object({ space: spaceId })
export const seatParams = z.object({ space: spaceId, seat: seatId })
export const seatQuery = z.object({ seat: seatId.exactOptional() })
