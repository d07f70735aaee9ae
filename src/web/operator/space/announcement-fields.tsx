// What is said of a space before it begins; all of it may be left out.

import { PICTURE_BYTES_MAX } from '../../../core/announcement/picture.ts'
import { language as pageLanguage } from '../../parts/language.ts'
import { words } from '../messages.en.ts'
import type { SpaceDraft } from './space-draft.ts'

const DESCRIPTION_LENGTH_MAX = 600
const PEOPLE_LENGTH_MAX = 400
/** From here on one wants to know how much is left. */
const LEFT_SHOWN = 120

/** Languages that a talk here is likely to be in; over the API it may be any other. */
const TALK_LANGUAGES =
  'ar bn cs da de el en es fa fi fil fr he hi hu id it ja jv ko ms nl no pl pt ro ru su sv sw ta th tr uk ur vi zh'.split(
    ' ',
  )

export function AnnouncementFields(props: {
  readonly draft: SpaceDraft
  onChange(change: Partial<SpaceDraft>): void
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
          onInput={(event) => props.onChange({ description: event.currentTarget.value })}
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
          onInput={(event) => props.onChange({ people: event.currentTarget.value })}
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
          onChange={(event) => props.onChange({ language: event.currentTarget.value })}
        >
          <option value="">{text.languageUnsaid}</option>
          {languageNames(draft.language).map(([tag, name]) => (
            <option key={tag} value={tag}>
              {name}
            </option>
          ))}
        </select>
      </label>
    </>
  )
}

/** A picture that is chosen here, if it may be one. */
export function PictureField(props: {
  readonly picture: File | undefined
  onChoose(picture: File | undefined): void
}) {
  const text = words.make
  const isTooLarge = props.picture !== undefined && !isPictureSmallEnough(props.picture)
  return (
    <label class="field">
      <span>{text.picture}</span>
      <input
        type="file"
        id="picture"
        accept="image/png,image/jpeg,image/webp"
        aria-describedby="picture-hint"
        onChange={(event) => props.onChoose(event.currentTarget.files?.[0])}
      />
      <span class={isTooLarge ? 'caution' : 'hint'} id="picture-hint">
        {isTooLarge ? text.pictureTooLarge : text.pictureHint}
      </span>
    </label>
  )
}

export const isPictureSmallEnough = (picture: File): boolean => picture.size <= PICTURE_BYTES_MAX

/** By their names in the page's language, in its order; `chosen` is among them whatever it is. */
function languageNames(chosen: string): readonly (readonly [tag: string, name: string])[] {
  const names = new Intl.DisplayNames(pageLanguage, { type: 'language' })
  const isOther = chosen !== '' && !TALK_LANGUAGES.includes(chosen)
  return [...TALK_LANGUAGES, ...(isOther ? [chosen] : [])]
    .map((tag) => [tag, names.of(tag) ?? tag] as const)
    .sort(([, a], [, b]) => a.localeCompare(b, pageLanguage))
}
