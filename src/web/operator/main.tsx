// The operator page.

import { effect } from '@preact/signals'
import { render } from 'preact'
import { keepFocus } from '../parts/focus-keeper.ts'
import { settleLanguage } from '../parts/language-switch.ts'
import { App } from './app.tsx'
import { Operator } from './operator.ts'

await settleLanguage()

const text = document.getElementById('mimbar-data')?.textContent ?? '{}'
const data = (JSON.parse(text) ?? {}) as { readonly publicUrl?: string }
const operator = new Operator(data.publicUrl ?? location.origin)
effect(() => {
  document.documentElement.dataset.state = operator.access.value.kind
})
keepFocus()
render(<App operator={operator} />, document.getElementById('app') as HTMLElement)
void operator.begin()
