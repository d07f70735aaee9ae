// Who is on air, as this page may say it. Wrongly calling somebody off air is the worse mistake, so that is said only
// once the stage has seen to it; on air is said as soon as it is meant or is so.

import type { SeatId } from '../../../base/ids.ts'
import type { StageView } from '../../../core/api/api.ts'
import { isOnAir } from '../../../core/seat/air.ts'

type Person = StageView['seats'][number]

/** Whether listeners don't hear this person even while the program is on. */
export function isBackstage(person: Person): boolean {
  return !isOnAir(person) && person.observed?.onAir !== true
}

/** Whether this view's own person is {@link isBackstage}. */
export function amBackstage(view: StageView): boolean {
  const me = view.seats.find(({ id }) => id === (view.me as SeatId))
  return me !== undefined && isBackstage(me)
}
