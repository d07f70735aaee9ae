// What a listening page says of itself, once, when it is left or when it fails: POST /live/:space/report. No name, no
// id, no text of its own: numbers in bounds and words from a list. It is summed where it arrives, and never believed
// where the edge can see for itself: nobody listens because a page says so.

import { MimbarError } from '../../base/errors.ts'

/** `played`: sound came. `gave-up`: left before any did. `could-not-play`: found no way. */
export const REPORT_KINDS = ['played', 'gave-up', 'could-not-play'] as const
export type ReportKind = (typeof REPORT_KINDS)[number]

/** Kinds of connection, as the Network Information API tells them where it exists. */
export const NETWORKS = ['wifi', 'cellular', 'ethernet', 'other', 'unknown'] as const
export type Network = (typeof NETWORKS)[number]

export interface PageReport {
  readonly kind: ReportKind
  /** From the press of the button to the first sound. */
  readonly firstAudioMs?: number
  /** How often the sound stopped. */
  readonly gaps?: number
  /** What was buffered at the end. */
  readonly bufferMs?: number
  readonly network?: Network
}

/** No honest report is longer. */
export const PAGE_REPORT_BYTES_MAX = 512

const LIMITS = { firstAudioMs: 600_000, gaps: 10_000, bufferMs: 600_000 } as const

/** Reads a report; `bad-request` names what is wrong. What is not in {@link PageReport} is refused, not ignored. */
export function parsePageReport(text: string): PageReport {
  const value = parseJson(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw bad('A report is a JSON object.')
  const { kind, network, ...numbers } = value as Record<string, unknown>
  if (!isOneOf(REPORT_KINDS, kind)) throw bad(`\`kind\` is one of ${REPORT_KINDS.join(', ')}.`)
  if (network !== undefined && !isOneOf(NETWORKS, network)) {
    throw bad(`\`network\` is one of ${NETWORKS.join(', ')}.`)
  }
  for (const [name, number] of Object.entries(numbers)) {
    const max = Object.hasOwn(LIMITS, name) ? LIMITS[name as keyof typeof LIMITS] : undefined
    if (max === undefined) throw bad(`A report has no \`${name.slice(0, 40)}\`.`)
    if (!Number.isInteger(number) || (number as number) < 0 || (number as number) > max) {
      throw bad(`\`${name}\` is a whole number from 0 to ${max}.`)
    }
  }
  return { kind, ...numbers, ...(network === undefined ? {} : { network }) }
}

function isOneOf<T extends string>(list: readonly T[], value: unknown): value is T {
  return (list as readonly unknown[]).includes(value)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new MimbarError('bad-request', 'The report is not JSON.', { cause })
  }
}

const bad = (detail: string) => new MimbarError('bad-request', detail)
