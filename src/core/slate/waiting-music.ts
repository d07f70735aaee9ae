// What people hear while they wait, in the lobby and in the waiting room: four soft chords that swell and fade, with a
// bell note now and then. Our own arithmetic: nothing to license, the same on every machine, and a page can make it
// itself without asking a full server for one byte more.
//
// The loop begins and ends in silence, so nothing clicks where it begins again or gives way to voices.

/** One round. */
export const MUSIC_LOOP_SECONDS = 32
const CHORD_SECONDS = 8
/** A chord sounds this much into the next one. */
const OVERLAP_SECONDS = 1.4
const SWELL_SECONDS = 2.4
const NOTE_PEAK = 0.016
const BELL_PEAK = 0.016
const BELL_DECAY_SECONDS = 1.6
const BELL_ATTACK_SECONDS = 0.04
/** Each note is two voices this far apart: they beat slowly against each other, which is what makes it soft. */
const DETUNE = 0.0012

const NOTE_HZ = {
  G2: 98,
  A2: 110,
  B2: 123.47,
  D3: 146.83,
  E3: 164.81,
  Fs3: 185,
  A3: 220,
  B3: 246.94,
  D4: 293.66,
  E4: 329.63,
  Fs4: 369.99,
  D5: 587.33,
  E5: 659.26,
  Fs5: 739.99,
  A5: 880,
} as const
type Note = keyof typeof NOTE_HZ

interface Chord {
  readonly notes: readonly Note[]
  /** A note, and when it is struck, in seconds from the chord's beginning. */
  readonly bells: readonly (readonly [Note, number])[]
}

const CHORDS: readonly Chord[] = [
  { notes: ['D3', 'A3', 'E4', 'Fs4'], bells: [['A5', 2.2]] },
  {
    notes: ['B2', 'Fs3', 'D4', 'A3'],
    bells: [
      ['Fs5', 1.6],
      ['D5', 4.6],
    ],
  },
  { notes: ['G2', 'D3', 'B3', 'Fs4'], bells: [['D5', 2.8]] },
  {
    notes: ['A2', 'E3', 'D4', 'E4'],
    bells: [
      ['E5', 1.6],
      ['A5', 3.4],
    ],
  },
]

/** One loop, mono at `sampleRateHz`, about 30 LU below full scale. */
export function waitingMusic(sampleRateHz: number): Float32Array<ArrayBuffer> {
  const sound = new Float32Array(MUSIC_LOOP_SECONDS * sampleRateHz)
  CHORDS.forEach(({ notes, bells }, index) => {
    const start = index * CHORD_SECONDS
    const end = Math.min(start + CHORD_SECONDS + OVERLAP_SECONDS, MUSIC_LOOP_SECONDS)
    const span = { from: Math.round(start * sampleRateHz), to: Math.round(end * sampleRateHz) }
    for (const note of notes) {
      for (const side of [-1, 1]) addNote(sound, sampleRateHz, NOTE_HZ[note] * (1 + side * DETUNE), span)
    }
    for (const [note, after] of bells) addBell(sound, sampleRateHz, NOTE_HZ[note], start + after)
  })
  return sound
}

function addNote(
  sound: Float32Array,
  rateHz: number,
  hz: number,
  { from, to }: { readonly from: number; readonly to: number },
): void {
  const swell = SWELL_SECONDS * rateHz
  const wave = oscillator((2 * Math.PI * hz) / rateHz)
  // Low notes carry more than high ones do, as in any room.
  const peak = NOTE_PEAK * Math.min(1, 180 / hz + 0.25)
  for (let i = from; i < to; i++) {
    const gain = Math.min(1, (i - from) / swell, (to - i) / swell)
    sound[i] = (sound[i] as number) + peak * gain * gain * (3 - 2 * gain) * wave()
  }
}

function addBell(sound: Float32Array, rateHz: number, hz: number, startSeconds: number): void {
  const from = Math.round(startSeconds * rateHz)
  const to = Math.min(sound.length, from + Math.round(3.5 * BELL_DECAY_SECONDS * rateHz))
  const wave = oscillator((2 * Math.PI * hz) / rateHz)
  const fall = Math.exp(-1 / (BELL_DECAY_SECONDS * rateHz))
  let level = BELL_PEAK
  for (let i = from; i < to; i++, level *= fall) {
    const attack = Math.min(1, (i - from) / (BELL_ATTACK_SECONDS * rateHz))
    const release = Math.min(1, (to - i) / (0.5 * rateHz))
    sound[i] = (sound[i] as number) + level * attack * release * wave()
  }
}

/** Successive values of a sine from 0, by turning a pointer: a multiplication where `Math.sin` would be a call. */
function oscillator(step: number): () => number {
  const [cos, sin] = [Math.cos(step), Math.sin(step)]
  let [x, y] = [1, 0]
  return () => {
    const value = y
    ;[x, y] = [x * cos - y * sin, y * cos + x * sin]
    return value
  }
}
