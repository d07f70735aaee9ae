// What a swarm asks of everyone in it, however they listen. `now` is the swarm's own clock.

export interface SwarmMember {
  /** It wants to hear. */
  readonly wants: boolean
  /** It asked for the first time less than 3 s ago. */
  readonly isArriving: boolean
  /** It has a place in the line. */
  readonly isWaiting: boolean
  /** Sound comes. */
  isHearing(now: number): boolean
  /** It wants to hear, and has had neither sound nor a place for longer than anyone should wait. */
  isDeaf(now: number): boolean
  /** Of the parts before and with `newest`, those that were due to it, and that it has not got. */
  owedParts(newest: number): number
  /** Comes, at first or again. */
  arrive(): void
  /** Closes the page. */
  leave(): void
  /** Is gone without a word. */
  vanish(): void
  /** Several times a second: what is due is done. */
  sweep(now: number): void
  /** The run is over. */
  stop(): void
}
