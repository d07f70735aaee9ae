// What a player reads of the door's answers. They come over the network, perhaps by way of a cache or from a newer
// edge, so nothing in them is believed before it was looked at.

import { wallMillis } from '../../base/units.ts'
import { type GivenPlace, type LineView, TICKET_CHARACTERS_MAX } from './waiting.ts'

/** A cache or a slip must not make players ask too often, or never again. */
const AGAIN_MS = [1_000, 120_000] as const
/** No door tells anybody to be silent for longer. */
export const AGAIN_MS_MAX = AGAIN_MS[1]
/** A line is told in fewer pieces than this. */
const ARRIVALS_MAX = 256

/** `place` and `line` of a problem document; undefined when there is no place that can be shown again. */
export function parsePlace(problem: unknown): GivenPlace | undefined {
  if (!isRecord(problem) || !isRecord(problem.place)) return undefined
  const { arrivedAtMs, ticket } = problem.place
  if (!isCount(arrivedAtMs) || !isTicket(ticket)) return undefined
  const line = parseLineView(problem.line)
  return { ticket, arrivedAtMs: wallMillis(arrivedAtMs), ...(line === undefined ? {} : { line }) }
}

/** Undefined for anything that is not a line. */
export function parseLineView(value: unknown): LineView | undefined {
  if (!isRecord(value) || !Array.isArray(value.arrivals)) return undefined
  const { nowMs, admittedBeforeMs, waiting, admittedPerSecond, askAgainMs, showAgainMs } = value
  if (!isCount(nowMs) || !isCount(admittedBeforeMs) || !isCount(waiting)) return undefined
  if (!isNumber(admittedPerSecond) || !isNumber(askAgainMs)) return undefined
  const arrivals = value.arrivals.slice(0, ARRIVALS_MAX).filter(isArrival)
  return {
    nowMs: wallMillis(nowMs),
    admittedBeforeMs: wallMillis(admittedBeforeMs),
    waiting,
    admittedPerSecond,
    arrivals: arrivals.map(({ atMs, before }) => ({ atMs: wallMillis(atMs), before })),
    askAgainMs: again(askAgainMs),
    showAgainMs: again(isNumber(showAgainMs) ? showAgainMs : AGAIN_MS[1]),
  }
}

/** Retry-After in seconds (RFC 9110, section 10.2.3) as ms; undefined for none, a date or nonsense. */
export function parseRetryAfter(header: string | null): number | undefined {
  if (header === null || !/^\d{1,6}$/.test(header)) return undefined
  return Math.min(Number(header) * 1_000, AGAIN_MS[1])
}

export function isTicket(value: unknown): value is string {
  return typeof value === 'string' && value.length <= TICKET_CHARACTERS_MAX && /^[\w.~-]+$/.test(value)
}

const again = (ms: number): number => Math.min(AGAIN_MS[1], Math.max(AGAIN_MS[0], ms))

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

const isNumber = (value: unknown): value is number => typeof value === 'number' && value >= 0 && value < 1e15

const isCount = (value: unknown): value is number => isNumber(value) && Number.isInteger(value)

const isArrival = (value: unknown): value is { atMs: number; before: number } =>
  isRecord(value) && isCount(value.atMs) && isCount(value.before)
