// What an alarm is about, how long it has to be so, and what is said of it in English: by the webhook, and by the
// operator page where no other language is asked for.

/** What matters most first. */
export const ALARM_KINDS = [
  'nothing-heard',
  'stage-down',
  'standby-missing',
  'edge-lost',
  'disk',
  'capacity',
  'problems',
] as const
export type AlarmKind = (typeof ALARM_KINDS)[number]

/** Raised when it has been bad for `raiseAfterMs` without a break, cleared after `clearAfterMs` of being good. */
export interface AlarmRule {
  readonly raiseAfterMs: number
  readonly clearAfterMs: number
}

/**
 * Silence counts after three seconds (`REPORT_FRESH_MS`), and an accident that the supervisor mends at once is over
 * within three more: that is no alarm, and the log tells of it.
 */
export const ALARM_RULES: Readonly<Record<AlarmKind, AlarmRule>> = {
  'nothing-heard': { raiseAfterMs: 3_000, clearAfterMs: 10_000 },
  'stage-down': { raiseAfterMs: 3_000, clearAfterMs: 10_000 },
  'standby-missing': { raiseAfterMs: 5_000, clearAfterMs: 10_000 },
  'edge-lost': { raiseAfterMs: 3_000, clearAfterMs: 10_000 },
  disk: { raiseAfterMs: 10_000, clearAfterMs: 30_000 },
  capacity: { raiseAfterMs: 10_000, clearAfterMs: 30_000 },
  problems: { raiseAfterMs: 10_000, clearAfterMs: 60_000 },
}

/** Bad from `bad` on, good below `good`; in between it stays what it was. */
export const ALARM_SHARES = {
  disk: { bad: 0.8, good: 0.75 },
  capacity: { bad: 0.8, good: 0.7 },
  /** Reports of ten minutes against listeners of now. */
  problems: { bad: 0.05, good: 0.03 },
} as const

/** Fewer reports of problems than this may be one person in a tunnel. */
export const PROBLEMS_MIN = 5

export interface AlarmWords {
  readonly title: string
  /** What it means. `share` is a percentage as people write it. */
  says(subject: string, share: string): string
  readonly mend: string
}

export const alarmWords: Readonly<Record<AlarmKind, AlarmWords>> = {
  'nothing-heard': {
    title: 'Nothing is heard',
    says: () =>
      'Control hears neither stages nor edges: the log is down, or everything is. Nothing else can be judged until it is back.',
    mend: 'Look at what the supervisor says of “log”, and whether the data folder can be written.',
  },
  'stage-down': {
    title: 'Stage down',
    says: (subject) => `${subject} is silent. Its spaces go on from another stage, if there is one.`,
    mend: 'It is started again by itself. If it does not come back, its name in the log tells why; “mimbar doctor” looks at its ports.',
  },
  'standby-missing': {
    title: 'Standby missing',
    says: (subject) => `If ${subject} dies now, there is silence: no other stage can take over.`,
    mend: 'Look at the log for the names of the other stages, and leave this one alone until one of them is back.',
  },
  'edge-lost': {
    title: 'Edge lost',
    says: (subject) => `${subject} is silent. Its listeners are at the other edges, which have less room.`,
    mend: 'It is started again by itself. If it does not come back, its name in the log tells why.',
  },
  disk: {
    title: 'Disk nearly full',
    says: (_subject, share) =>
      `${share} of the disk with the data folder is used. A full one ends every recording.`,
    mend: 'Delete ended spaces that nobody needs, or make the disk larger.',
  },
  capacity: {
    title: 'Capacity nearly used',
    says: (_subject, share) =>
      `${share} of what this node can carry is taken. At the end of it, arrivals wait in line.`,
    mend: 'Give it what it lacks: processor, memory, descriptors, or a higher --egress-bps-max if the line has more.',
  },
  problems: {
    title: 'Listeners report problems',
    says: (subject, share) =>
      `In “${subject}”, reports of the last ten minutes come to ${share} of the listeners.`,
    mend: 'Listen to it yourself. The operator page tells what kind of trouble they have.',
  },
}
