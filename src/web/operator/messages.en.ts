// Every word of the operator page, in English.

const count = new Intl.NumberFormat('en')

export const words = {
  title: 'Spaces',
  loading: 'One moment…',
  unreachable: 'The server does not answer. This page tries again by itself.',

  signIn: {
    title: 'For the operator of this server',
    body: 'Open the operator link that Mimbar printed at its first start. It ends in #operator= and a secret.',
    lost: 'Lost it? On the server, this command prints a new one, and the old one stops working:',
    command: 'npx mimbar links --operator',
    refused: 'This operator link no longer works.',
    signingIn: 'Signing in…',
    tooMany: 'Too many tries with links that do not work. Wait a minute, then reload this page.',
  },
  signOut: 'Sign out',

  make: {
    title: 'New space',
    name: 'Title',
    nameHint: 'What it is about. Listeners see it.',
    start: 'Planned start',
    startHint: (zone: string) => `Optional. Times on this page are in ${zone}, as set on this device.`,
    past: 'This time has passed already. Leave it empty to start whenever you like.',
    byItself: 'Start by itself, at the second',
    byItselfHint:
      'Listeners hear “We begin in a moment” until somebody speaks. Otherwise the host starts it. The host can change this.',
    arrivals: 'Newcomers wait backstage',
    arrivalsHint:
      'Who joins after the start is heard on stage, and by listeners once the host puts them on air. The host can change this.',
    recording: 'Recording',
    record: 'Record it',
    recordHint: 'It can be played back after the end, on the same page. Speakers are asked to agree.',
    forget: 'Do not record it',
    forgetHint: 'A few minutes are kept while it is on air, and nothing afterwards.',
    button: 'Make the space',
    making: 'Making it…',
  },

  links: {
    title: (space: string) => `Links for “${space}”`,
    once: 'The first three are shown only now. Copy them before you close this; a lost one can be made anew below.',
    host: 'Host link',
    hostFor: 'For whoever runs it: starts and ends the space, mutes, removes. Keep it private.',
    cohost: 'Co-host link',
    cohostFor:
      'For those who run it beside the host. The room is theirs when the host’s connection is lost. Keep it private.',
    speaker: 'Speaker invitation',
    speakerFor: 'For everyone who will speak. Whoever has it can take a seat on stage.',
    listen: 'Listen link',
    listenFor: 'For everybody. Publish it as you like.',
    copy: 'Copy',
    copied: 'Copied',
    close: 'I have copied them',
    renewedHost: 'The old host link has stopped working.',
    renewedCohost: 'The old co-host link has stopped working. Co-hosts who are on stage already stay.',
    renewedSpeaker: 'The old invitation has stopped working. People who are on stage already stay.',
    openHost: 'Open as host',
  },

  list: {
    live: 'On air',
    upcoming: 'Coming up',
    recent: 'Ended',
    empty: 'There is no space yet. Give the first one a title, and make it.',
    phase: { scheduled: 'Planned', lobby: 'Waiting to start', live: 'On air', ended: 'Ended' },
    planned: (when: string) => when,
    unplanned: 'no planned start',
    since: (when: string) => `since ${when}`,
    wasOn: (from: string, duration: string) => `${from}, ${duration}`,
    neverOn: 'never on air',
    listeners: (n: number) => (n === 1 ? '1 listener' : `${count.format(n)} listeners`),
    recorded: 'Recorded',
    replay: 'Replay',
    listen: 'Listening page',
    newHost: 'New host link',
    newCohost: 'New co-host link',
    newSpeaker: 'New invitation',
    end: 'End',
    remove: 'Delete',
  },
  confirm: {
    cancel: 'Cancel',
    host: {
      title: 'Make a new host link?',
      body: 'The old one stops working at once. Hosts who are on stage keep their seats.',
      confirm: 'Make a new one',
    },
    cohost: {
      title: 'Make a new co-host link?',
      body: 'The old one stops working at once. Co-hosts who are on stage keep their seats.',
      confirm: 'Make a new one',
    },
    speaker: {
      title: 'Make a new invitation?',
      body: 'The old one stops working at once. Speakers who are on stage keep their seats.',
      confirm: 'Make a new one',
    },
    end: {
      title: 'End this space?',
      body: 'Listeners are told that it is over, and everybody leaves the stage. This cannot be undone.',
      confirm: 'End it for everyone',
    },
    remove: {
      title: 'Delete this space?',
      body: 'Its recording goes with it. This cannot be undone.',
      confirm: 'Delete it',
    },
  },
  failed: 'The server did not answer. Try again.',
  close: 'Close',
} as const
