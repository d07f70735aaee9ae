// Every word that the listening page says, in English. A translation is another file of this shape.

import type { Wait } from '../../core/door/outlook.ts'
import { formatNumber, joinNames, plural as pluralIn } from '../parts/language.ts'

const plural = (n: number, one: string, many: string): string => pluralIn(n, { one, other: many }, 'en')

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
  cohost: 'Co-host',
  muted: 'muted',
  expected: 'expected',

  pill: {
    scheduled: 'Scheduled',
    lobby: 'Starting soon',
    live: 'Live',
    ended: 'Ended',
    replay: 'Replay',
  },

  headline: {
    scheduled: 'Press play once, and it begins by itself.',
    early: 'You are in. It begins by itself.',
    waiting: 'The room is full. You have a place in the line.',
    lobby: 'The room is open. Press play to wait inside.',
    'lobby-in': 'You are in. It begins by itself.',
    ready: 'Press play to listen.',
    connecting: 'Connecting…',
    live: 'You are listening live.',
    'catching-up': 'Catching up…',
    stalled: 'Waiting for sound…',
    lost: 'The connection is gone. Reconnecting…',
    busy: 'The server is very busy. Trying again by itself…',
    opening: 'It has begun. The first words come in a moment.',
    held: 'A short pause. It goes on in a moment.',
    slate: 'Nobody is on stage right now.',
    reconnecting: 'The stage is reconnecting. It goes on in a moment.',
    behind: 'You are listening a little later.',
    paused: 'Paused.',
    refused: 'Your browser wants one more press before it plays.',
    ended: 'This conversation is over.',
    withheld: 'This conversation is over.',
    'ended-replay': 'This conversation is over. Hear it from the start.',
    replaying: 'You are hearing the replay.',
    'replay-loading': 'Loading the replay…',
    'replay-paused': 'The replay is paused.',
    'replay-over': 'That was all of it.',
    unsupported: 'This browser cannot play it here.',
    failed: 'The sound does not come through.',
    removed: 'This conversation was taken down.',
  },
  detail: {
    ended: 'It was not recorded, so there is no replay. Thank you for coming.',
    unsupported: 'Open the stream in a player app, such as VLC.',
    failed: 'Try again, or open the stream in a player app.',
    lost: 'What you miss meanwhile is played to you if it is only a moment.',
    busy: 'Your network is fine. There is nothing to press.',
    held: 'Stay here: there is nothing to press.',
    slate: 'Stay here: it goes on by itself when somebody is back.',
    reconnecting: 'Your own connection is fine. There is nothing to press.',
    withheld: 'It was recorded, and the recording cannot be heard here.',
    removed: 'Whoever runs this server has removed it. Nothing is wrong with your device.',
    early: 'Keep this page open. Quiet music tells you that the doors are open.',
  },

  replayFrom: (clock: string) => `This conversation is over. Hear it from ${clock}.`,
  momentLater: (clock: string) => `The moment at ${clock} can be heard here once it is over.`,
  neverBegan: 'It ended before it began. Thank you for coming.',

  /** In the waiting room. */
  line: {
    ahead: (people: number) =>
      people === 0
        ? 'You are next.'
        : `${people > 20 ? 'About ' : ''}${plural(people, 'person is', 'people are')} ahead of you.`,
    wait: (wait: Wait): string => {
      switch (wait.kind) {
        case 'now':
          return 'It is your turn. One moment…'
        case 'moments':
          return 'Less than a minute. It begins by itself.'
        case 'minutes':
          return `${wait.minutes === 1 ? 'About a minute' : `About ${wait.minutes} minutes`}. It begins by itself.`
        case 'long':
          return 'More than an hour, as it looks now. It begins by itself.'
        case 'unknown':
          return 'How long cannot be said: a seat is free when somebody leaves. It begins by itself.'
      }
    },
    tap: 'Your browser wants one press now, so that it can begin by itself.',
    sound: 'Quiet music while you wait',
    leave: 'Leave the line',
    left: 'You have left the line. Your place is kept for a while.',
  },

  shareMoment: 'Share this moment',
  problem: 'Report a problem',
  problemFailed: 'It did not load. Try again',

  /** What follows is in `hands/messages.en.ts`. */
  raise: 'Raise your hand',
  raiseFailed: 'It did not load. Try again',

  saveData: 'Use less data, with a simpler sound',
  savingData: 'Simpler sound, to save data.',
  sparingLine: 'Simpler sound for now, so that everyone gets in.',

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
  number: (n: number) => formatNumber(n, 'en'),
  onAirFor: (clock: string) => `on air for ${clock}`,
  startsAt: (when: string) => `Starts ${when}`,
  yourTime: (zone: string) => `Your time: ${zone}`,
  startsIn: (countdown: string) => `in ${countdown}`,
  startsNow: 'It begins now.',
  hostStarts: 'The host will start in a moment.',
  endsUnless: (left: string) =>
    `Nobody is on stage. It ends by itself in ${left}, unless somebody comes back.`,
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
