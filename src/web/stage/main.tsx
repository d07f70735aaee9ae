// The stage page: puts the studio together and keeps the document's own attributes in step with it.

import { effect } from '@preact/signals'
import { render } from 'preact'
import type { StagePageData } from '../../core/api/api.ts'
import { App } from './app.tsx'
import { Studio } from './studio.ts'

const data = document.getElementById('mimbar-data')?.textContent ?? '{}'
const studio = new Studio({
  data: (JSON.parse(data) ?? {}) as Partial<StagePageData>,
  sound: document.getElementById('stage-sound') as HTMLAudioElement,
})
effect(() => {
  const root = document.documentElement
  const screen = studio.screen.value
  root.dataset.state = studio.stateName.value
  if (screen.kind === 'on-stage') root.dataset.seat = screen.session.seat.id
  else delete root.dataset.seat
})
render(<App studio={studio} />, document.getElementById('app') as HTMLElement)
void studio.begin()
