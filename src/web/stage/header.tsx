// The head of the page: which space this is, and what there is to know of it before one is on stage.

import { words } from './messages.en.ts'
import { SpaceFacts } from './space-facts.tsx'
import type { Studio } from './studio.ts'

export function Header({ studio }: { readonly studio: Studio }) {
  const screen = studio.screen.value
  const space =
    (screen.kind === 'on-stage' ? screen.session.view.value?.space : undefined) ?? studio.space.value
  return (
    <section class="head" aria-labelledby="title">
      <h1 id="title">{space?.title ?? words.house}</h1>
      {/* On stage they lie on the table. */}
      {space !== undefined && screen.kind !== 'on-stage' && <SpaceFacts space={space} offsetMs={0} />}
    </section>
  )
}
