// One visit: the page's data, the one <audio> element, and whichever way of playing is at work on it. It knows
// nothing of how things look.

import type { ListenPageData, PublicSpace } from '../../core/api/api.ts'
import { parseRetryAfter } from '../../core/door/waiting-answers.ts'
import type { PartEvent } from '../../core/part/events.ts'
import type { ReactionCounts } from '../../core/reaction/reactions.ts'
import type { Playback, PlaybackListener, PlaybackStatus } from '../player/playback.ts'
import { PlaylistPlayer } from '../player/playlist-player.ts'
import { applyEvent, type ProgramView } from '../player/program-view.ts'
import { PushPlayer } from '../player/push-player.ts'
import type { ServerClock } from '../player/server-clock.ts'
import {
  type Capabilities,
  choosePlayback,
  chooseReplay,
  mediaSourceOf,
  type PlaybackKind,
} from '../player/support.ts'
import { type PageState, pageState } from './page-state.ts'
import type { PlaceMemory } from './place-memory.ts'
import { askForReplay, isProblem } from './replay-standing.ts'
import { viewOfSpace } from './space-view.ts'

const IDLE: Omit<PlaybackStatus, 'state'> = { behindMs: 0, reconnects: 0, stalls: 0 }
/** Numbers that drift are shown this often; what changes at once is shown at once. */
const SHOW_EVERY_MS = 200
/** A page that has no stream asks this often how things stand; spread, so that pages don't ask in step. */
const REFRESH_MS = 20_000
const REFRESH_WITHIN_MS = 8_000

export interface ListeningOptions {
  readonly data: ListenPageData
  readonly audio: HTMLAudioElement
  readonly can: Capabilities
  readonly serverClock: ServerClock
  /** The listener would rather have less sound quality than more bytes. */
  readonly savesData: boolean
  readonly memory: PlaceMemory
  /** Where the replay begins, in seconds: a link to a moment said so. */
  readonly momentSeconds?: number | undefined
  readonly changed: () => void
  /** What everybody pressed, in what is heard now. */
  readonly reacted: (counts: ReactionCounts) => void
}

/** Lives as long as the page. */
export class Listening {
  readonly #options: ListeningOptions
  #program: ProgramView
  #status: PlaybackStatus | undefined
  #playback: Playback | undefined
  #kind: PlaybackKind | undefined
  #mode: 'live' | 'replay'
  #pushFailed = false
  #knowsStage = false
  #shownAtMs = 0
  #savesData: boolean
  #isRemoved = false
  #space: PublicSpace

