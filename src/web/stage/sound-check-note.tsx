// What a guest's sound check found, beside the name, for who runs the room.

import type { SoundFinding } from '../../core/sound-check/sound-check.ts'
import { words } from './messages.en.ts'
import type { Person } from './person-card.tsx'

export function SoundCheckNote({ person }: { readonly person: Person }) {
  const text = words.soundCheck.told
  const found = foundOf(person)
  const standing = found === undefined ? 'unchecked' : found.length === 0 ? 'fine' : 'found'
  return (
    <span class={`sound-note ${standing}`} data-sound-check={found?.join(' ') ?? 'unchecked'}>
      {standing === 'found' ? text.found((found ?? []).map((one) => text.findings[one])) : text[standing]}
    </span>
  )
}

/** Who is connected has been allowed the microphone since. */
function foundOf({ soundCheck, observed }: Person): readonly SoundFinding[] | undefined {
  const found = soundCheck?.found
  return observed?.connection === 'connected' && found?.includes('no-permission') ? undefined : found
}
