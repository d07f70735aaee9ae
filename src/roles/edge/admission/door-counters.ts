// What the door did, for `/metrics`.

import type { WaitReason } from '../../../core/door/admission.ts'

/** Why somebody has to wait: as the door judged, the pace of joins, or the limits of the address. */
export type TurnedAway = WaitReason | 'pace' | 'address'
const TURNED_AWAY: readonly TurnedAway[] = ['line', 'full', 'full-here', 'late', 'pace', 'address']
/** How somebody came in: by arriving, with a place, or as one who returns. */
export type AdmittedAs = 'new' | 'place' | 'return'
const ADMITTED_AS: readonly AdmittedAs[] = ['new', 'place', 'return']
/** What an address was refused altogether. */
export type AddressRefusal = 'requests' | 'streams'
/** What gives way first under pressure. */
export type Shed = 'api' | 'replay' | 'reactions'

export interface DoorCounters {
  readonly admitted: Record<AdmittedAs, number>
  /** Answers, not people: who waits asks again. */
  readonly turnedAway: Record<TurnedAway, number>
  /** Tickets that nobody here has signed, or that have expired. */
  ticketsRefused: number
  /** Tickets to return that were shown too often. */
  ticketsShared: number
  lineAnswers: number
  readonly addressRefused: Record<AddressRefusal, number>
  readonly shed: Record<Shed, number>
}

export function newDoorCounters(): DoorCounters {
  return {
    admitted: { new: 0, place: 0, return: 0 },
    turnedAway: { line: 0, full: 0, 'full-here': 0, late: 0, pace: 0, address: 0 },
    ticketsRefused: 0,
    ticketsShared: 0,
    lineAnswers: 0,
    addressRefused: { requests: 0, streams: 0 },
    shed: { api: 0, replay: 0, reactions: 0 },
  }
}

/** Counters as samples: a family's name, its help, and labels with values. */
export type DoorFamily = readonly [
  name: string,
  help: string,
  samples: readonly (readonly [labels: string, value: number])[],
]

/** The counter families of the door. */
export function doorFamilies(counters: DoorCounters): readonly DoorFamily[] {
  return [
    [
      'mimbar_edge_admitted',
      'Listeners let in: who arrived, who had a place, who returned.',
      ADMITTED_AS.map((as) => [`{as="${as}"}`, counters.admitted[as]]),
    ],
    [
      'mimbar_edge_turned_away',
      'Joins answered with a place in the line, by reason. Who waits asks again and again.',
      TURNED_AWAY.map((why) => [`{reason="${why}"}`, counters.turnedAway[why]]),
    ],
    [
      'mimbar_edge_tickets_refused',
      "Tickets that were forged, expired or another space's, and those shown too often.",
      [
        ['{reason="invalid"}', counters.ticketsRefused],
        ['{reason="shared"}', counters.ticketsShared],
      ],
    ],
    ['mimbar_edge_line_answers', 'Answers to how long the line is.', [['', counters.lineAnswers]]],
    [
      'mimbar_edge_address_refused',
      'Requests answered 429 for the limits of their address.',
      [
        ['{limit="requests"}', counters.addressRefused.requests],
        ['{limit="streams"}', counters.addressRefused.streams],
      ],
    ],
    [
      'mimbar_edge_shed',
      'Requests refused so that listeners keep what they have.',
      [
        ['{what="api"}', counters.shed.api],
        ['{what="replay"}', counters.shed.replay],
        ['{what="reactions"}', counters.shed.reactions],
      ],
    ],
  ]
}
