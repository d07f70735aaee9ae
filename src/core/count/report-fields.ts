// How a page's small reports are read: an object of numbers in bounds and words from lists. What is not known is
// refused rather than ignored, so that nothing can be smuggled through under a name of its own.

import { MimbarError } from '../../base/errors.ts'

/** The object in `text`; `bad-request` when it is none. */
export function parseReportObject(text: string): Readonly<Record<string, unknown>> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new MimbarError('bad-request', 'The report is not JSON.', { cause })
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  throw new MimbarError('bad-request', 'A report is a JSON object.')
}

/** `value` as one of `list`; `bad-request` names the list. */
export function requireWord<T extends string>(name: string, list: readonly T[], value: unknown): T {
  if ((list as readonly unknown[]).includes(value)) return value as T
  throw new MimbarError('bad-request', `\`${name}\` is one of ${list.join(', ')}.`)
}

/** Every value of `numbers` is a whole number from 0 to its limit, and every name has one; otherwise `bad-request`. */
export function requireWholeNumbers<Name extends string>(
  numbers: Readonly<Record<string, unknown>>,
  limits: Readonly<Record<Name, number>>,
): Partial<Record<Name, number>> {
  for (const [name, number] of Object.entries(numbers)) {
    const max = Object.hasOwn(limits, name) ? limits[name as Name] : undefined
    if (max === undefined) throw new MimbarError('bad-request', `A report has no \`${name.slice(0, 40)}\`.`)
    if (!Number.isInteger(number) || (number as number) < 0 || (number as number) > max) {
      throw new MimbarError('bad-request', `\`${name}\` is a whole number from 0 to ${max}.`)
    }
  }
  return numbers as Partial<Record<Name, number>>
}
