// What the operator's form holds while one types, what it asks of the server, and what it began with.

import type { NewSpace, PublicSpace, SpaceChange } from '../../../core/api/api.ts'
import type { LinkCardFacts } from '../../../core/card/link-card.ts'
import { formatLocalMoment, localZone, parseLocalMoment } from '../../parts/time-zone.ts'

/** Every field as its control has it. */
export interface SpaceDraft {
  readonly title: string
  /** The value of a `datetime-local` field: this device's time, or nothing. */
  readonly start: string
  readonly startsByItself: boolean
  readonly description: string
  /** Names with commas between them. */
  readonly people: string
  /** BCP 47, or nothing. */
  readonly language: string
}

export const EMPTY_DRAFT: SpaceDraft = {
  title: '',
  start: '',
  startsByItself: false,
  description: '',
  people: '',
  language: '',
}

/** A space as it is, for a form that changes it. */
export function draftOf(space: PublicSpace): SpaceDraft {
  const { title, scheduledAtMs, start, description = '', people = [], language = '' } = space
  return {
    title,
    start: scheduledAtMs === undefined ? '' : formatLocalMoment(scheduledAtMs),
    startsByItself: start === 'automatic',
    description,
    people: people.join(', '),
    language,
  }
}

/** The names in what was typed. */
export function peopleOf({ people }: SpaceDraft): readonly string[] {
  return people
    .split(/[,;\n]/)
    .map((name) => name.trim())
    .filter((name) => name !== '')
}

/** When it is to begin; undefined when that is not said. */
export const scheduledAtOf = ({ start }: SpaceDraft): number | undefined => parseLocalMoment(start)

/** What a card of its link would say. */
export function cardFactsOf(draft: SpaceDraft): LinkCardFacts {
  const scheduledAtMs = scheduledAtOf(draft)
  return {
    title: draft.title.trim(),
    people: peopleOf(draft),
    ...(draft.language === '' ? {} : { language: draft.language }),
    ...(scheduledAtMs === undefined ? {} : { scheduledAtMs, timeZone: localZone() }),
  }
}

/** The space that the form asks for. */
export function newSpaceOf(
  draft: SpaceDraft,
  choices: { readonly recorded: boolean; readonly waits: boolean },
): NewSpace {
  return {
    ...cardFactsOf(draft),
    description: draft.description,
    recorded: choices.recorded,
    ...(scheduledAtOf(draft) !== undefined && draft.startsByItself ? { start: 'automatic' } : {}),
    ...(choices.waits ? { arrivals: 'backstage' } : {}),
  }
}

/** What has changed between `before` and `after`; empty when nothing has. */
export function changeOf(before: SpaceDraft, after: SpaceDraft): SpaceChange {
  const differs = (...fields: readonly (keyof SpaceDraft)[]) =>
    fields.some((field) => before[field] !== after[field])
  const scheduledAtMs = scheduledAtOf(after)
  const isAutomatic = after.startsByItself && scheduledAtMs !== undefined
  return {
    ...(differs('title') ? { title: after.title.trim() } : {}),
    ...(differs('start') ? { scheduledAtMs: scheduledAtMs ?? null, timeZone: localZone() } : {}),
    ...(differs('start', 'startsByItself') ? { start: isAutomatic ? 'automatic' : 'manual' } : {}),
    ...(differs('description') ? { description: after.description } : {}),
    ...(differs('people') ? { people: peopleOf(after) } : {}),
    ...(differs('language') ? { language: after.language } : {}),
  }
}
