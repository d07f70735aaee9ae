// Every word that the listening page says, in English. A translation is another file of this shape.

const plural = (n: number, one: string, many: string): string =>
  `${n.toLocaleString('en')} ${n === 1 ? one : many}`

export const messages = {
  listen: 'Listen',
  pause: 'Pause',
  replay: 'Play the replay',
  mute: 'Mute',
  unmute: 'Unmute',
  volume: 'Volume',
  backToLive: 'Back to live',
  tryAgain: 'Try again',
  share: 'Share',
  linkCopied: 'Link copied',
  copyThis: 'Copy this link:',
  position: 'Position',
  speed: 'Speed',
  host: 'Host',
  muted: 'muted',

  pill: {
    scheduled: 'Scheduled',
    lobby: 'Starting soon',
    live: 'Live',
    ended: 'Ended',
    replay: 'Replay',
  },

  headline: {
    scheduled: 'Press play once, and it begins by itself.',
    waiting: 'You are in. It begins by itself.',
    lobby: 'The room is open. Press play to wait inside.',
    'lobby-in': 'You are in. It begins in a moment.',
    ready: 'Press play to listen.',
    connecting: 'Connecting…',
    live: 'You are listening live.',
    'catching-up': 'Catching up…',
    stalled: 'Waiting for sound…',
    lost: 'The network is gone. Reconnecting…',
    slate: 'Nobody is speaking right now.',
    behind: 'You are listening a little later.',
    paused: 'Paused.',
    refused: 'Your browser wants one more press before it plays.',
    ended: 'This conversation is over.',
    'ended-replay': 'This conversation is over. Hear it from the start.',
    replaying: 'You are hearing the replay.',
    'replay-loading': 'Loading the replay…',
    'replay-paused': 'The replay is paused.',
    'replay-over': 'That was all of it.',
    unsupported: 'This browser cannot play it here.',
    failed: 'The sound does not come through.',
  },
  detail: {
    ended: 'It was not recorded, so there is no replay. Thank you for coming.',
    unsupported: 'Open the stream in a player app, such as VLC.',
    failed: 'Try again, or open the stream in a player app.',
    lost: 'What you miss meanwhile is played to you if it is only a moment.',
  },

  recordedBefore: 'It will be recorded.',
  notRecordedBefore: 'It will not be recorded.',
  recordedNow: 'This conversation is being recorded.',
  notRecordedNow: 'This conversation is not recorded.',
  recordedAfter: 'This conversation was recorded.',

  listening: (n: number) => plural(n, 'listening', 'listening'),
  audience: 'How many listen',
  audienceRows: {
    listeners: 'Listening at this moment',
    peak: 'Most at once',
    unique: 'Different devices, about',
    replaying: 'Hearing the recording',
    turnedAway: 'Turned away',
    gaveUp: 'Gave up before hearing anything',
    couldNotPlay: 'Could not play it',
  },
  howWeCount: 'How we count, and how to check it',
  number: (n: number) => n.toLocaleString('en'),
  onAirFor: (clock: string) => `on air for ${clock}`,
  startsAt: (when: string) => `Starts ${when}`,
  startsIn: (countdown: string) => `in ${countdown}`,
  startsAnyMoment: 'any moment now',
  behind: (duration: string) => `${duration} behind`,
  latency: (seconds: number) =>
    seconds < 1.5
      ? 'about a second behind the stage'
      : `about ${Math.round(seconds)} seconds behind the stage`,
  stageEmpty: 'Nobody is on stage yet.',
  stageUnknown: 'Who is on stage appears here.',
  stageHidden: 'Who is speaking is not shown on this device.',
  nowSpeaking: (names: readonly string[]) =>
    names.length === 0
      ? 'Nobody is speaking.'
      : `${joinNames(names)} ${names.length === 1 ? 'is' : 'are'} speaking.`,
  positionOf: (at: string, whole: string) => `${at} of ${whole}`,
} as const

function joinNames(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}
