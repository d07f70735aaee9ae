// The form that changes what is announced of a space: before it begins its time as well. Pages that are open follow.

import { useEffect, useRef, useState } from 'preact/hooks'
import type { PublicSpace } from '../../../core/api/api.ts'
import { words } from '../messages.en.ts'
import type { Operator, PictureChange } from '../operator.ts'
import { AnnouncementFields, isPictureSmallEnough, PictureField } from './announcement-fields.tsx'
import { CardPreview } from './card-preview.tsx'
import { OptionBox } from './option-box.tsx'
import { StartFields, TitleField } from './plan-fields.tsx'
import { changeOf, draftOf, type SpaceDraft } from './space-draft.ts'

export function EditSpaceForm({
  operator,
  space,
}: {
  readonly operator: Operator
  readonly space: PublicSpace
}) {
  const [before] = useState(() => draftOf(space))
  const [draft, setDraft] = useState(before)
  const [picture, setPicture] = useState<File | undefined>(undefined)
  const [dropsPicture, setDropsPicture] = useState(false)
  const heading = useRef<HTMLHeadingElement>(null)
  const text = words.edit
  // It stands where another form was: the eye and the screen reader begin at its head.
  useEffect(() => {
    heading.current?.focus()
    heading.current?.scrollIntoView({ block: 'center' })
  }, [])
  const change = (part: Partial<SpaceDraft>) => setDraft((old) => ({ ...old, ...part }))
  const pictureChange = (): PictureChange | undefined => {
    if (picture !== undefined) return isPictureSmallEnough(picture) ? { kind: 'set', picture } : undefined
    return dropsPicture ? { kind: 'drop' } : undefined
  }
  const hasBegun = space.phase === 'live' || space.phase === 'ended'
  return (
    <form
      class="card make"
      id="edit"
      aria-labelledby="edit-title"
      onSubmit={(event) => {
        event.preventDefault()
        if (draft.title.trim() === '' || operator.isBusy.value) return
        void operator.change(space, changeOf(before, draft), pictureChange())
      }}
    >
      <h2 id="edit-title" ref={heading} tabIndex={-1}>
        {text.title(space.title)}
      </h2>
      <TitleField draft={draft} onChange={change} />
      {!hasBegun && <StartFields draft={draft} onChange={change} />}
      <AnnouncementFields draft={draft} onChange={change} />
      {!hasBegun && <PictureField picture={picture} onChoose={setPicture} />}
      {!hasBegun && space.pictureUrl !== undefined && picture === undefined && (
        <OptionBox
          type="checkbox"
          id="drop-picture"
          isChosen={dropsPicture}
          label={text.dropPicture}
          hint={text.dropPictureHint}
          onChange={setDropsPicture}
        />
      )}
      <CardPreview draft={draft} host={operator.publicHost} />
      <div class="fresh-ways">
        <button type="submit" id="save" class="primary" disabled={operator.isBusy.value}>
          {operator.isBusy.value ? text.saving : text.save}
        </button>
        <button
          type="button"
          id="edit-cancel"
          onClick={() => {
            operator.editing.value = undefined
          }}
        >
          {text.cancel}
        </button>
      </div>
    </form>
  )
}
