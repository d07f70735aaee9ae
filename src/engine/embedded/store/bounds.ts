// Numbers that every caller of the log must keep to.

import { MimbarError } from '../../../base/errors.ts'
import type { Part } from '../../../core/part/part.ts'

/** Seven thousand years of parts, and still fifteen digits in a file's name. */
const SEQUENCE_MAX = 2 ** 40
/** A record holds an epoch in 32 bits. */
const EPOCH_MAX = 2 ** 32 - 1

/** Throws `bad-request` unless `n` can be a sequence. */
export function checkSequence(n: number): void {
  if (Number.isInteger(n) && n >= 0 && n <= SEQUENCE_MAX) return
  throw new MimbarError('bad-request', `A sequence is a whole number from 0 to ${SEQUENCE_MAX}.`)
}

/** Throws `bad-request` unless `n` can be the epoch of a writer. */
export function checkEpoch(n: number): void {
  if (Number.isInteger(n) && n >= 1 && n <= EPOCH_MAX) return
  throw new MimbarError('bad-request', `An epoch is a whole number from 1 to ${EPOCH_MAX}.`)
}

/** Throws `bad-request` unless the part's numbers are what they must be. */
export function checkPart(part: Part): void {
  checkSequence(part.sequence)
  checkEpoch(part.epoch)
}
