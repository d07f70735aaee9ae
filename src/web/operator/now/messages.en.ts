// Every word of the operator page's section "Now", in English.

import { alarmWords } from '../../../core/watch/alarm-kinds.ts'
import { plural } from '../../parts/language.ts'

export const words = {
  title: 'Now',
  asOf: (time: string) => `As of ${time}`,
  loading: 'One moment…',
  stale: (time: string) => `The server does not answer. This is how it was at ${time}.`,
  deaf: 'Control hears nothing from stages and edges. What stands here is what it knew last.',
  well: 'No alarm is on.',
  more: 'Figures, spaces, stages and edges',
  since: (time: string) => `since ${time}`,
  alarms: alarmWords,

  charts: {
    ago: '10 min ago',
    now: 'now',
    listeners: 'Listeners',
    waiting: (n: number) => `${plural(n, { one: 'person waits', other: 'people wait' })} in line`,
    lateness: 'Lateness of stages',
    capacity: 'Capacity used',
    room: (used: string, max: string) => `${used} of ${max}`,
    egress: 'Sent to listeners',
    unknown: 'not known',
    describe: (chart: string, now: string, lowest: string, highest: string) =>
      `${chart}: now ${now}; in the last ten minutes between ${lowest} and ${highest}.`,
    nothing: (chart: string) => `${chart}: nothing is known yet.`,
  },

  spaces: {
    title: 'On air and in the lobby',
    none: 'Nothing is on air, and no lobby is open.',
    more: (n: number) => `${plural(n, { one: 'more space', other: 'more spaces' })} with fewer listeners`,
    space: 'Space',
    sound: 'Heard',
    lobby: 'lobby',
    voices: 'voices',
    slate: 'slate',
    opening: 'opening slate',
    held: 'on hold',
    nobody: 'silence: no stage',
    listeners: 'Listeners',
    turnedAway: (n: string) => `${n} turned away`,
    problems: 'Problems reported',
    noProblems: 'none',
    kinds: {
      'no-sound': (n: string) => `no sound ${n}`,
      interrupted: (n: string) => `interrupted ${n}`,
      late: (n: string) => `late ${n}`,
      heard: (n: string) => `what is heard ${n}`,
    },
    late: 'Late',
    stage: 'Stage',
    people: 'People on stage',
    onAir: (n: string) => `${n} on air`,
    backstage: (n: string) => `${n} backstage`,
    away: (n: string) => `${n} away`,
    since: 'On air for',
    notYet: 'not yet',
  },

  presence: { starting: 'starting', up: 'up', left: 'stopped', lost: 'down' },
  silentSince: (time: string) => `since ${time}`,
  cpu: 'Processor',
  memory: 'Memory',
  state: 'State',

  stages: {
    title: 'Stages',
    stage: 'Stage',
    onAir: 'on air',
    standingBy: 'standing by',
    spaces: 'Spaces',
    lateness: 'Lateness',
    tooLate: 'too late for more',
    standby: 'Standby',
    hasStandby: 'there',
    alone: 'missing',
    aloneByChoice: 'none set up',
  },

  edges: {
    title: 'Edges',
    edge: 'Edge',
    listeners: 'Listeners',
    capacity: 'Capacity',
    flush: 'Writes every',
    egress: 'Sends',
    turnedAway: 'Turned away',
  },

  disk: (used: string, free: string) => `Disk: ${used} used, ${free} free.`,
  diskUnknown: 'Disk: not known.',

  webhook: {
    none: 'Alarms are shown here and in the log. With --alarm-webhook they are also posted to you.',
    to: (host: string) => `Alarms are posted to ${host}.`,
    unsigned: 'They are not signed.',
    delivered: (time: string) => `Last delivered at ${time}.`,
    failing: (problem: string) => `The last try failed: ${problem}.`,
    lost: (n: number) => `${plural(n, { one: 'message was', other: 'messages were' })} not delivered.`,
    test: 'Send a test alarm',
    testing: 'Sending…',
    tested: 'The test alarm was delivered.',
  },
} as const
