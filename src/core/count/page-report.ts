// What a listening page says of itself, once, when it is left or when it fails: POST /live/:space/report. No name, no
// id, no text of its own: numbers in bounds and words from a list. It is summed where it arrives, and never believed
// where the edge can see for itself: nobody listens because a page says so.

import { parseReportObject, requireWholeNumbers, requireWord } from './report-fields.ts'

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
  const { kind, network, ...numbers } = parseReportObject(text)
  return {
    kind: requireWord('kind', REPORT_KINDS, kind),
    ...(network === undefined ? {} : { network: requireWord('network', NETWORKS, network) }),
    ...requireWholeNumbers(numbers, LIMITS),
  }
}
