// The form that makes a space: a title is all it needs. What one types is seen at once as its link will look.

import { useState } from 'preact/hooks'
import { PICTURE_BYTES_MAX } from '../../core/announcement/picture.ts'
import { linkCardOf } from '../../core/card/link-card.ts'
import { formatMoment, localZone, nameZone, parseLocalMoment } from '../parts/time-zone.ts'
import { AnnouncementFields, EMPTY_DRAFT, peopleOf } from './announcement-fields.tsx'
import { CardPreview } from './card-preview.tsx'
import { words } from './messages.en.ts'
import type { Operator } from './operator.ts'

const TITLE_LENGTH_MAX = 120

export function NewSpaceForm({ operator }: { readonly operator: Operator }) {
  const [title, setTitle] = useState('')
  const [start, setStart] = useState('')
  const [recorded, setRecorded] = useState(true)
  const [byItself, setByItself] = useState(false)
  const [waits, setWaits] = useState(false)
  const [draft, setDraft] = useState(EMPTY_DRAFT)
  const [picture, setPicture] = useState<File | undefined>(undefined)
  const text = words.make
  const scheduledAtMs = parseLocalMoment(start)
  const isTooLarge = picture !== undefined && picture.size > PICTURE_BYTES_MAX
  const announced = {
    title: title.trim(),
    people: peopleOf(draft),
    ...(draft.language === '' ? {} : { language: draft.language }),
    ...(scheduledAtMs === undefined ? {} : { scheduledAtMs, timeZone: localZone() }),
  }
  const submit = async () => {
    const asked = {
      ...announced,
      description: draft.description,
      recorded,
      ...(scheduledAtMs !== undefined && byItself ? { start: 'automatic' as const } : {}),
      ...(waits ? { arrivals: 'backstage' as const } : {}),
    }
    const made = await operator.make(asked, isTooLarge ? undefined : picture)
    if (!made) return
    setTitle('')
    setStart('')
    setDraft(EMPTY_DRAFT)
    setPicture(undefined)
  }
  return (
    <form
      class="card make"
      aria-labelledby="make-title"
      onSubmit={(event) => {
        event.preventDefault()
        if (title.trim() !== '' && !operator.isMaking.value) void submit()
      }}
    >
      <h2 id="make-title">{text.title}</h2>
      <label class="field">
        <span>{text.name}</span>
        <input
          id="title"
          required
          maxLength={TITLE_LENGTH_MAX}
          value={title}
          aria-describedby="title-hint"
          onInput={(event) => setTitle(event.currentTarget.value)}
        />
        <span class="hint" id="title-hint">
          {text.nameHint}
        </span>
      </label>
      <label class="field">
        <span>{text.start}</span>
        <input
          id="start-at"
          type="datetime-local"
          value={start}
          aria-describedby="start-hint"
          onInput={(event) => setStart(event.currentTarget.value)}
        />
        <span class="hint" id="start-hint">
          {scheduledAtMs === undefined ? (
            text.startHint(nameZone(Date.now()))
          ) : (
            <strong>
              {text.startSaid(formatMoment(scheduledAtMs, Date.now()), nameZone(scheduledAtMs))}
            </strong>
          )}
        </span>
        {scheduledAtMs !== undefined && scheduledAtMs < Date.now() && (
          <span class="caution">{text.past}</span>
        )}
      </label>
      <AnnouncementFields draft={draft} onChange={setDraft} />
      <label class="field">
        <span>{text.picture}</span>
        <input
          type="file"
          id="picture"
          accept="image/png,image/jpeg,image/webp"
          aria-describedby="picture-hint"
          onChange={(event) => setPicture(event.currentTarget.files?.[0])}
        />
        <span class={isTooLarge ? 'caution' : 'hint'} id="picture-hint">
          {isTooLarge ? text.pictureTooLarge : text.pictureHint}
        </span>
      </label>
      {scheduledAtMs !== undefined && (
        <label class="choice">
          <input
            type="checkbox"
            id="start-by-itself"
            checked={byItself}
            aria-describedby="start-by-itself-hint"
            onChange={(event) => setByItself(event.currentTarget.checked)}
          />
          <span>
            <strong>{text.byItself}</strong>
            <span class="hint" id="start-by-itself-hint">
              {text.byItselfHint}
            </span>
          </span>
        </label>
      )}
      <label class="choice">
        <input
          type="checkbox"
          id="arrivals-backstage"
          checked={waits}
          aria-describedby="arrivals-hint"
          onChange={(event) => setWaits(event.currentTarget.checked)}
        />
        <span>
          <strong>{text.arrivals}</strong>
          <span class="hint" id="arrivals-hint">
            {text.arrivalsHint}
          </span>
        </span>
      </label>
      <fieldset class="choices">
        <legend>{text.recording}</legend>
        <Choice
          id="record"
          isChosen={recorded}
          label={text.record}
          hint={text.recordHint}
          onChoose={() => setRecorded(true)}
        />
        <Choice
          id="forget"
          isChosen={!recorded}
          label={text.forget}
          hint={text.forgetHint}
          onChoose={() => setRecorded(false)}
        />
      </fieldset>
      <CardPreview
        card={linkCardOf({ ...announced, title: announced.title || text.name }, operator.publicHost)}
        description={draft.description}
      />
      <button type="submit" id="make" class="primary big" disabled={operator.isMaking.value}>
        {operator.isMaking.value ? text.making : text.button}
      </button>
    </form>
  )
}

function Choice(props: {
  readonly id: string
  readonly isChosen: boolean
  readonly label: string
  readonly hint: string
  onChoose(): void
}) {
  return (
    <label class="choice">
      <input
        type="radio"
        name="recording"
        id={props.id}
        checked={props.isChosen}
        aria-describedby={`${props.id}-hint`}
        onChange={props.onChoose}
      />
      <span>
        <strong>{props.label}</strong>
        <span class="hint" id={`${props.id}-hint`}>
          {props.hint}
        </span>
      </span>
    </label>
  )
}
