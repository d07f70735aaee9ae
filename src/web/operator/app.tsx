// The operator page: sign in, make a space, hand out its links, look after what is there.

import { FreshLinksCard } from './fresh-links.tsx'
import { words } from './messages.en.ts'
import { Now, useNodePoll } from './now/now.tsx'
import type { Access, Operator } from './operator.ts'
import { EditSpaceForm } from './space/edit-space.tsx'
import { NewSpaceForm } from './space/new-space.tsx'
import { SpaceLists } from './space-list.tsx'

export function App({ operator }: { readonly operator: Operator }) {
  const access = operator.access.value
  return (
    <main>
      {access.kind === 'asking' && <p class="hint">{words.loading}</p>}
      {access.kind === 'unreachable' && (
        <p class="problem" role="alert">
          {words.unreachable}
        </p>
      )}
      {access.kind === 'stranger' && <SignIn access={access} />}
      {access.kind === 'operator' && <Desk operator={operator} />}
    </main>
  )
}

function Desk({ operator }: { readonly operator: Operator }) {
  const fresh = operator.fresh.value
  const editing = operator.editing.value
  const spaces = operator.spaces.value
  const poll = useNodePoll(operator)
  return (
    <>
      <div class="title-row">
        <h1>{words.title}</h1>
        <button type="button" class="quiet" id="sign-out" onClick={() => void operator.signOut()}>
          {words.signOut}
        </button>
      </div>
      {operator.failure.value !== undefined && (
        <p class="problem sticky" role="alert" id="failure">
          {operator.failure.value}{' '}
          <button
            type="button"
            onClick={() => {
              operator.failure.value = undefined
            }}
          >
            {words.close}
          </button>
        </p>
      )}
      <Now poll={poll} />
      {/* Not before what is above it is there: a form must not move away under who has begun to type. */}
      <div class="desk" hidden={!poll.hasSettled.value}>
        <div class="desk-make">
          {fresh !== undefined ? (
            <FreshLinksCard operator={operator} fresh={fresh} />
          ) : editing !== undefined ? (
            <EditSpaceForm key={editing.id} operator={operator} space={editing} />
          ) : (
            <NewSpaceForm operator={operator} />
          )}
        </div>
        <div class="desk-list">
          {spaces === undefined ? (
            <p class="hint">{words.loading}</p>
          ) : (
            <SpaceLists operator={operator} spaces={spaces} />
          )}
        </div>
      </div>
    </>
  )
}

function SignIn({ access }: { readonly access: Extract<Access, { kind: 'stranger' }> }) {
  const text = words.signIn
  return (
    <section class="card sign-in">
      <h1>{text.title}</h1>
      {access.problem !== undefined && (
        <p class="problem" role="alert">
          {access.problem}
        </p>
      )}
      <p>{text.body}</p>
      <p class="hint">{text.lost}</p>
      <pre>{text.command}</pre>
    </section>
  )
}
