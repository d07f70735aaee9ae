// Whether listeners may raise a hand is a fact of the space, so that every edge can refuse by itself.

import type { SpaceFacts } from '../space/facts.ts'

/** `facts` with hands open or closed; the same object when they are already. Hands that are up stay up. */
export function openHands(facts: SpaceFacts, open: boolean): SpaceFacts {
  if ((facts.handsOpen === true) === open) return facts
  const { handsOpen: _, ...closed } = facts
  return open ? { ...closed, handsOpen: true } : closed
}
