// Every word of the stage page, in English. Sentences say what is the case and what to do about it.

import type { SoundFinding } from '../../core/sound-check/sound-check.ts'
import { spellDuration } from '../parts/duration.ts'
import { joinNames } from '../parts/language.ts'
import type { CaptureFailure } from './microphone/microphone.ts'
import type { Verdict } from './microphone/microphone-verdict.ts'

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
  soundCheck: {
    title: 'Sound check',
    lead: 'Say a sentence. It goes to the stage and comes back, just as the others will hear you. Nobody else hears it, and it is not kept.',
    start: 'Check my sound',
    again: 'Check again',
    stop: 'Stop the check',
    going: {
      asking: 'Asking the stage…',
      connecting: 'Connecting to the stage…',
      speak: 'Say a sentence now.',
      recording: 'Go on… pause when your sentence is over.',
      playing: 'This is you, as the stage heard you. Stay quiet for a moment.',
    },
    fine: 'Your sound is fine.',
    joinAnyway: 'You can join without the check.',
    failed: {
      refused: 'The check was refused.',
      unreachable: 'The server did not answer.',
      lost: 'The connection was lost during the check. Try again.',
    },
    findings: {
      'no-permission': {
        what: 'Your microphone is not allowed.',
        fix: 'Allow it by the icon next to the address, then check again.',
      },
      'udp-blocked': {
        what: 'Your network lets this page through, but no sound (UDP is blocked).',
        fix: 'Try another network, such as your phone’s, or switch a VPN off. In an office, ask for outgoing UDP to this server.',
      },
      silent: {
        what: 'Nothing came from your microphone.',
        fix: 'Choose another one, or look for a mute switch on the device and in your system’s settings.',
      },
      clipping: { what: 'Too loud: it distorts.', fix: 'Move back a little, or turn the microphone down.' },
      quiet: { what: 'Too quiet.', fix: 'Come closer, or turn the microphone up.' },
      echo: { what: 'Others will hear themselves from your speakers.', fix: 'Use headphones.' },
      loss: {
        what: 'Your network loses packets.',
        fix: 'Get closer to the router, use a cable, or close what else uses the line.',
      },
      delay: {
        what: 'Your sound takes long to the stage.',
        fix: 'Others may talk over you. A cable or another network may help.',
      },
    } satisfies Record<SoundFinding, { what: string; fix: string }>,
    /** For who runs the room, about others. */
    told: {
      unchecked: 'Sound not checked',
      fine: 'Sound checked: fine',
      found: (what: readonly string[]) => `Sound check: ${what.join(', ')}`,
      findings: {
        'no-permission': 'microphone not allowed',
        'udp-blocked': 'UDP blocked',
        silent: 'nothing to be heard',
        clipping: 'too loud',
        quiet: 'too quiet',
        echo: 'echo, needs headphones',
        loss: 'loses packets',
        delay: 'long delay',
      } satisfies Record<SoundFinding, string>,
    },
  },
  soundChoices: {
    speaker: 'Speaker',
    speakerUnnamed: (index: number) => `Speaker ${index}`,
    processing: 'What your browser does to your voice',
    echoCancellation: {
      title: 'Cancel echo',
      hint: 'Keeps the others out of your microphone. Off only with headphones.',
    },
    noiseSuppression: { title: 'Suppress noise', hint: 'Takes fans and keyboards away. Off for music.' },
    autoGainControl: { title: 'Even out my level', hint: 'Off if you have a mixer of your own.' },
    strongSuppression: {
      title: 'Suppress noise strongly',
      hint: 'For a street or a full room: RNNoise on this computer, in the place of the browser’s own. Costs some battery; not for music.',
      cannot: 'This browser cannot do that now, so its own noise suppression is used.',
    },
  },
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

  offAir: 'Off air',
  line: { losing: 'Bad line', late: 'Slow line' },
  lines: {
    losing: (name: string, loss: number) =>
      `${name}’s network is losing packets${loss >= 0.01 ? ` (${Math.round(loss * 100)} %)` : ''}: words may be missing.`,
    late: (name: string) => `${name}’s sound arrives late: leave a moment before you answer.`,
  },
  waiting: (n: number) => (n === 1 ? '1 person is waiting' : `${count.format(n)} people are waiting`),
  listeners: (n: number) => (n === 1 ? '1 listener' : `${count.format(n)} listeners`),
  audienceLine: (first: number, now: number, most: number) =>
    `Listeners since you came: ${count.format(first)} at first, ${count.format(now)} now, ${count.format(most)} at most.`,
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

  /** Before the start, for who runs the room. `names`: of whom it is not so. */
  checklist: {
    title: 'Before you start',
    ready: 'All is ready',
    done: {
      here: 'Everybody is here',
      mine: 'Your microphone is open',
      heard: 'Everybody was heard',
      headphones: 'No echo from anybody',
      time: 'In good time',
    },
    open: {
      here: (names: readonly string[]) =>
        names.length === 0 ? 'Nobody else is here yet' : `Not connected: ${joinNames(names)}`,
      mine: 'Your microphone is muted',
      heard: (names: readonly string[]) => `Not heard yet: ${joinNames(names)}. Ask for a word`,
      headphones: (names: readonly string[]) =>
        names.length === 0
          ? 'Ask whether everybody wears headphones'
          : `Loudspeaker in the microphone: ${joinNames(names)}. Ask for headphones`,
      time: 'The planned time has passed',
    },
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
    late: 'Your network holds your sound back, so it arrives late. Others may talk over you.',
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
    removeBody:
      'They can come back only with an invitation link that still works. You have 10 seconds to undo it.',
    removeConfirm: 'Remove',
    cancel: 'Cancel',
  },
  share: {
    title: 'Listen link',
    body: 'Anyone may have this one.',
    copy: 'Copy',
    copied: 'Copied',
    invite:
      'To bring in another speaker, send the invitation link that came with this space. “New invitation” makes another, and ends that one.',
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
    withheld: 'It was recorded, and the recording is withheld.',
  },

  told: {
    onAir: 'You are on air.',
    offAir: 'Listeners hear an announcement now.',
    held: 'On hold: everyone is off air.',
    resumed: 'The hold is over. Who was on air is on air again.',
    putOn: 'You are on air now: listeners hear you.',
    tookOff: 'You are off air now: only the people on stage hear you.',
    otherOn: (name: string) => `${name} is on air.`,
    otherOff: (name: string) => `${name} is off air.`,
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
