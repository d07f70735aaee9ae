// What a swarm counts. Plain numbers that add up over processes; each is one fact about listeners, named once here
// and shown under the same name in JSON, on the terminal and on the report's page.

/** Counts since the start of a run. */
export const COUNTS = {
  connects: 'Connections tried',
  connectFailures: 'Connections that could not be made, or broke before an answer',
  arrivals: 'Times that a listener came: at first, and back after leaving',
  served: 'Arrivals that got audio',
  placed: 'Arrivals that got a place in the line',
  late: 'Arrivals with neither audio nor a place after 3 s',
  turnedAway: 'Answers that the server is full or not ready',
  shown: 'Times that a place was shown at the door',
  lineAsks: 'Times that somebody in the line asked how it stands',
  refused: 'Answers that are an error',
  lost: 'Streams that broke under a listener',
  silent: 'Streams given up because nothing came',
  reconnects: 'Times that a listener connected anew after a loss',
  moves: 'Times that an edge asked a listener to move',
  left: 'Listeners who left, to come back',
  vanished: 'Listeners who stopped reading and never hung up',
  ended: 'Streams that ended with the program',
  bytes: 'Bytes received, HTTP included',
  parts: 'Parts received and checked',
  playlists: 'Playlists that listeners of HLS were given',
  gaps: 'Jumps in the sequence that the listener was not told of',
  gapParts: 'Parts that were missing in them',
  skips: 'Times that a listener was told that parts were skipped',
  skippedParts: 'Parts that were skipped',
  slowSkips: 'Of the skips, those of listeners who read slowly on purpose',
  owedParts: 'Parts that others had and a listener did not, when the run ended',
  repeats: 'Parts received twice on one connection',
  different: 'Parts that had other bytes than other listeners got',
  broken: 'Streams that were not a stream of parts',
  stalls: 'Times that a player would have run out of sound',
  stalledMs: 'For how long, all listeners together',
} as const

export type CountName = keyof typeof COUNTS
export type Tally = Record<CountName, number>

export const COUNT_NAMES = Object.keys(COUNTS) as readonly CountName[]

export function newTally(): Tally {
  return Object.fromEntries(COUNT_NAMES.map((name) => [name, 0])) as Tally
}

/** A new tally of all of them. */
export function addTallies(tallies: readonly Readonly<Tally>[]): Tally {
  const sum = newTally()
  for (const tally of tallies) for (const name of COUNT_NAMES) sum[name] += tally[name]
  return sum
}

/** What there is at one moment. */
export interface Presence {
  /** Listeners who want to hear now. */
  readonly wanting: number
  /** Of these, those to whom sound comes. */
  readonly hearing: number
  /** Of these, those who asked for the first time less than 3 s ago. */
  readonly arriving: number
  /** Of these, those who have a place in the line. */
  readonly waiting: number
  /** Of these, those who have had neither sound nor a place for more than 3 s. */
  readonly deaf: number
}

export function addPresences(presences: readonly Presence[]): Presence {
  let [wanting, hearing, arriving, waiting, deaf] = [0, 0, 0, 0, 0]
  for (const presence of presences) {
    wanting += presence.wanting
    hearing += presence.hearing
    arriving += presence.arriving
    waiting += presence.waiting
    deaf += presence.deaf
  }
  return { wanting, hearing, arriving, waiting, deaf }
}

/** An arrival has audio or a place within this time, or the run has failed. */
export const SERVED_WITHIN_MS = 3_000
