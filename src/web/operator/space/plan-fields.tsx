// What a space is called, and when it begins and by whom.

import { formatMoment, nameZone } from '../../parts/time-zone.ts'
import { words } from '../messages.en.ts'
import { OptionBox } from './option-box.tsx'
import { type SpaceDraft, scheduledAtOf } from './space-draft.ts'

const TITLE_LENGTH_MAX = 120

interface FieldsProps {
  readonly draft: SpaceDraft
  onChange(change: Partial<SpaceDraft>): void
}

export function TitleField({ draft, onChange }: FieldsProps) {
  const text = words.make
  return (
    <label class="field">
      <span>{text.name}</span>
      <input
        id="title"
        required
        maxLength={TITLE_LENGTH_MAX}
        value={draft.title}
        aria-describedby="title-hint"
        onInput={(event) => onChange({ title: event.currentTarget.value })}
      />
      <span class="hint" id="title-hint">
        {text.nameHint}
      </span>
    </label>
  )
}

export function StartFields({ draft, onChange }: FieldsProps) {
  const text = words.make
  const scheduledAtMs = scheduledAtOf(draft)
  return (
    <>
      <label class="field">
        <span>{text.start}</span>
        <input
          id="start-at"
          type="datetime-local"
          value={draft.start}
          aria-describedby="start-hint"
          onInput={(event) => onChange({ start: event.currentTarget.value })}
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
      {scheduledAtMs !== undefined && (
        <OptionBox
          type="checkbox"
          id="start-by-itself"
          isChosen={draft.startsByItself}
          label={text.byItself}
          hint={text.byItselfHint}
          onChange={(startsByItself) => onChange({ startsByItself })}
        />
      )}
    </>
  )
}
