// Words that every route description repeats.

import { z } from '@hono/zod-openapi'
import type { SeatId } from '../../base/ids.ts'
import { PROBLEM_TYPE } from '../../core/problem/problem.ts'
import { OPERATOR_COOKIE, seatCookie } from './callers.ts'
import type { ControlApp } from './parts.ts'
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

const schemes = {
  bearer: {
    type: 'http',
    scheme: 'bearer',
    description: "The operator's secret, a seat's token, or, on the stage, the secret of a link",
  },
  operatorCookie: { type: 'apiKey', in: 'cookie', name: OPERATOR_COOKIE },
  seatCookie: {
    type: 'apiKey',
    in: 'cookie',
    name: seatCookie('{seat}' as SeatId),
    description: 'One for each seat; changes by cookie also need an Origin that is one of our doors',
  },
} as const

/** Describes the credentials that {@link byOperator} and its like name. */
export function addSecuritySchemes(app: ControlApp): void {
  for (const [name, scheme] of Object.entries(schemes)) {
    app.openAPIRegistry.registerComponent('securitySchemes', name, scheme)
  }
}

export const byOperator = { security: [{ bearer: [] }, { operatorCookie: [] }] }
export const bySeat = { security: [{ bearer: [] }, { seatCookie: [] }] }
export const byHostOrOperator = { security: [...byOperator.security, { seatCookie: [] }] }

export const spaceParams = z.object({ space: spaceId })
export const seatParams = z.object({ space: spaceId, seat: seatId })
export const seatQuery = z.object({ seat: seatId.exactOptional() })
