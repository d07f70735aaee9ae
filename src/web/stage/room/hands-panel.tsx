// The hands: for who runs the room in their order, with what to do about each; for everyone else how many there are.

import type { HandInQueue } from '../../../core/api/api.ts'
import { CheckBox } from '../../parts/check-box.tsx'
import { HandIcon } from '../../parts/icons.tsx'
import type { StageSession } from '../stage-session.ts'
import { roomWords } from './messages.en.ts'

export function HandsPanel({ session }: { readonly session: StageSession }) {
  const hands = session.view.value?.hands
  if (hands === undefined) return null
  const { open, count, queue = [] } = hands
  const text = roomWords.hands
  if (!session.runsRoom.value) {
    if (count === 0) return null
    return (
      <p class="hands-count" id="hands-count" role="status">
        <HandIcon /> {text.up(count)}
      </p>
    )
  }
  const more = count - queue.filter(({ state }) => state === 'raised').length
  return (
    <section class="hands card" id="hands" aria-labelledby="hands-title">
      <div class="hands-head">
        <h2 id="hands-title">
          <HandIcon /> <span role="status">{count === 0 ? text.title : text.up(count)}</span>
        </h2>
        <CheckBox
          id="hands-open"
          checked={open}
          onChange={(handsOpen) => void session.command('PATCH', '', { handsOpen })}
        >
          {text.open}
        </CheckBox>
      </div>
      {queue.length > 0 && (
        <ol class="hands-list">
          {queue.map((hand) => (
            <Hand key={hand.id} session={session} hand={hand} />
          ))}
        </ol>
      )}
      {more > 0 && <p class="hint">{text.more(more)}</p>}
      {count > 1 && (
        <button
          type="button"
          class="quiet"
          id="lower-all"
          onClick={() => void session.command('DELETE', '/hands')}
        >
          {text.lowerAll}
        </button>
      )}
      {count === 0 && queue.length === 0 && <p class="hint">{open ? text.none : text.closed}</p>}
    </section>
  )
}

function Hand({ session, hand }: { readonly session: StageSession; readonly hand: HandInQueue }) {
  const { id, name, state } = hand
  const text = roomWords.hands
  const decide = (what: 'accept' | 'decline') => void session.command('POST', `/hands/${id}/${what}`)
  return (
    <li class="hand" data-hand={state}>
      <span class="hand-name">{name}</span>
      {state === 'accepted' ? (
        <span class="hint">{text.called}</span>
      ) : (
        <button
          type="button"
          class="primary"
          aria-label={text.acceptName(name)}
          onClick={() => decide('accept')}
        >
          {text.accept}
        </button>
      )}
      <button
        type="button"
        aria-label={state === 'accepted' ? text.takeBackName(name) : text.declineName(name)}
        onClick={() => decide('decline')}
      >
        {state === 'accepted' ? text.takeBack : text.decline}
      </button>
    </li>
  )
}
