// Whose connection is bad, in sentences that everybody on stage can read: then people wait a moment for each other
// instead of talking across the gap.

import { words } from '../messages.en.ts'
import type { StageSession } from '../stage-session.ts'

export function LineNotes({ session }: { readonly session: StageSession }) {
  const notes = (session.view.value?.seats ?? []).flatMap(({ id, name, observed }) => {
    const line = session.lines.value.get(id) ?? 'good'
    // One's own is told among the troubles, with what to do about it.
    return line === 'good' || id === session.seat.id
      ? []
      : [{ id, text: words.lines[line](name, observed?.loss ?? 0) }]
  })
  if (notes.length === 0) return null
  return (
    <ul class="line-notes" id="line-notes" aria-live="polite">
      {notes.map(({ id, text }) => (
        <li key={id}>{text}</li>
      ))}
    </ul>
  )
}
