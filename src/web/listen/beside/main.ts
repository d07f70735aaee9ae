// What goes beside the sound, loaded at the first press (`main.ts`): the lock screen's controls, reactions, keys, a link
// to this moment, and reports of problems. Without it one listens all the same.

import type { ListenPageData } from '../../../core/api/api.ts'
import type { ReactionCounts } from '../../../core/reaction/reactions.ts'
import { keepFocus } from '../../parts/focus-keeper.ts'
import { jump } from '../controls.ts'
import type { Listening } from '../listening.ts'
import { momentLink, momentToShare } from '../moment.ts'
import type { ListeningOutcome } from '../outcome.ts'
import { setText } from '../people.ts'
import { shareLink } from '../share.ts'
import { byId } from '../view.ts'
import { drawArtwork } from './artwork.ts'
import { wireKeys } from './keys.ts'
import { type MediaSessionActions, SystemControls } from './media-session.ts'
import { besideMessages as words } from './messages.en.ts'
import { ProblemReporter } from './problem.ts'
import { ReactionBar } from './reactions.ts'

/** How long a button says that a link was copied. */
const COPIED_MS = 2_500

export interface BesideOptions {
  readonly data: ListenPageData
  readonly audio: HTMLAudioElement
  readonly listening: Listening
  readonly outcome: ListeningOutcome
  /** The ticket that this listener came in with. */
  readonly ticket: () => string | undefined
  readonly act: Omit<MediaSessionActions, 'jump'>
}

/** What the page needs of it. */
export interface Beside {
  /** Something has changed. Called often. */
  show(): void
  /** What everybody pressed, in what is heard now. */
  reacted(counts: ReactionCounts): void
  report(): void
  shareMoment(): void
}

export function mountBeside(options: BesideOptions): Beside {
  const { data, audio, listening, outcome, ticket, act } = options
  const { id, title } = data.space
  const leap = (seconds: number) => jump(audio, seconds)
  const system = new SystemControls({ title, audio, listening, act: { ...act, jump: leap } })
  const bar = new ReactionBar({
    url: `/live/${id}/reactions`,
    buttons: byId('reactions'),
    sky: byId('sky'),
    words,
    ticket,
  })
  const reporter = new ProblemReporter({
    space: id,
    audio,
    listening,
    outcome,
    place: byId('problem-told'),
    words: words.problem,
  })
  // Before the first press nothing goes from under it.
  keepFocus()
  wireKeys(audio, words.volumeAt, { isReplay: () => listening.mode === 'replay', jump: leap })
  void drawArtwork(document.querySelector('.house svg')).then((address) => {
    if (address !== undefined) system.setArtwork(address)
  })
  const show = () => {
    system.show()
    bar.open(listening.mode === 'live' && listening.program.phase === 'live')
  }
  show()
  return {
    show,
    reacted: (counts) => bar.show(counts),
    report: () => void reporter.report(),
    shareMoment: () => void shareMoment(options),
  }
}

/** A link to what is heard now: where there is, or will be, something to come back to. */
async function shareMoment({ data, listening }: BesideOptions): Promise<void> {
  const label = byId('share-moment').lastElementChild
  const before = label?.textContent ?? ''
  const seconds = listening.momentNow()
  if (seconds === undefined || before === words.momentCopied) return
  const url = momentLink(location.origin + location.pathname, momentToShare(seconds))
  if ((await shareLink(data.space.title, url, words.copyThis)) !== 'copied') return
  setText(label, words.momentCopied)
  setTimeout(() => setText(label, before), COPIED_MS)
}
