// Every word of the stage page, in English. Sentences say what is the case and what to do about it.

import { spellDuration } from '../parts/duration.ts'
import type { CaptureFailure } from './microphone.ts'
import type { Verdict } from './microphone-verdict.ts'

const count = new Intl.NumberFormat('en')

export const words = {
  loading: 'One moment…',
  house: 'Mimbar',

  unreachable: {
    title: 'The server does not answer',
    body: 'This page tries again by itself. Check your network if it stays like this.',
    again: 'Try now',
  },
  notFound: {
    title: 'There is no such space',
    body: 'Ask whoever invited you for the link; it may have been mistyped on its way.',
  },
  needsLink: {
    none: {
      title: 'You need a link to the stage',
      body: 'Open the host link or the invitation that you were given, in this browser.',
    },
    refused: {
      title: 'This link no longer works',
      body: 'It was replaced by a newer one. Ask whoever runs this space for the new link.',
    },
    lost: {
      title: 'This browser has no seat here',
      body: 'Open your link again to take one.',
    },
    listen: 'Listen instead',
  },

  greenRoom: {
    lead: 'Nobody hears you yet. Check your microphone, then join.',
    asHost: 'You come in as host',
    asSpeaker: 'You come in as speaker',
    name: 'Your name',
    nameHint: 'Everyone who listens will see it.',
    microphone: 'Microphone',
    turnOn: 'Turn on my microphone',
    asking: 'Your browser is asking for permission…',
    level: 'Level of your microphone',
    device: 'Which one',
    deviceUnnamed: (index: number) => `Microphone ${index}`,
    recorded: 'This space is recorded',
    recordedBody: 'What you say can be played back after it has ended.',
    consent: 'I agree to be recorded',
    join: 'Join the stage',
    joining: 'Joining…',
    missing: (what: readonly string[]) => `Still needed: ${what.join(', ')}.`,
    missingName: 'your name',
    missingMicrophone: 'your microphone',
    missingConsent: 'your consent to the recording',
    back: (name: string) => `You have a seat here as ${name}.`,
    returnTo: 'Return to my seat',
    somebodyElse: 'I am somebody else',
    raw: 'Echo and noise processing is off.',
  },
  verdicts: {
    listening: 'Say something…',
    silent: 'Nothing at all comes from this microphone. Is it switched off, or is it the wrong one?',
    quiet: 'Very quiet. Come closer, or turn it up.',
    clipping: 'Too loud: it distorts. Move back, or turn it down.',
    good: 'You sound good.',
  } satisfies Record<Verdict, string>,
  captureFailures: {
    insecure: {
      title: 'The microphone cannot open on this page',
      body: 'Browsers give the microphone only to pages that come over HTTPS, or from localhost. This one came over plain HTTP.',
      fix: 'Whoever runs this server can give it a certificate (the settings tls-cert and tls-key). On the server itself, http://localhost works without one.',
    },
    denied: {
      title: 'The microphone is not allowed',
      body: 'Your browser, or the system under it, said no for this page.',
      fix: 'Allow it by the icon next to the address (or in the system’s privacy settings), then try again.',
    },
    none: {
      title: 'No microphone was found',
      body: 'Plug one in, or connect your headset.',
      fix: 'Then try again.',
    },
    busy: {
      title: 'The microphone is in use',
      body: 'Another program holds it, perhaps another call.',
      fix: 'Close that program, then try again.',
    },
    failed: {
      title: 'The microphone did not open',
      body: 'The browser gives no reason.',
      fix: 'Try again, or try another browser.',
    },
  } satisfies Record<CaptureFailure, { title: string; body: string; fix: string }>,
  tryAgain: 'Try again',

  returning: {
    title: 'Welcome back',
    body: (name: string) => `Your seat as ${name} is still yours. Your browser wants you to press once.`,
    button: 'Return to the stage',
  },

  air: {
    waiting: { word: 'Backstage', body: 'The stage is being set up. You can wait here.' },
    backstage: { word: 'Backstage', body: 'Only the people on stage hear you.' },
    live: { word: 'On air', body: 'Listeners hear everything that is said here.' },
    starting: { word: 'Going on air', body: 'In a second, listeners hear everything that is said here.' },
    opening: {
      word: 'On air with your first word',
      body: 'Listeners hear “We begin in a moment” until somebody here speaks.',
    },
    standingIn: {
      word: 'Standing in',
      body: 'Listeners hear an announcement until somebody on stage is connected again.',
    },
  },
  listeners: (n: number) => (n === 1 ? '1 listener' : `${count.format(n)} listeners`),
  recordedPill: 'Recorded',
  clockLabel: 'On air for',
  startsIn: (duration: string) => `Planned to start in ${duration}`,
  startOverdue: (duration: string) => `Planned start was ${duration} ago`,

  plan: {
    byItself: (time: string) => `Starts by itself at ${time}`,
    byHost: (time: string) => `Planned for ${time}. The host starts it`,
    in: (duration: string) => `in ${duration}`,
    choice: 'Start by itself at that second, whether or not I press Start',
    lateness: (ms: number) =>
      Math.abs(ms) < 1_000
        ? `Started on time: the first sound was on air ${Math.max(0, ms)} ms after the second.`
        : `Started ${spellDuration(Math.abs(ms))} ${ms < 0 ? 'before' : 'after'} the planned time.`,
  },

  people: 'On stage',
  me: 'you',
  role: { host: 'Host', cohost: 'Co-host', speaker: 'Speaker' },
  state: {
    speaking: 'Speaking',
    muted: 'Muted',
    silent: 'Mic on',
    absent: 'Offline',
    connecting: 'Connecting…',
    reconnecting: 'Reconnecting…',
    losing: 'Bad line',
  },
  aloneHost: 'You are the first here. Send the invitation link to those who will speak with you.',
  aloneSpeaker: 'You are the first here.',

  microphone: {
    open: 'Microphone on',
    openLive: 'You are on air',
    muted: 'You are muted',
    pressToMute: 'Press to mute',
    pressToSpeak: 'Press to speak',
    gone: 'Your microphone was unplugged.',
    systemMuted: 'Your system has silenced the microphone.',
    another: 'Use another microphone',
    settings: 'Microphone',
  },
  connection: {
    connecting: 'Connecting you to the stage…',
    refused: (detail: string) => `The server says: ${detail}`,
    reconnecting: 'Connection lost. Reconnecting… nobody hears you right now.',
    losing: (percent: number) =>
      `Your connection loses ${percent} % of your sound. Try to get closer to the router.`,
    control: 'The studio does not answer. You can keep talking; names and counts may be old.',
  },
  soundBlocked: 'Your browser holds back the sound.',
  hearOthers: 'Hear the others',

  host: {
    start: 'Start',
    startHint: 'Puts the stage on air',
    end: 'End',
    endTitle: 'End this space?',
    endBody: 'Listeners are told that it is over, and everybody leaves the stage. This cannot be undone.',
    endConfirm: 'End it for everyone',
    keep: 'Keep going',
    mute: (name: string) => `Mute ${name}`,
    remove: (name: string) => `Remove ${name}`,
    removeTitle: (name: string) => `Remove ${name} from the stage?`,
    removeBody: 'They can come back only with an invitation link that still works.',
    removeConfirm: 'Remove',
    cancel: 'Cancel',
  },
  share: {
    title: 'Listen link',
    body: 'Anyone may have this one.',
    copy: 'Copy',
    copied: 'Copied',
    invite:
      'To bring in another speaker, send the invitation link that came with this space. The operator page makes a new one.',
  },
  leave: {
    button: 'Leave',
    title: 'Leave the stage?',
    bodyHost: 'The space goes on without you. To come back you need the host link again.',
    bodySpeaker: 'To come back you need the invitation link again.',
    confirm: 'Leave',
    stay: 'Stay',
  },

  left: { title: 'You left the stage', body: 'Thank you for being here.', listen: 'Go on listening' },
  removed: {
    title: 'You are no longer on stage',
    body: 'The host has removed you. You can still listen.',
    listen: 'Listen',
  },
  replaced: {
    tab: {
      title: 'You joined from another tab',
      body: 'Your seat is there now, and your microphone here is off.',
    },
    device: {
      title: 'You joined from another device',
      body: 'Your seat is there now, and your microphone here is off. To bring it back, open your link here again.',
    },
    back: 'Move it back here',
  },
  ended: {
    title: 'This space has ended',
    body: 'Your microphone is off.',
    lasted: (duration: string) => `It was on air for ${duration}.`,
    replay: 'Listen to the replay',
    noReplay: 'It was not recorded.',
  },

  hands: {
    title: 'Hands',
    up: (count: number) => (count === 1 ? '1 hand is up' : `${count.toLocaleString('en')} hands are up`),
    open: 'Listeners may raise a hand',
    none: 'Who asks to speak appears here, in order.',
    closed: 'Open hands when you want questions from the listeners.',
    accept: 'Accept',
    acceptName: (name: string) => `Accept ${name}`,
    decline: 'Decline',
    declineName: (name: string) => `Decline ${name}`,
    called: 'called, and on the way',
    takeBack: 'Take back',
    more: (count: number) => `${count.toLocaleString('en')} more after these.`,
    lowerAll: 'Lower all hands',
  },

  told: {
    onAir: 'You are on air.',
    offAir: 'Listeners hear an announcement now.',
    joined: (name: string) => `${name} is on stage.`,
    gone: (name: string) => `${name} left the stage.`,
    mutedByHost: 'The host has muted you.',
    openingFailed: 'The server could not be told, so your microphone stays muted.',
    reconnected: 'You are connected again.',
  },
  failed: {
    unreachable: 'The server did not answer. Try again.',
    close: 'Close',
  },
} as const
