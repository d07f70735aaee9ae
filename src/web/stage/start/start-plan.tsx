// When this begins, and who begins it: told to everybody on stage, changed by the host. After the start, whether it
// was on time.

import { useEffect } from 'preact/hooks'
import type { PublicSpace } from '../../../core/api/api.ts'
import { CheckBox } from '../../parts/check-box.tsx'
import { formatDuration } from '../../parts/duration.ts'
import { language } from '../../parts/language.ts'
import { nameZone } from '../../parts/time-zone.ts'
import { words } from '../messages.en.ts'
import type { StageSession } from '../stage-session.ts'
import { useNow } from '../use-now.ts'
import { COUNTDOWN_MS, playCountdown } from './countdown.ts'

/** The server refuses a change nearer to the second than this (`PLAN_FIRM_MS`), and a little for the way. */
const CHANGEABLE_MS = 6_000
/** Whether it was on time is news for so long. */
const NEWS_MS = 3 * 60_000

export function StartPlan({ session }: { readonly session: StageSession }) {
  const now = useNow() + session.clockOffsetMs.value
  const space = session.view.value?.space
  if (space?.scheduledAtMs === undefined) return null
  if (space.phase === 'live') return <Lateness space={space} now={now} />
  const leftMs = space.scheduledAtMs - now
  if (space.phase === 'ended' || leftMs < 0) return null
  const runsRoom = session.runsRoom.value
  const isAutomatic = space.start === 'automatic'
  const time = clockOf(space.scheduledAtMs)
  return (
    <section class="plan" id="plan" data-start={space.start}>
      {isAutomatic && leftMs <= COUNTDOWN_MS + 1_000 && (
        <Countdown startsAtMs={space.scheduledAtMs} session={session} />
      )}
      <p>
        <strong>{isAutomatic ? words.plan.byItself(time) : words.plan.byHost(time)}</strong>{' '}
        <span role="timer">{words.plan.in(formatDuration(leftMs))}</span>
        <span class="hint">{nameZone(space.scheduledAtMs)}</span>
      </p>
      {runsRoom && (
        <CheckBox
          id="plan-automatic"
          checked={isAutomatic}
          disabled={leftMs < CHANGEABLE_MS}
          onChange={(automatic) => void session.planStart(automatic ? 'automatic' : 'manual')}
        >
          {words.plan.choice}
        </CheckBox>
      )}
    </section>
  )
}

/** Sounds while it is shown. The plan is firm by then. */
function Countdown(props: { readonly startsAtMs: number; readonly session: StageSession }) {
  useEffect(() => playCountdown(props.startsAtMs - Date.now() - props.session.clockOffsetMs.value), [])
  return null
}

function Lateness({ space, now }: { readonly space: PublicSpace; readonly now: number }) {
  const { startLatenessMs, startedAtMs } = space
  if (startLatenessMs === undefined || now - (startedAtMs ?? 0) > NEWS_MS) return null
  return (
    <p class="hint" id="lateness">
      {words.plan.lateness(startLatenessMs)}
    </p>
  )
}

/** `18:00:00`, in the time of this device. */
function clockOf(atMs: number): string {
  return new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).format(atMs)
}
