// The form that makes a space: a title is all it needs. The rest is there for who looks for it, and what one types is
// seen at once as its link will look.

import { useState } from 'preact/hooks'
import { words } from '../messages.en.ts'
import type { Operator } from '../operator.ts'
import { AnnouncementFields, isPictureSmallEnough, PictureField } from './announcement-fields.tsx'
import { CardPreview } from './card-preview.tsx'
import { OptionBox } from './option-box.tsx'
import { StartFields, TitleField } from './plan-fields.tsx'
import { EMPTY_DRAFT, newSpaceOf, type SpaceDraft } from './space-draft.ts'

export function NewSpaceForm({ operator }: { readonly operator: Operator }) {
  const [draft, setDraft] = useState(EMPTY_DRAFT)
  const [recorded, setRecorded] = useState(true)
  const [waits, setWaits] = useState(false)
  const [picture, setPicture] = useState<File | undefined>(undefined)
  const text = words.make
  const change = (part: Partial<SpaceDraft>) => setDraft((before) => ({ ...before, ...part }))
  const submit = async () => {
    const fits = picture !== undefined && isPictureSmallEnough(picture)
    const asked = newSpaceOf(draft, { recorded, waits })
    if (!(await operator.make(asked, fits ? picture : undefined))) return
    setDraft(EMPTY_DRAFT)
    setPicture(undefined)
  }
  return (
    <form
      class="card make"
      aria-labelledby="make-title"
      onSubmit={(event) => {
        event.preventDefault()
        if (draft.title.trim() !== '' && !operator.isBusy.value) void submit()
      }}
    >
      <h2 id="make-title">{text.title}</h2>
      <TitleField draft={draft} onChange={change} />
      <StartFields draft={draft} onChange={change} />
      <fieldset class="choices">
        <legend>{text.recording}</legend>
        <OptionBox
          type="radio"
          group="recording"
          id="record"
          isChosen={recorded}
          label={text.record}
          hint={text.recordHint}
          onChange={() => setRecorded(true)}
        />
        <OptionBox
          type="radio"
          group="recording"
          id="forget"
          isChosen={!recorded}
          label={text.forget}
          hint={text.forgetHint}
          onChange={() => setRecorded(false)}
        />
      </fieldset>
      <details id="announce">
        <summary>{text.announce}</summary>
        <div class="make-more">
          <AnnouncementFields draft={draft} onChange={change} />
          <PictureField picture={picture} onChoose={setPicture} />
          <CardPreview draft={draft} host={operator.publicHost} />
        </div>
      </details>
      <details id="stage-rules">
        <summary>{text.stageRules}</summary>
        <OptionBox
          type="checkbox"
          id="arrivals-backstage"
          isChosen={waits}
          label={text.arrivals}
          hint={text.arrivalsHint}
          onChange={setWaits}
        />
      </details>
      <button type="submit" id="make" class="primary big" disabled={operator.isBusy.value}>
        {operator.isBusy.value ? text.making : text.button}
      </button>
    </form>
  )
}
