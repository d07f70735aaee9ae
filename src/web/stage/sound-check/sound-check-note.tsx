// What a guest's sound check found, beside the name, for who runs the room.

import type { SoundFinding } from '../../../core/sound-check/sound-check.ts'
import { words } from '../messages.en.ts'
import type { Person } from '../room/person-card.tsx'

/** Of who is on air already, only what is wrong is news. */
export function SoundCheckNote({ person, isOnAir }: { readonly person: Person; readonly isOnAir: boolean }) {
  const text = words.soundCheck.told
  const found = foundOf(person)
  const standing = found === undefined ? 'unchecked' : found.length === 0 ? 'fine' : 'found'
  if (isOnAir && standing !== 'found') return null
  return (
    <span class={`sound-note ${standing}`} data-sound-check={found?.join(' ') ?? 'unchecked'}>
      {standing === 'found' ? text.found((found ?? []).map((one) => text.findings[one])) : text[standing]}
    </span>
  )
}

/** Who is heard here has been allowed the microphone since, and found a network that lets sound through. */
function foundOf({ soundCheck, observed }: Person): readonly SoundFinding[] | undefined {
  if (soundCheck === undefined || observed?.connection !== 'connected') return soundCheck?.found
  const found = soundCheck.found.filter((one) => one !== 'no-permission' && one !== 'udp-blocked')
  return found.length === 0 && soundCheck.found.length > 0 ? undefined : found
}
