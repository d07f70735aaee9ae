// Who sits where: I on the near side of the table, so that I look at the others. A newcomer takes the next chair, and
// nobody moves for it.

import type { SeatId } from '../../../base/ids.ts'

export interface Seating<P> {
  readonly across: readonly P[]
  /** With me in the middle, once I am there. */
  readonly near: readonly P[]
}

/** In the order in which they came, within each side. The first two of the others sit across, then one here, one there. */
export function seatAround<P extends { readonly id: SeatId }>(people: readonly P[], me: SeatId): Seating<P> {
  const others = people.filter(({ id }) => id !== me)
  const isAcross = (index: number) => index === 0 || index % 2 === 1
  const beside = others.filter((_, index) => !isAcross(index))
  const left = Math.floor(beside.length / 2)
  return {
    across: others.filter((_, index) => isAcross(index)),
    near: [...beside.slice(0, left), ...people.filter(({ id }) => id === me), ...beside.slice(left)],
  }
}
