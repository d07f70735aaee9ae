// What a host wants to know before pressing Start, from what the stage observes and what this page has heard.

import type { SeatId } from '../../../base/ids.ts'
import type { StageView } from '../../../core/api/api.ts'

type Person = StageView['seats'][number]

/**
 * `here`: everybody with a seat is connected, and there is more than one. `mine`: my own microphone is open. `heard`:
 * everybody has spoken on this stage, or has a sound check that found nothing. `headphones`: everybody's sound check
 * found no echo. `time`: the planned second has not passed.
 */
export interface ChecklistItem {
  readonly id: 'here' | 'mine' | 'heard' | 'headphones' | 'time'
  readonly done: boolean
  /** Of whom it is not so; empty when it is about nobody in particular. */
  readonly names: readonly string[]
}

export interface ChecklistFacts {
  readonly seats: readonly Person[]
  readonly me: SeatId
  /** Who has spoken while this page was here. */
  readonly heard: ReadonlySet<SeatId>
  /** Until the planned second; undefined when none is planned. */
  readonly leftMs: number | undefined
}

export function checklist({ seats, me, heard, leftMs }: ChecklistFacts): readonly ChecklistItem[] {
  const missing = seats.filter(({ observed }) => observed?.connection !== 'connected')
  const mine = seats.find(({ id }) => id === me)
  const unheard = seats.filter(({ id, soundCheck }) => !heard.has(id) && soundCheck?.found.length !== 0)
  const echoing = seats.filter(({ soundCheck }) => soundCheck?.found.includes('echo'))
  const isAllChecked = seats.every(({ soundCheck }) => soundCheck !== undefined)
  return [
    { id: 'here', done: seats.length > 1 && missing.length === 0, names: namesOf(missing) },
    { id: 'mine', done: mine?.muted === false && mine.observed?.connection === 'connected', names: [] },
    { id: 'heard', done: unheard.length === 0, names: namesOf(unheard) },
    { id: 'headphones', done: isAllChecked && echoing.length === 0, names: namesOf(echoing) },
    { id: 'time', done: leftMs === undefined || leftMs >= 0, names: [] },
  ]
}

/** `heard` and who speaks now; the same set when nobody new does. */
export function hear(heard: ReadonlySet<SeatId>, seats: readonly Person[]): ReadonlySet<SeatId> {
  const fresh = seats.filter(({ id, observed }) => observed?.speaking === true && !heard.has(id))
  return fresh.length === 0 ? heard : new Set([...heard, ...fresh.map(({ id }) => id)])
}

const namesOf = (people: readonly Person[]): readonly string[] => people.map(({ name }) => name)
