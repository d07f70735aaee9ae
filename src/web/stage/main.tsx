// The stage page: puts the studio together and keeps the document's own attributes in step with it.

import { effect } from '@preact/signals'
import { render } from 'preact'
import type { StagePageData } from '../../core/api/api.ts'
import { keepFocus } from '../parts/focus-keeper.ts'
import { settleLanguage } from '../parts/language-switch.ts'
import { App } from './app.tsx'
import { isFramed, tellPageAround } from './framed.ts'
import { Studio } from './studio.ts'

await settleLanguage()

const text = document.getElementById('mimbar-data')?.textContent ?? '{}'
const data = (JSON.parse(text) ?? {}) as Partial<StagePageData>
const studio = new Studio({
  data,
  sound: document.getElementById('stage-sound') as HTMLAudioElement,
})
effect(() => {
  const root = document.documentElement
  const screen = studio.screen.value
  root.dataset.state = studio.stateName.value
  const session = screen.kind === 'on-stage' ? screen.session : undefined
  setData('seat', session?.seat.id)
  setData('stage', session?.view.value?.stage?.id)

  function setData(name: string, value: string | undefined): void {
    if (value === undefined) delete root.dataset[name]
    else root.dataset[name] = value
  }
})
keepFocus()
render(<App studio={studio} />, document.getElementById('app') as HTMLElement)
if (isFramed()) tellPageAround(data, studio.stateName)
// Without cookies nothing can come of it, and the page around this one offers another way.
if (data.cookiesBlocked !== true) void studio.begin()
