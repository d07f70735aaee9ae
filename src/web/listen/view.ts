// Puts what is known into the page. Called often; touches only what changed.

import { region } from '../parts/language.ts'
import { nameZone } from '../parts/time-zone.ts'
import { Announcer } from './announcer.ts'
import { AudienceNumbers } from './audience-numbers.ts'
import { clockText, countdownText, shortText } from './durations.ts'
import type { Listening } from './listening.ts'
import type { messages } from './messages.en.ts'
import { BEHIND_SHOWN_MS, buttonOf, type PageState } from './page-state.ts'
import { People, setText, withExpected } from './people.ts'

type Words = typeof messages

/** An element that the page's own template has. */
export function byId<E extends Element = HTMLElement>(id: string): E {
  const element = document.getElementById(id)
  if (element === null) throw new Error(`The template has no #${id}.`)
  return element as Element as E
}

const ICONS = {
  listen: '#i-play',
  replay: '#i-play',
  pause: '#i-pause',
  again: '#i-again',
  none: '#i-play',
} as const
export interface ViewOptions {
  readonly listening: Listening
  readonly words: Words
}

/** The page's face. */
export class View {
  readonly #options: ViewOptions
  readonly #people: People
  readonly #audience: AudienceNumbers
  readonly #announcer = new Announcer({
    say: (sentence) => setText(byId('spoken'), sentence),
    now: () => performance.now(),
    later: (work, ms) => {
      const timer = setTimeout(work, ms)
      return () => clearTimeout(timer)
    },
  })

  constructor(options: ViewOptions) {
    this.#options = options
    const { words } = options
    this.#people = new People(byId('people'), words)
    this.#audience = new AudienceNumbers(byId('audience'), words)
    setText(byId('share').lastElementChild, words.share)
    setText(byId('problem').lastElementChild, words.problem)
    setText(byId('share-moment').lastElementChild, words.shareMoment)
    setText(byId('back-to-live').lastElementChild, words.backToLive)
    byId('volume').setAttribute('aria-label', words.volume)
    byId('seek').setAttribute('aria-label', words.position)
    setText(byId('speed').previousElementSibling, words.speed)
    setText(byId('hold-sound').nextElementSibling, words.line.sound)
    setText(byId('leave-line'), words.line.leave)
  }

  show(): void {
    const { listening } = this.#options
    const state = listening.state
    const root = document.documentElement
    if (root.dataset.state !== state) root.dataset.state = state
    this.#showFacts(state)
    this.#showStage(state)
    this.#showPlayer(state)
    this.#showForTests()
  }

  #showFacts(state: PageState): void {
    const { listening, words } = this.#options
    const { program, space } = listening
    setText(byId('title'), space.title)
    const phase = listening.mode === 'replay' ? 'replay' : program.phase
    const pill = byId('pill')
    setText(pill, words.pill[phase])
    pill.className = `pill ${phase}`
    const onAir = phase === 'live' && program.startedAtMs !== undefined
    setText(
      byId('clock'),
      onAir ? words.onAirFor(clockText(listening.heardNowMs() - program.startedAtMs!)) : '',
    )
    const counted = phase === 'live' || phase === 'lobby'
    byId('listeners').hidden = !counted
    setText(byId('listeners').lastElementChild, words.listening(program.listeners))
    this.#audience.show(program, counted || listening.mode === 'replay')
    this.#showWhen(state)
    this.#showLine(state)
    const { recorded } = program
    const over = phase === 'ended' || phase === 'replay'
    setText(
      byId('recorded'),
      over ? (recorded ? words.recordedAfter : '') : this.#recordedWords(phase === 'live'),
    )
  }

  #recordedWords(isLive: boolean): string {
    const { words, listening } = this.#options
    if (isLive) return listening.program.recorded ? words.recordedNow : words.notRecordedNow
    return listening.program.recorded ? words.recordedBefore : words.notRecordedBefore
  }

  get #isAhead(): boolean {
    const { mode, program } = this.#options.listening
    return mode === 'live' && (program.phase === 'scheduled' || program.phase === 'lobby')
  }

  #showWhen(state: PageState): void {
    const { listening, words } = this.#options
    const { scheduledAtMs } = listening.program
    const isAhead = this.#isAhead
    const when = byId('when')
    // Who was expected is news until they are here.
    byId('announced').hidden = !isAhead
    when.hidden = !isAhead || scheduledAtMs === undefined || state === 'ended'
    if (when.hidden || scheduledAtMs === undefined) return
    // By what is heard: the countdown ends when the sound changes, not a second before.
    const leftMs = scheduledAtMs - listening.heardNowMs()
    const overdue = listening.space.start === 'automatic' ? words.startsNow : words.hostStarts
    setText(byId('countdown'), leftMs > 0 ? words.startsIn(countdownText(leftMs)) : overdue)
    byId('countdown').classList.toggle('due', leftMs <= 0)
    setText(byId('starts'), words.startsAt(localTime(scheduledAtMs)))
    setText(byId('zone'), words.yourTime(nameZone(scheduledAtMs)))
  }

  /** The waiting room's own row, and its words in place of the usual ones. */
  #showLine(state: PageState): void {
    const { listening, words } = this.#options
    byId('line-row').hidden = state !== 'waiting'
    if (state !== 'waiting') return
    byId<HTMLInputElement>('hold-sound').checked = listening.holdsSound
    byId('hold-sound').parentElement!.hidden = !listening.canHoldSound
    const { outlook, needsTap } = listening.status
    const ahead = outlook?.ahead
    setText(byId('headline'), ahead === undefined ? words.headline.waiting : words.line.ahead(ahead))
    const wait = words.line.wait(outlook?.wait ?? { kind: 'unknown' })
    setText(byId('detail'), needsTap === true ? words.line.tap : wait)
  }

  #showStage(state: PageState): void {
    const { listening, words } = this.#options
    const { seats } = listening.program
    const guests = this.#isAhead ? withExpected(seats, listening.space.people ?? []) : seats
    this.#people.show(guests)
    const over =
      state.startsWith('ended') || state === 'replay-over' || state === 'withheld' || state === 'removed'
    byId('people').parentElement!.classList.toggle('over', over)
    setText(byId('stage-note'), guests.length > 0 || over ? '' : this.#emptyStageWords(state))
    const speaking = seats.filter((seat) => seat.speaking).map(({ name }) => name)
    this.#announcer.show(seats.length === 0 || !listening.knowsStage ? '' : words.nowSpeaking(speaking))
  }

  #emptyStageWords(state: PageState): string {
    const { listening, words } = this.#options
    if (!listening.hasEvents) return words.stageHidden
    if (listening.knowsStage) return words.stageEmpty
    return state === 'ready' ? words.stageUnknown : ''
  }

  #showPlayer(state: PageState): void {
    const { listening, words } = this.#options
    const action = buttonOf(state, listening.status.needsTap)
    const play = byId<HTMLButtonElement>('play')
    play.hidden = action === 'none'
    play.querySelector('use')!.setAttribute('href', ICONS[action])
    const actionWords = {
      listen: words.listen,
      pause: words.pause,
      replay: words.replay,
      again: words.tryAgain,
      none: '',
    }
    setText(play.lastElementChild, actionWords[action])
    if (state !== 'waiting') {
      setText(byId('headline'), this.#headlineWords(state))
      setText(byId('detail'), this.#detailWords(state))
    }
    const { behindMs, latencyMs } = listening.status
    const isBehind =
      listening.mode === 'live' && behindMs >= BEHIND_SHOWN_MS && (state === 'behind' || state === 'paused')
    byId('back-to-live').hidden = !isBehind
    if (isBehind)
      setText(
        byId('back-to-live').lastElementChild,
        `${words.backToLive} · ${words.behind(shortText(behindMs))}`,
      )
    byId('share-moment').hidden = listening.momentNow() === undefined
    byId('seek-row').hidden = listening.mode !== 'replay' || listening.status.state === undefined
    setText(byId('latency'), latencyMs === undefined ? '' : words.latency(latencyMs / 1000))
  }

  #headlineWords(state: PageState): string {
    const { listening, words } = this.#options
    const { momentSeconds } = listening
    if (state === 'ended-replay' && momentSeconds !== undefined) {
      return words.replayFrom(clockText(momentSeconds * 1_000))
    }
    return words.headline[state]
  }

  #detailWords(state: PageState): string {
    const { listening, words } = this.#options
    const { endsAtMs, startedAtMs, recorded } = listening.program
    const { momentSeconds } = listening
    if ((state === 'ended' || state === 'withheld') && startedAtMs === undefined) return words.neverBegan
    if (state === 'ready' && momentSeconds !== undefined && recorded) {
      return words.momentLater(clockText(momentSeconds * 1_000))
    }
    if (state === 'slate' && endsAtMs !== undefined)
      return words.endsUnless(countdownText(endsAtMs - listening.heardNowMs()))
    const detail = (words.detail as Readonly<Partial<Record<PageState, string>>>)[state]
    if (detail !== undefined || listening.status.isLow !== true) return detail ?? ''
    return listening.savesData ? words.savingData : words.sparingLine
  }

  /** What tests, and curious people, read from the element that plays. */
  #showForTests(): void {
    const { state, latencyMs, reconnects, stalls, behindMs, isLow } = this.#options.listening.status
    const { dataset } = byId<HTMLAudioElement>('sound')
    dataset.state = state ?? 'idle'
    dataset.latencyMs = latencyMs === undefined ? '' : String(latencyMs)
    dataset.reconnects = String(reconnects)
    dataset.stalls = String(stalls)
    dataset.behindMs = String(behindMs)
    dataset.track = isLow === true ? 'low.mp4' : ''
  }
}

function localTime(atMs: number): string {
  return new Intl.DateTimeFormat(region, {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    hour: 'numeric',
    minute: '2-digit',
  }).format(atMs)
}
