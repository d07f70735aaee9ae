// The sound check of the green room, in the words that stage, control and page share: a sentence goes to the stage and
// comes back from it, by the very way that it will take later, and what was found on that way has one word each.
//
//   page ── offer ──▶ control ── offer ──▶ stage      waiting ─▶ recording ─▶ playing ─▶ done
//        ── sentence (RTP) ─────────────────▶
//        ◀────────────── the same, decoded and encoded again
//        ── how does it stand? ▶ control ──▶ SoundCheckReport

import type { Dbov } from '../../base/units.ts'

/** An answered offer must bring sound within this. */
export const CHECK_OPENING_MAX_MS = 5_000
/** A check is over so long after its first sound, whatever it is at. */
export const CHECK_MAX_MS = 20_000
/** What a stage serves at once. Each costs it about what one speaker does. */
export const STAGE_CHECKS_MAX = 8
/** At once, in one space: as many as it has seats would leave nothing for another one. */
export const SPACE_CHECKS_MAX = 6
/** At once, from one address: a panel behind one router checks together. */
export const ADDRESS_CHECKS_MAX = 4

/** What may be wrong; nothing found means fine. In the order in which people should mend it. */
export const SOUND_FINDINGS = [
  /** The browser or its system does not give the microphone. */
  'no-permission',
  /** HTTP works, and no media comes through. */
  'udp-blocked',
  /** Digital silence: the wrong device, or one that the system has muted. */
  'silent',
  'clipping',
  'quiet',
  /** The microphone picks up what the loudspeaker plays. */
  'echo',
  'loss',
  'delay',
] as const

export type SoundFinding = (typeof SOUND_FINDINGS)[number]

/** What the newest check of a seat's person came to. An empty list: fine. */
export interface SeatSoundCheck {
  readonly found: readonly SoundFinding[]
}

/** What the stage measured of a sentence, and of the way that it came by. */
export interface SoundMeasures {
  /** 0 when nothing was said. */
  readonly sentenceMs: number
  /** Loudness of the speech in it: what a fifth of its frames exceed. */
  readonly speechLevel: Dbov
  /** The largest magnitude that was heard at all, dB below full scale. */
  readonly peakDb: number
  /** Share of the sentence's frames whose tops are cut off, 0…1. */
  readonly clipped: number
  /** Packets lost of those expected, 0…1. */
  readonly loss: number
  /** What the jitter buffer had to hold back at the end. */
  readonly jitterBufferMs: number
}

export type SoundCheckPhase =
  /** Nothing was said yet. */
  'waiting' | 'recording' | 'playing' | 'done'

/** `GET /api/v1/spaces/:space/stage/check/:session`. */
export interface SoundCheckReport {
  readonly phase: SoundCheckPhase
  /** From `playing` on. */
  readonly measured?: SoundMeasures
}
