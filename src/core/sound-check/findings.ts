// From what was measured to what is wrong. Each limit is where other people begin to notice.

import { hasEcho, type Overheard } from './echo.ts'
import { SOUND_FINDINGS, type SoundFinding, type SoundMeasures } from './sound-check.ts'

/** What the page adds: its own end of the way. */
export interface OwnMeasures {
  /** Of the connection, as the browser measures it (STUN); absent when it does not. */
  readonly roundTripMs?: number
  /** Packets lost on the way back, 0…1. */
  readonly lossBack: number
  /** Both sounds while the sentence came back; see `echo.ts`. */
  readonly overheard: readonly Overheard[]
  /** The system has muted the device, or it is gone. */
  readonly deviceSilenced: boolean
}

/** Digital silence and the dither of a muted device. */
const SILENT_PEAK_DB = -75
/** The stage raises a voice by 20 dB at most, to −20 LUFS (`core/mix/leveller.ts`): what is below stays too quiet. */
const QUIET_BELOW = -42
/** A plosive may touch the top; speech that lives there distorts. */
const CLIPPED_SHARE = 0.02
/** From here FEC and concealment are heard; the stage page warns from the same. */
const LOSS_SHARE = 0.05
/** Beyond this, to the stage and back to the others, people talk over each other (ITU-T G.114). */
const DELAY_MS = 300

/** What is wrong, in the order of {@link SOUND_FINDINGS}; nothing means fine. */
export function findingsOf(stage: SoundMeasures, own: OwnMeasures): readonly SoundFinding[] {
  const isSilent = own.deviceSilenced || stage.peakDb <= SILENT_PEAK_DB
  const found: Record<SoundFinding, boolean> = {
    'no-permission': false,
    'udp-blocked': false,
    silent: isSilent,
    clipping: !isSilent && stage.clipped > CLIPPED_SHARE,
    quiet: !isSilent && (stage.sentenceMs === 0 || stage.speechLevel < QUIET_BELOW),
    echo: hasEcho(own.overheard),
    loss: Math.max(stage.loss, own.lossBack) >= LOSS_SHARE,
    delay: (own.roundTripMs ?? 0) + stage.jitterBufferMs >= DELAY_MS,
  }
  return SOUND_FINDINGS.filter((finding) => found[finding])
}
