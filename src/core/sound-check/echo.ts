// Does the microphone pick up what the loudspeaker plays? The page has both while the sentence comes back. Their
// levels over time are compared, not their waves: a level survives the room, the codec and two clocks, and needs no
// sound to be kept. Who hears themselves through the room hears every syllable again, a little later.

/** One moment of both, dB below full scale (−120 for digital silence), taken at the same instant. */
export interface Overheard {
  readonly playedDb: number
  readonly pickedDb: number
}

/** What the page takes moments at. */
export const OVERHEAR_EVERY_MS = 20
/** A loudspeaker, the room and the microphone's buffers together are within half a second. */
const LAG_MAX = 500 / OVERHEAR_EVERY_MS
/** Less is not judged. */
const MOMENTS_MIN = 1_000 / OVERHEAR_EVERY_MS
/** Below this the room decides what is measured, not the echo. */
const FLOOR_DB = -60
/** Unlike voices come to 0.5 by chance; an echo is above 0.8. */
const LIKENESS_MIN = 0.7
/** So much louder the microphone must be while the loudspeaker speaks than while it pauses. */
const CONTRAST_DB_MIN = 6
/** What does not change cannot be recognised: a hum, a tone. */
const SPREAD_DB_MIN = 3
const AUDIBLE_DB = -55

/** How alike the microphone's level is to the loudspeaker's some time before: the best of all lags, −1…1. */
export function likeness(moments: readonly Overheard[]): { readonly r: number; readonly lagMs: number } {
  let best = { r: 0, lagMs: 0 }
  for (let lag = 0; lag <= LAG_MAX && moments.length - lag >= MOMENTS_MIN; lag++) {
    const r = correlate(moments, lag)
    if (r > best.r) best = { r, lagMs: lag * OVERHEAR_EVERY_MS }
  }
  return best
}

/** `moments` in time order, {@link OVERHEAR_EVERY_MS} apart, of the time in which the sentence came back. */
export function hasEcho(moments: readonly Overheard[]): boolean {
  const { r, lagMs } = likeness(moments)
  if (r < LIKENESS_MIN) return false
  const lag = lagMs / OVERHEAR_EVERY_MS
  const pairs = moments.slice(0, moments.length - lag).map(({ playedDb }, i) => ({
    playedDb,
    pickedDb: moments[i + lag]?.pickedDb ?? FLOOR_DB,
  }))
  const byPlayed = pairs.sort((a, b) => a.playedDb - b.playedDb)
  const third = Math.floor(byPlayed.length / 3)
  const loud = meanPicked(byPlayed.slice(-third))
  return loud >= AUDIBLE_DB && loud - meanPicked(byPlayed.slice(0, third)) >= CONTRAST_DB_MIN
}

/** Pearson's coefficient of both levels, the microphone's taken `lag` moments later. */
function correlate(moments: readonly Overheard[], lag: number): number {
  const count = moments.length - lag
  let x = 0
  let y = 0
  let xx = 0
  let yy = 0
  let xy = 0
  for (let i = 0; i < count; i++) {
    const played = Math.max(FLOOR_DB, moments[i]?.playedDb ?? FLOOR_DB)
    const picked = Math.max(FLOOR_DB, moments[i + lag]?.pickedDb ?? FLOOR_DB)
    x += played
    y += picked
    xx += played * played
    yy += picked * picked
    xy += played * picked
  }
  const spreadX = xx / count - (x / count) ** 2
  const spreadY = yy / count - (y / count) ** 2
  if (spreadX < SPREAD_DB_MIN ** 2 || spreadY < SPREAD_DB_MIN ** 2) return 0
  return (xy / count - (x / count) * (y / count)) / Math.sqrt(spreadX * spreadY)
}

const meanPicked = (moments: readonly Overheard[]): number =>
  moments.reduce((sum, { pickedDb }) => sum + Math.max(FLOOR_DB, pickedDb), 0) / Math.max(1, moments.length)
