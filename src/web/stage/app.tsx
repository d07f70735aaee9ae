// Which screen is shown for which state.

import { useEffect, useRef } from 'preact/hooks'
import { spellDuration } from '../parts/duration.ts'
import { GreenRoom } from './green-room.tsx'
import { Header } from './header.tsx'
import { words } from './messages.en.ts'
import { Failure } from './microphone/microphone-setup.tsx'
import { PlainScreen } from './plain-screen.tsx'
import { EndingNotice } from './room/ending-notice.tsx'
import { roomWords } from './room/messages.en.ts'
import { StageScreen } from './stage-screen.tsx'
import type { Screen, Studio } from './studio.ts'

export function App({ studio }: { readonly studio: Studio }) {
  const main = useRef<HTMLElement>(null)
  const isFirst = useRef(true)
  const { kind } = studio.screen.value
  // The button that led here is gone, and the focus with it: it goes where the new screen begins.
  useEffect(() => {
    if (kind === 'loading') return
    if (!isFirst.current) main.current?.focus()
    isFirst.current = false
  }, [kind])
  return (
    <>
      <Header studio={studio} />
      <main ref={main} tabIndex={-1}>
        <EndingNotice studio={studio} />
        <ScreenOf studio={studio} screen={studio.screen.value} />
      </main>
    </>
  )
}

function ScreenOf({ studio, screen }: { readonly studio: Studio; readonly screen: Screen }) {
  switch (screen.kind) {
    case 'loading':
      return <p class="hint">{words.loading}</p>
    case 'unreachable':
      return (
        <PlainScreen {...words.unreachable}>
          <button type="button" onClick={() => void studio.begin()}>
            {words.unreachable.again}
          </button>
        </PlainScreen>
      )
    case 'not-found':
      return <PlainScreen {...words.notFound} />
    case 'needs-link':
      return (
        <PlainScreen {...words.needsLink[screen.why]}>
          <a href={studio.listenUrl}>{words.needsLink.listen}</a>
        </PlainScreen>
      )
    case 'green-room':
      // The key makes a fresh form when another link or another person comes.
      return <GreenRoom key={screen.seat?.id ?? screen.link?.secret} studio={studio} screen={screen} />
    case 'returning':
      return <Returning studio={studio} screen={screen} />
    case 'on-stage':
      return <StageScreen studio={studio} session={screen.session} />
    case 'replaced':
      return (
        <PlainScreen {...words.replaced[screen.by]}>
          {screen.by === 'tab' && (
            <button type="button" id="back" class="primary" onClick={() => void studio.comeBack(screen.seat)}>
              {words.replaced.back}
            </button>
          )}
        </PlainScreen>
      )
    case 'left':
    case 'removed':
      return (
        <PlainScreen {...words[screen.kind]}>
          <a class="button primary" href={studio.listenUrl}>
            {words[screen.kind].listen}
          </a>
        </PlainScreen>
      )
    case 'ended':
      return <Ended studio={studio} />
  }
}

function Returning(props: {
  readonly studio: Studio
  readonly screen: Extract<Screen, { kind: 'returning' }>
}) {
  const { studio, screen } = props
  const comeBack = () => void studio.comeBack(screen.seat)
  const text = screen.isRestored === true ? roomWords.restored : words.returning
  const microphone = studio.microphone.state.value
  return (
    <PlainScreen title={text.title} body={text.body(screen.seat.name)}>
      {microphone.kind === 'failed' ? (
        <Failure why={microphone.why} onRetry={comeBack} />
      ) : (
        <button type="button" id="return" class="primary big" onClick={comeBack}>
          {text.button}
        </button>
      )}
    </PlainScreen>
  )
}

function Ended({ studio }: { readonly studio: Studio }) {
  const space = studio.space.value
  const lasted =
    space?.startedAtMs === undefined || space.endedAtMs === undefined
      ? ''
      : ` ${words.ended.lasted(spellDuration(space.endedAtMs - space.startedAtMs))}`
  return (
    <PlainScreen title={words.ended.title} body={words.ended.body + lasted}>
      {space?.recorded === true && space.withheld === undefined ? (
        <a class="button primary" id="replay" href={studio.listenUrl}>
          {words.ended.replay}
        </a>
      ) : (
        <p>{space?.withheld === true ? words.ended.withheld : words.ended.noReplay}</p>
      )}
    </PlainScreen>
  )
}
