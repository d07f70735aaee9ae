// What is told of a space at the head of the page, and on the table once one sits at it.

import type { PublicSpace } from '../../core/api/api.ts'
import { formatDuration, spellDuration } from '../parts/duration.ts'
import { words } from './messages.en.ts'
import { useNow } from './use-now.ts'

/** Since or until when, before how many, and whether it is recorded. `offsetMs`: the server's clock minus ours. */
export function SpaceFacts({ space, offsetMs }: { readonly space: PublicSpace; readonly offsetMs: number }) {
  if (space.phase === 'ended') return null
  return (
    <p class="facts">
      {space.phase === 'live' ? (
        <Since space={space} offsetMs={offsetMs} />
      ) : (
        <Planned space={space} offsetMs={offsetMs} />
      )}
      {space.phase !== 'scheduled' && (
        <span class="pill" id="listeners">
          {space.phase === 'live' ? words.listeners(space.listeners) : words.waiting(space.listeners)}
        </span>
      )}
      {space.recorded && (
        <span class="pill">
          <span class="record-dot" aria-hidden="true" />
          {words.recordedPill}
        </span>
      )}
    </p>
  )
}

function Since({ space, offsetMs }: { readonly space: PublicSpace; readonly offsetMs: number }) {
  const now = useNow()
  if (space.startedAtMs === undefined) return null
  const elapsed = formatDuration(now + offsetMs - space.startedAtMs)
  return (
    <span class="pill live" role="timer" aria-label={`${words.clockLabel} ${elapsed}`} id="clock">
      {elapsed}
    </span>
  )
}

function Planned({ space, offsetMs }: { readonly space: PublicSpace; readonly offsetMs: number }) {
  const now = useNow()
  if (space.scheduledAtMs === undefined) return null
  const leftMs = space.scheduledAtMs - (now + offsetMs)
  const isNear = Math.abs(leftMs) < 3_600_000
  const duration = isNear ? formatDuration(Math.abs(leftMs)) : spellDuration(Math.abs(leftMs))
  return (
    <span class={leftMs < 0 ? 'pill warn' : 'pill'}>
      {leftMs < 0 ? words.startOverdue(duration) : words.startsIn(duration)}
    </span>
  )
}
