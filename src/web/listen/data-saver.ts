// Whether this listener gets the sound of half the bytes: asked for here, or in the browser's own settings.

import type { Listening } from './listening.ts'
import type { messages } from './messages.en.ts'
import { setText } from './people.ts'
import { byId } from './view.ts'

const SAVE_DATA_KEY = 'mimbar.save-data'

/** What was chosen here before; otherwise what the browser was told (Network Information's `saveData`, where it exists). */
export function savesDataAtFirst(): boolean {
  const { connection } = navigator as Navigator & { readonly connection?: { readonly saveData?: boolean } }
  const asked = connection?.saveData === true
  try {
    const chosen = localStorage.getItem(SAVE_DATA_KEY)
    return chosen === null ? asked : chosen === 'yes'
  } catch {
    // Storage may be forbidden; then the browser's word counts.
    return asked
  }
}

/** The box that turns it on and off, also while it plays. */
export function wireDataSaver(listening: Listening, words: typeof messages): void {
  const box = byId<HTMLInputElement>('save-data')
  setText(box.nextElementSibling, words.saveData)
  if (box.parentElement !== null) box.parentElement.hidden = !listening.canSaveData
  box.checked = listening.savesData
  box.addEventListener('change', () => {
    listening.saveData(box.checked)
    try {
      localStorage.setItem(SAVE_DATA_KEY, box.checked ? 'yes' : 'no')
    } catch {
      // As above: it holds for this visit.
    }
  })
}
