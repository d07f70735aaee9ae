// What is said of a space before it begins; all of it may be left out.

import { language as pageLanguage } from '../parts/language.ts'
import { words } from './messages.en.ts'

const DESCRIPTION_LENGTH_MAX = 600
const PEOPLE_LENGTH_MAX = 400
/** From here on one wants to know how much is left. */
const LEFT_SHOWN = 120

/** Languages that a talk here is likely to be in; over the API it may be any other. */
const TALK_LANGUAGES =
  'ar bn cs da de el en es fa fi fil fr he hi hu id it ja jv ko ms nl no pl pt ro ru su sv sw ta th tr uk ur vi zh'.split(
    ' ',
  )

export interface AnnouncementDraft {
  readonly description: string
  /** Names with commas between them. */
  readonly people: string
  /** A tag, or nothing. */
  readonly language: string
}

export const EMPTY_DRAFT: AnnouncementDraft = { description: '', people: '', language: '' }

/** The names in what was typed. */
export function peopleOf({ people }: AnnouncementDraft): readonly string[] {
  return people
    .split(/[,;\n]/)
    .map((name) => name.trim())
    .filter((name) => name !== '')
}

export function AnnouncementFields(props: {
  readonly draft: AnnouncementDraft
  onChange(draft: AnnouncementDraft): void
}) {
  const { draft } = props
  const text = words.make
  const left = DESCRIPTION_LENGTH_MAX - draft.description.length
  return (
    <>
      <label class="field">
        <span>{text.description}</span>
        <textarea
          id="description"
          rows={4}
          dir="auto"
          maxLength={DESCRIPTION_LENGTH_MAX}
          value={draft.description}
          aria-describedby="description-hint"
          onInput={(event) => props.onChange({ ...draft, description: event.currentTarget.value })}
        />
        <span class="hint" id="description-hint">
          {left <= LEFT_SHOWN ? text.descriptionLeft(left) : text.descriptionHint}
        </span>
      </label>
      <label class="field">
        <span>{text.people}</span>
        <input
          id="people"
          dir="auto"
          maxLength={PEOPLE_LENGTH_MAX}
          value={draft.people}
          aria-describedby="people-hint"
          onInput={(event) => props.onChange({ ...draft, people: event.currentTarget.value })}
        />
        <span class="hint" id="people-hint">
          {text.peopleHint}
        </span>
      </label>
      <label class="field">
        <span>{text.language}</span>
        <select
          id="language"
          value={draft.language}
          onChange={(event) => props.onChange({ ...draft, language: event.currentTarget.value })}
        >
          <option value="">{text.languageUnsaid}</option>
          {languageNames().map(([tag, name]) => (
            <option key={tag} value={tag}>
              {name}
            </option>
          ))}
        </select>
      </label>
    </>
  )
}

/** By their names in the page's language, in its order. */
function languageNames(): readonly (readonly [tag: string, name: string])[] {
  const names = new Intl.DisplayNames(pageLanguage, { type: 'language' })
  return TALK_LANGUAGES.map((tag) => [tag, names.of(tag) ?? tag] as const).sort(([, a], [, b]) =>
    a.localeCompare(b, pageLanguage),
  )
}
