// The stage was empty, and the space is going to end by itself: whoever comes here should know, and know what to do.

import { formatDuration } from '../../parts/duration.ts'
import { WarningIcon } from '../../parts/icons.tsx'
import type { Studio } from '../studio.ts'
import { useNow } from '../use-now.ts'
import { roomWords } from './messages.en.ts'

export function EndingNotice({ studio }: { readonly studio: Studio }) {
  const now = useNow()
  const screen = studio.screen.value
  const session = screen.kind === 'on-stage' ? screen.session : undefined
  const space = session?.view.value?.space ?? studio.space.value
  if (space?.phase !== 'live' || space.endsAtMs === undefined || screen.kind === 'ended') return null
  const leftMs = space.endsAtMs - (now + (session?.clockOffsetMs.value ?? 0))
  return (
    <p class="strip" id="ending">
      <WarningIcon />
      <span>{roomWords.ending(formatDuration(leftMs))}</span>
    </p>
  )
}
