// A recording can be withheld: kept, and heard by nobody until it is shown again. For the day on which somebody asks
// that it be taken down, and for those who listen to it before everyone else does. Deleting is final; this is not.

import { MimbarError } from '../../base/errors.ts'
import type { SpacePhase } from './facts.ts'

/** The part of a space's facts that withholding is made of. */
export interface Withholdable {
  readonly recorded: boolean
  /** True while the recording is withheld; absent otherwise. */
  readonly withheld?: true
}

/**
 * The space with its recording withheld or shown; the same object when it is so already. In any phase: what is withheld
 * before the end is live as ever, and has no replay then. `conflict` when there is nothing to withhold.
 */
export function withholdRecording<S extends Withholdable>(space: S, withheld: boolean): S {
  if ((space.withheld === true) === withheld) return space
  if (withheld && !space.recorded) {
    throw new MimbarError('conflict', 'This space is not recorded: there is nothing to withhold.')
  }
  const { withheld: _, ...shown } = space
  return withheld ? ({ ...shown, withheld } as S & { withheld: true }) : (shown as S)
}

/** Whether anyone may hear the recording, as far as there is one yet. */
export function isHeardAgain({ recorded, withheld }: Withholdable): boolean {
  return recorded && withheld !== true
}

/** Throws `withheld` while the recording is. */
export function requireShown({ withheld }: Withholdable): void {
  if (withheld === true) throw new MimbarError('withheld', 'The recording of this space is withheld.')
}

/** What is said of a program that is over, and of where it can be heard again. */
export function whereHeardAgain(
  space: Withholdable & { readonly id: string; readonly phase: SpacePhase },
): string {
  if (isHeardAgain(space)) return `This space has ended. Its replay is at /replay/${space.id}/index.m3u8.`
  return space.recorded ? 'This space has ended, and its recording is withheld.' : 'This space has ended.'
}