  constructor(options: ListeningOptions) {
    this.#options = options
    this.#savesData = options.savesData
    const { space } = options.data
    this.#space = space
    // Muted or speaking is not known yet, so they are shown plain.
    const seats = options.data.seats.map((seat) => ({ ...seat, muted: false, speaking: false }))
    this.#program = { ...viewOfSpace(space), seats, slate: false }
    this.#mode = space.phase === 'ended' && this.#replay ? 'replay' : 'live'
    this.#refreshLater()
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) void this.#seeReplay()
    })
  }

  get program(): ProgramView {
    return this.#program
  }
  /** As the server last told it to who asks. */
  get space(): PublicSpace {
    return this.#space
  }
  get mode(): 'live' | 'replay' {
    return this.#mode
  }
  get status(): Omit<PlaybackStatus, 'state'> & Partial<PlaybackStatus> {
    return this.#status ?? IDLE
  }
  /** True where the way of playing tells who is speaking. */
  get hasEvents(): boolean {
    return this.#kind?.kind !== 'native-hls'
  }

  /** What plays now, or did last; `none` before the first press. */
  get playing(): 'push' | 'push-low' | 'native-hls' | 'hls-js' | 'none' {
    const kind = this.#kind?.kind ?? 'none'
    return kind === 'push' && this.#status?.isLow === true ? 'push-low' : kind
  }

  /** The moment that the link led to, within what there is; undefined without one. */
  get momentSeconds(): number | undefined {
    const { momentSeconds, data } = this.#options
    const { startedAtMs, endedAtMs } = data.space
    if (this.#space.withheld === true) return undefined
    if (momentSeconds === undefined || startedAtMs === undefined || endedAtMs === undefined)
      return momentSeconds
    return momentSeconds * 1_000 < endedAtMs - startedAtMs ? momentSeconds : undefined
  }

  /** True once a snapshot told who is on stage. */
  get knowsStage(): boolean {
    return this.#knowsStage
  }

  /** True where the waiting room can have a sound of its own. */
  get canHoldSound(): boolean {
    return this.#playback?.holdSound !== undefined
  }
  get holdsSound(): boolean {
    return this.#options.memory.wantsSound
  }

  get state(): PageState {
    const { startedAtMs } = this.#program
    return pageState({
      phase: this.#program.phase,
      slate: this.#program.slate,
      held: this.#program.held === true,
      // After ten seconds without anybody the end is announced: then they are gone.
      hasSpeakers: this.#program.seats.length > 0 && this.#program.endsAtMs === undefined,
      recorded: this.#hasReplay(),
      withheld: this.#program.phase === 'ended' && this.#program.recorded && !this.#hasReplay(),
      removed: this.#isRemoved,
      canPlay: this.#choice().kind !== 'none',
      mode: this.#mode,
      ...(this.#status === undefined ? {} : { playback: this.#status.state }),
      behindMs: this.#status?.behindMs ?? 0,
      ...(startedAtMs === undefined ? {} : { sinceStartMs: this.heardNowMs() - startedAtMs }),
    })
  }

  /** True where there will be, or is, something to hear again. */
  #hasReplay(): boolean {
    const { phase, recorded } = this.#program
    if (this.#space.withheld === true) return false
    return phase === 'ended' && this.#status === undefined ? this.#replay : recorded
  }

  /**
   * What is heard now, in seconds after the program's start; undefined where there is nothing to come back to, because
   * nothing plays, or nothing is recorded.
   */
  momentNow(): number | undefined {
    if (this.#status === undefined) return undefined
    if (this.#mode === 'replay') return this.#options.audio.currentTime
    const { phase, startedAtMs } = this.#program
    if (phase !== 'live' || !this.#hasReplay() || startedAtMs === undefined) return undefined
    return (this.heardNowMs() - startedAtMs) / 1_000
  }

  /** Wall clock of what is heard now. */
  heardNowMs(): number {
    return this.#options.serverClock.now() - (this.#status?.latencyMs ?? 0)
  }

  /** What the big button does. */
  press(): void {
    const state = this.state
    if (state === 'failed') this.#discard()
    if (state === 'ended-replay' && this.#mode === 'live') this.#discard('replay')
    if (state === 'replay-over') this.#options.audio.currentTime = 0
    this.play()
    if (this.#mode === 'replay') void this.#seeReplay()
  }

  play(): void {
    this.#playback ??= this.#begin()
    this.#playback?.play()
  }
  pause(): void {
    this.#playback?.pause()
  }
  backToLive(): void {
    this.#playback?.backToLive()
  }
  /** While waiting in line: a soft sound, or none; remembered. Call it from a tap. */
  holdSound(on: boolean): void {
    this.#options.memory.wantsSound = on
    this.#playback?.holdSound?.(on)
  }
  /** Lets go of the stream. In line, the place stays good for a while: who presses play again has it again. */
  stop(): void {
    this.#discard()
    this.#options.audio.pause()
    this.#options.audio.removeAttribute('src')
    this.#options.audio.load()
    this.#options.changed()
  }

  /** False where the browser follows a playlist: there is nothing to choose. */
  get canSaveData(): boolean {
    return choosePlayback(this.#options.can).kind === 'push'
  }
  get savesData(): boolean {
    return this.#savesData
  }
  /** From now on, also in what plays. */
  saveData(savesData: boolean): void {
    this.#savesData = savesData
    if (this.#playback instanceof PushPlayer) this.#playback.saveData(savesData)
  }

  #choice(): PlaybackKind {
    const { can } = this.#options
    return this.#mode === 'replay' || this.#pushFailed ? chooseReplay(can) : choosePlayback(can)
  }

  #begin(): Playback | undefined {
    const { audio, data, memory } = this.#options
    const choice = this.#choice()
    const live = this.#mode === 'live'
    const listener = this.#listener()
    const tickets = {
      ticket: memory.ticket,
      keepTicket: (ticket: string) => {
        memory.ticket = ticket
      },
    }
    this.#kind = choice
    if (choice.kind === 'none') return undefined
    // Nobody will tell of who comes and goes, so those of the page's first moment are not kept on show.
    if (!this.hasEvents) this.#program = { ...this.#program, seats: [] }
    if (choice.kind !== 'push') {
      const url = live ? `/live/${data.space.id}/index.m3u8` : this.#replayUrl
      return new PlaylistPlayer({
        audio,
        url,
        live,
        native: choice.kind === 'native-hls',
        ...(live ? {} : { startSeconds: this.momentSeconds ?? 0 }),
        listener,
        ...tickets,
      })
    }
    return new PushPlayer({
      audio,
      folder: `/live/${data.space.id}/`,
      savesData: this.#savesData,
      source: mediaSourceOf(choice.managed),
      mimeType: choice.mimeType,
      serverClock: this.#options.serverClock,
      listener,
      ...tickets,
      holdSound: memory.wantsSound,
    })
  }

  /** What the way of playing tells; a replaced one is no longer heard. */
  #listener(): PlaybackListener {
    const isCurrent = () => listener === this.#current
    const listener: PlaybackListener = {
      changed: (status) => {
        if (isCurrent()) this.#onStatus(status)
      },
      events: (events) => {
        if (isCurrent()) this.#onEvents(events)
      },
    }
    this.#current = listener
    return listener
  }
  #current: PlaybackListener | undefined

  #onStatus(status: PlaybackStatus): void {
    if (status.state === 'failed' && this.#kind?.kind === 'push' && !this.#pushFailed) {
      this.#pushFailed = true
      this.#discard()
      this.play()
      return
    }
    const isNews = status.state !== this.#status?.state
    this.#status = status
    if (status.state === 'over' && this.#mode === 'live') {
      this.#program = { ...this.#program, phase: 'ended', seats: [], slate: false }
    }
    if (isNews && this.#mode === 'replay' && (status.state === 'lost' || status.state === 'failed')) {
      void this.#seeReplay()
    }
    const nowMs = performance.now()
    if (!isNews && nowMs - this.#shownAtMs < SHOW_EVERY_MS) return
    this.#shownAtMs = nowMs
    this.#options.changed()
  }

  #onEvents(events: readonly PartEvent[]): void {
    for (const event of events) {
      this.#program = applyEvent(this.#program, event)
      if (event.kind === 'reactions') this.#options.reacted(event.counts)
    }
    this.#knowsStage ||= events.some(({ kind }) => kind === 'snapshot' || kind === 'seats')
    this.#options.changed()
  }

  #discard(mode = this.#mode): void {
    this.#current = undefined
    this.#playback?.stop()
    this.#playback = undefined
    this.#status = undefined
    this.#mode = mode
  }

  /** A stream tells how things stand, unless it doesn't come. */
  #isTold(): boolean {
    const state = this.#status?.state
    const comes = state !== 'not-yet' && state !== 'lost' && state !== 'busy'
    return this.#playback !== undefined && this.hasEvents && comes
  }

  /** The space was deleted: nothing will come, and nothing is to be tried. */
  #remove(): void {
    this.#isRemoved = true
    this.#program = { ...this.#program, seats: [] }
    this.stop()
  }

  /** Nothing more of the recording is heard, and nothing is to be tried. */
  #withhold(): void {
    this.#space = { ...this.#space, replay: false, withheld: true }
    this.#program = { ...this.#program, phase: 'ended', seats: [], slate: false }
    this.#mode = 'live'
    this.stop()
  }

  #showAgain(): void {
    const { withheld: _, ...shown } = this.#space
    this.#space = { ...shown, replay: true }
    if (this.#playback === undefined) this.#mode = 'replay'
    this.#options.changed()
  }

  /**
   * Once the program is over nothing tells that its recording was withheld, shown again, or deleted. A page asks when it
   * is pressed, while it plays, when the replay does not come, and when it is looked at again.
   */
  async #seeReplay(): Promise<void> {
    const { phase, recorded, startedAtMs } = this.#program
    const isOver = this.#mode === 'replay' || phase === 'ended'
    if (this.#isRemoved || !isOver || !recorded || startedAtMs === undefined) return
    const standing = await askForReplay(this.#replayUrl)
    if (standing === 'withheld') this.#withhold()
    else if (standing === 'removed') this.#remove()
    else if (standing === 'there' && this.#space.withheld === true) this.#showAgain()
  }

  /** As the server said last: there is something to hear again. */
  get #replay(): boolean {
    return this.#space.replay && this.#space.startedAtMs !== undefined
  }
  get #replayUrl(): string {
    return `/replay/${this.#options.data.space.id}/index.m3u8`
  }

  /** Where no stream tells how things stand, asks now and then; a hidden page does not. */
  #refreshLater(atLeastMs = 0): void {
    const waitMs = Math.max(REFRESH_MS, atLeastMs) * (0.75 + 0.5 * Math.random())
    setTimeout(() => void this.#refresh(), Math.max(waitMs, atLeastMs))
  }

  async #refresh(): Promise<void> {
    // What plays may have been fetched minutes ahead.
    if (this.#mode === 'replay' && this.#status?.state === 'playing') await this.#seeReplay()
    this.#refreshLater(await this.#ask())
  }

  /** Asks, where that is of use; answers what a busy server wants us to wait at least, in ms. */
  async #ask(): Promise<number> {
    if (this.#isTold() || document.hidden || this.#isRemoved || this.#program.phase === 'ended') return 0
    try {
      const response = await fetch(`/api/v1/spaces/${this.#options.data.space.id}`, {
        signal: AbortSignal.timeout(REFRESH_WITHIN_MS),
      })
      if (isProblem(response, 404)) this.#remove()
      if (!response.ok) return parseRetryAfter(response.headers.get('retry-after')) ?? 0
      const space = (await response.json()) as PublicSpace
      const { held: _, endsAtMs: __, scheduledAtMs: ___, ...known } = this.#program
      this.#space = space
      this.#program = {
        ...known,
        ...viewOfSpace(space),
        ...(space.phase === 'ended' ? { seats: [] } : {}),
      }
      if (space.phase === 'ended' && this.#playback === undefined && this.#replay) this.#mode = 'replay'
      this.#options.changed()
    } catch {
      // Without an answer the page keeps what it knows; the next round asks again.
    }
    return 0
  }
}
