// The head of the page: which space this is, since when, and before how many.

import { useEffect, useState } from 'preact/hooks'
import type { PublicSpace } from '../../core/api/api.ts'
import { formatDuration, spellDuration } from '../parts/duration.ts'
import { words } from './messages.en.ts'
import type { Studio } from './studio.ts'

export function Header({ studio }: { readonly studio: Studio }) {
  const screen = studio.screen.value
  const session = screen.kind === 'on-stage' ? screen.session : undefined
  const space = session?.view.value?.space ?? studio.space.value
  const offsetMs = session?.clockOffsetMs.value ?? 0
  return (
    <section class="head" aria-labelledby="title">
      <h1 id="title">{space?.title ?? words.house}</h1>
      {space !== undefined && space.phase !== 'ended' && (
        <p class="facts">
          {space.phase === 'live' && (
            <>
              <Since space={space} offsetMs={offsetMs} />
              <span class="pill" id="listeners">
                {words.listeners(space.listeners)}
              </span>
            </>
          )}
          {space.phase === 'lobby' && (
            <span class="pill" id="listeners">
              {words.waiting(space.listeners)}
            </span>
          )}
          {space.phase !== 'live' && <Planned space={space} offsetMs={offsetMs} />}
          {space.recorded && (
            <span class="pill">
              <span class="record-dot" aria-hidden="true" />
              {words.recordedPill}
            </span>
          )}
        </p>
      )}
    </section>
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

/** Our wall clock, each second. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000)
    return () => clearInterval(timer)
  }, [])
  return now
}
