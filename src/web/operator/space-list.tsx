// All spaces, those that need attention first.

import { useSignal } from '@preact/signals'
import type { PublicSpace, SpaceList } from '../../core/api/api.ts'
import { ConfirmDialog } from '../parts/confirm-dialog.tsx'
import { spellDuration } from '../parts/duration.ts'
import { formatMoment } from '../parts/time-zone.ts'
import { words } from './messages.en.ts'
import type { Operator } from './operator.ts'

type Act = 'host' | 'cohost' | 'speaker' | 'end' | 'withhold' | 'remove'

const GROUPS = ['live', 'upcoming', 'recent'] as const

export function SpaceLists({
  operator,
  spaces,
}: {
  readonly operator: Operator
  readonly spaces: SpaceList
}) {
  const asking = useSignal<{ readonly act: Act; readonly space: PublicSpace } | undefined>(undefined)
  const run = (act: Act, space: PublicSpace): Promise<void> => {
    if (act === 'end') return operator.end(space)
    if (act === 'withhold') return operator.withhold(space, true)
    return act === 'remove' ? operator.remove(space) : operator.renew(space, act)
  }
  const asked = asking.value
  return (
    <>
      {GROUPS.every((group) => spaces[group].length === 0) && <p class="hint empty">{words.list.empty}</p>}
      {GROUPS.map(
        (group) =>
          spaces[group].length > 0 && (
            <section key={group} class="group" aria-labelledby={`group-${group}`}>
              <h2 id={`group-${group}`}>{words.list[group]}</h2>
              <ul>
                {spaces[group].map((space) => (
                  <SpaceRow
                    key={space.id}
                    space={space}
                    listenUrl={operator.listenUrl(space)}
                    onEdit={() => void operator.edit(space)}
                    onShow={() => void operator.withhold(space, false)}
                    onAsk={(act) => {
                      asking.value = { act, space }
                    }}
                  />
                ))}
              </ul>
            </section>
          ),
      )}
      {asked !== undefined && (
        <ConfirmDialog
          id={`ask-${asked.act}`}
          title={words.confirm[asked.act].title}
          body={`“${asked.space.title}”. ${words.confirm[asked.act].body}`}
          confirm={words.confirm[asked.act].confirm}
          cancel={words.confirm.cancel}
          onConfirm={() => void run(asked.act, asked.space)}
          onClose={() => {
            asking.value = undefined
          }}
        />
      )}
    </>
  )
}

function SpaceRow(props: {
  readonly space: PublicSpace
  readonly listenUrl: string
  onEdit(): void
  onAsk(act: Act): void
  /** Shows its recording, without a question. */
  onShow(): void
}) {
  const { space } = props
  const text = words.list
  const isOver = space.phase === 'ended'
  return (
    <li class="card space" data-space={space.id} data-phase={space.phase}>
      <h3>
        <a href={props.listenUrl}>{space.title}</a>
      </h3>
      <p class="space-facts">
        <span class={space.phase === 'live' ? 'pill live' : 'pill'}>{text.phase[space.phase]}</span>
        <span class="hint">{whenOf(space)}</span>
        {space.phase === 'live' && <span class="hint">{text.listeners(space.listeners)}</span>}
        {space.recorded && <span class="hint">{space.replay && isOver ? text.replay : text.recorded}</span>}
        {space.withheld && <span class="pill warn">{text.withheld}</span>}
      </p>
      <p class="space-acts">
        <button type="button" data-act="edit" onClick={props.onEdit}>
          {text.edit}
        </button>
        {!isOver && (
          <>
            <button type="button" data-act="host" onClick={() => props.onAsk('host')}>
              {text.newHost}
            </button>
            <button type="button" data-act="cohost" onClick={() => props.onAsk('cohost')}>
              {text.newCohost}
            </button>
            <button type="button" data-act="speaker" onClick={() => props.onAsk('speaker')}>
              {text.newSpeaker}
            </button>
          </>
        )}
        {space.phase === 'live' && (
          <button type="button" data-act="end" class="danger-outline" onClick={() => props.onAsk('end')}>
            {text.end}
          </button>
        )}
        {isOver && space.recorded && (
          // One button whatever it does, so that it keeps the focus.
          <button
            type="button"
            data-act={space.withheld === true ? 'show' : 'withhold'}
            onClick={() => (space.withheld === true ? props.onShow() : props.onAsk('withhold'))}
          >
            {space.withheld === true ? text.show : text.withhold}
          </button>
        )}
        {(isOver || space.phase === 'scheduled') && (
          <button type="button" data-act="remove" class="quiet" onClick={() => props.onAsk('remove')}>
            {text.remove}
          </button>
        )}
      </p>
    </li>
  )
}

function whenOf(space: PublicSpace): string {
  const text = words.list
  const nowMs = Date.now()
  if (space.phase === 'ended') {
    if (space.startedAtMs === undefined || space.endedAtMs === undefined) return text.neverOn
    return text.wasOn(
      formatMoment(space.startedAtMs, nowMs),
      spellDuration(space.endedAtMs - space.startedAtMs),
    )
  }
  if (space.phase === 'live' && space.startedAtMs !== undefined) {
    return text.since(formatMoment(space.startedAtMs, nowMs))
  }
  return space.scheduledAtMs === undefined
    ? text.unplanned
    : text.planned(formatMoment(space.scheduledAtMs, nowMs))
}
