// Every word of what goes beside the sound, in English; loaded at the first press. A translation is another file of
// this shape.

import { formatNumber, formatUnit } from '../../parts/language.ts'

export const besideMessages = {
  react: 'React',
  reactions: {
    heart: 'Heart',
    clap: 'Applause',
    laugh: 'Laughter',
    wonder: 'Wonder',
    agree: 'Agreement',
  },
  /** Beside a reaction, where nothing moves. */
  counted: (n: number) => formatNumber(n, 'en'),
  volumeAt: (percent: number) => `${formatNumber(percent, 'en')} %`,

  momentCopied: 'Link to this moment copied',
  copyThis: 'Copy this link:',

  problem: {
    thanks: 'Thank you. The people on duty can see it now.',
    sent: 'This was sent, and nothing about you:',
    enough: 'Thank you. Your network has reported this often enough; the people on duty know.',
    notSent: 'It could not be sent. Check your connection, and press again.',
    close: 'Close',
    rows: {
      state: 'What the page says',
      firstAudioMs: 'Time to the first sound',
      gaps: 'Gaps in the sound',
      reconnects: 'Connected again',
      bufferMs: 'Sound in store',
      behindMs: 'Later than it should be',
      latencyMs: 'Behind the stage',
      network: 'Network',
      speed: 'Speed of the network',
      track: 'Kind of stream',
      page: 'Version of this page',
    },
    noSoundYet: 'none yet',
    seconds: (seconds: number) => formatUnit(Math.round(seconds * 10) / 10, 'second', 'short', 'en'),
    times: (n: number) => formatNumber(n, 'en'),
  },
} as const
