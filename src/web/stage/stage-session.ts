// The time from taking a seat in this tab to giving it up: the connection, the views, my microphone's switch and
// what the host does. Each can fail on its own; together they end once, for one reason.

import { computed, signal } from '@preact/signals'
import type { SeatId } from '../../base/ids.ts'
import { epoch, millis } from '../../base/units.ts'
import type { PublicSpace, Seat, StageView } from '../../core/api/api.ts'
import { runsRoom } from '../../core/seat/roles.ts'
import { type Answer, call, isStranger } from '../api/call.ts'
import { StageConnection } from './connection/connection.ts'
import type { ConnectionWords } from './connection/connection-machine.ts'
import { LastSeen } from './connection/last-seen.ts'
import { LineWatches, type LineWord } from './connection/line-watch.ts'
import { StageRelays } from './connection/relays.ts'
import { tellDifference } from './connection/view-difference.ts'
import { followViews, type ViewFeed } from './connection/view-feed.ts'
import { words } from './messages.en.ts'
import type { Microphone } from './microphone/microphone.ts'
import { playMicrophoneCue } from './microphone/microphone-cue.ts'
import { MicrophoneSwitch, type SwitchEvent } from './microphone/microphone-switch.ts'
import { AudienceCurve } from './room/audience-curve.ts'
import { RoomDesk } from './room/room-desk.ts'
import { rememberMuted, wasMuted } from './seat-memory.ts'
import { claimSeat } from './tab-claim.ts'

/** Why a session is over. The two in the middle: this person took the same seat elsewhere. */
export type SessionEnd = 'left' | 'removed' | 'taken-by-tab' | 'taken-by-device' | 'ended'

export interface StageSessionOptions {
  readonly seat: Seat
  readonly microphone: Microphone
  /** Where the others are heard; owned by the page, one for its whole life. */
  readonly sound: HTMLAudioElement
  onEnd(why: SessionEnd): void
}

/** Control is called lost in front of people only after this many failed tries in a row. */
const CONTROL_LOST_AFTER = 2
/** What is told by itself waits so long for the network; it is told again anyway. */
const SILENCE_MS_MAX = 8_000

export class StageSession {
  readonly seat: Seat
  readonly view = signal<StageView | undefined>(undefined)
  readonly connection = signal<ConnectionWords>('connecting')
  /** Why the server does not connect us now, in its words; undefined once connected. */
  readonly refusal = signal<string | undefined>(undefined)
  readonly isOpen = signal(false)
  readonly soundBlocked = signal(false)
  readonly controlLost = signal(false)
  /** Said once, politely, to those who do not see the cards change. */
  readonly news = signal<string | undefined>(undefined)
  /** What the person should know, such as what could not be done; stays until it is closed. */
  readonly notice = signal<string | undefined>(undefined)
  /** Everybody's connection in a word. */
  readonly lines = signal<ReadonlyMap<SeatId, LineWord>>(new Map())
  readonly audience = new AudienceCurve()
  /** Server's clock minus ours. */
  readonly clockOffsetMs = signal(0)
  /** Who of the others fell off the stage just now. */
  readonly lastSeen = new LastSeen()
  readonly me = computed(() => this.view.value?.seats.find(({ id }) => id === this.seat.id))

  /** Whether I may mute, remove, start and end. */
  readonly runsRoom = computed(() => {
    const { view, seat } = this
    return runsRoom(
      view.value?.holder === undefined ? {} : { holder: view.value.holder },
      this.me.value ?? seat,
    )
  })

  /** What I can do while I run the room. */
  readonly desk: RoomDesk
  readonly #options: StageSessionOptions
  readonly #path: string
  readonly #switch = new MicrophoneSwitch()
  readonly #lines = new LineWatches()
  readonly #connection: StageConnection
  readonly #views: ViewFeed
  readonly #releaseClaim: () => void
  #microphone: Microphone
  #timer: ReturnType<typeof setTimeout> | undefined
  #isOver = false

  constructor(options: StageSessionOptions) {
    const { seat, microphone } = options
    this.#options = options
    this.#microphone = microphone
    this.seat = seat
    this.#path = `/api/v1/spaces/${seat.space}`
    this.desk = new RoomDesk({ path: this.#path, me: seat.id, report: (answer) => this.#report(answer) })
    // The switch first: the track must have the seat's mute state before a connection can carry it.
    this.#flip({ kind: 'seated', muted: seat.muted || wasMuted(seat.space, seat.id) })
    this.#releaseClaim = claimSeat(seat.id, () => this.#end('taken-by-tab'))
    this.#connection = new StageConnection({
      url: `${this.#path}/stage?seat=${seat.id}`,
      track: microphone.track,
      stream: microphone.stream,
      relays: new StageRelays({ url: `${this.#path}/stage/relays?seat=${seat.id}` }),
      onWords: (next) => this.#sayConnection(next),
      onSound: (stream) => this.#play(stream),
      onRefused: (problem) => {
        this.refusal.value = problem.detail
        if (isStranger({ kind: 'refused', problem })) void this.#checkSeat()
      },
      onSilent: () => this.#views.hold(),
      onBack: () => this.#views.again(),
    })
    this.#views = followViews({
      url: `${this.#path}/stage/events?seat=${seat.id}`,
      onView: (view) => this.#see(view),
      onLost: (failures) => {
        this.controlLost.value = failures >= CONTROL_LOST_AFTER
        void this.#checkSeat()
      },
    })
  }

  /** The big button. */
  press(open: boolean): void {
    this.notice.value = undefined
    // Only presses: a change that the end of the page cuts off looks like one that failed, and is none.
    rememberMuted(this.seat.space, this.seat.id, !open)
    this.#flip({ kind: 'pressed', open })
  }

  /** Speaks through another microphone, with the same switch. */
  useMicrophone(microphone: Microphone): void {
    this.#microphone = microphone
    microphone.track.enabled = this.#switch.isOpen
    this.#connection.replaceTrack(microphone.track, microphone.stream)
  }

  /** After a gesture; browsers hold back sound that nobody asked for. */
  async hearOthers(): Promise<void> {
    await this.#options.sound.play().then(
      () => {
        this.soundBlocked.value = false
      },
      () => {
        this.soundBlocked.value = true
      },
    )
  }

  async start(): Promise<void> {
    this.#report(await call<PublicSpace>('POST', `${this.#path}/start`))
  }

  /** Whether the program begins by itself at the scheduled second. */
  async planStart(start: 'manual' | 'automatic'): Promise<void> {
    this.#report(await call<PublicSpace>('PATCH', this.#path, { body: { start } }))
  }

  async endSpace(): Promise<void> {
    this.#report(await call<PublicSpace>('POST', `${this.#path}/end`))
  }

  /** Any other command about this space: `path` below it, such as `/hands`. What fails is told in a notice. */
  async command(method: string, path: string, body?: unknown): Promise<void> {
    this.#report(await call(method, this.#path + path, body === undefined ? {} : { body }))
  }

  /** Gives the seat up. It ends here at once, whether or not the server can be told. */
  leave(): void {
    void call('DELETE', `${this.#path}/seats/${this.seat.id}`, { keepalive: true })
    this.#end('left')
  }

  #end(why: SessionEnd): void {
    if (this.#isOver) return
    this.#isOver = true
    clearTimeout(this.#timer)
    this.desk.stop()
    this.#views.stop()
    this.#connection.leave(why === 'left')
    this.#releaseClaim()
    this.#options.sound.srcObject = null
    this.#options.onEnd(why)
  }

  #see(view: StageView): void {
    if (this.#isOver) return
    this.controlLost.value = false
    const before = this.view.value
    this.lastSeen.see(view)
    this.audience.see(view.space.listeners, performance.now())
    this.view.value = view
    this.lines.value = this.#lines.see(view.seats, performance.now())
    this.clockOffsetMs.value = view.nowMs - Date.now()
    const me = view.seats.find(({ id }) => id === this.seat.id)
    if (view.space.phase === 'ended' || me === undefined) {
      this.#end(view.space.phase === 'ended' ? 'ended' : 'removed')
      return
    }
    this.#flip({ kind: 'viewed', muted: me.muted })
    if (view.stage !== undefined) this.#connection.seeEpoch(epoch(view.stage.epoch))
    const news = before === undefined ? undefined : tellDifference(before, view)
    if (news !== undefined) this.news.value = news
  }

  /** Asks control whether the seat exists still. No answer is no news: people keep talking without control. */
  async #checkSeat(): Promise<void> {
    if (!(await this.#connection.doorAnswers(SILENCE_MS_MAX))) return
    const answer = await call<Seat>('GET', `${this.#path}/seats/${this.seat.id}`)
    if (this.#isOver || !isStranger(answer)) return
    const space = await call<PublicSpace>('GET', this.#path)
    const ended = space.kind === 'done' && space.value.phase === 'ended'
    // The host's link opens one and the same seat everywhere, so a host who is a stranger now sits elsewhere.
    const elsewhere = this.seat.role === 'host' ? 'taken-by-device' : 'removed'
    this.#end(ended ? 'ended' : elsewhere)
  }

  #flip(event: SwitchEvent): void {
    if (this.#isOver) return
    for (const effect of this.#switch.handle(event, millis(performance.now()), Math.random())) {
      switch (effect.kind) {
        case 'set-track':
          this.#microphone.track.enabled = effect.open
          break
        case 'tell':
          void this.#tell(effect.muted)
          break
        case 'opening-failed':
          this.notice.value = words.told.openingFailed
          break
        case 'closed-by-host':
          this.notice.value = words.told.mutedByHost
          break
      }
    }
    if (event.kind !== 'seated' && this.isOpen.value !== this.#switch.isOpen) {
      playMicrophoneCue(this.#switch.isOpen)
    }
    this.isOpen.value = this.#switch.isOpen
    clearTimeout(this.#timer)
    const deadline = this.#switch.deadline
    if (deadline === undefined) return
    this.#timer = setTimeout(() => this.#flip({ kind: 'woke' }), Math.max(0, deadline - performance.now()))
  }

  async #tell(muted: boolean): Promise<void> {
    const answer: Answer<Seat> = (await this.#connection.doorAnswers(SILENCE_MS_MAX))
      ? await call('PATCH', `${this.#path}/seats/${this.seat.id}`, { body: { muted } })
      : { kind: 'unreachable' }
    this.#flip({ kind: 'told', ok: answer.kind === 'done' })
    if (isStranger(answer)) void this.#checkSeat()
  }

  #sayConnection(next: ConnectionWords): void {
    if (next === 'connected' && this.connection.value === 'reconnecting')
      this.news.value = words.told.reconnected
    if (next === 'connected') this.refusal.value = undefined
    if (next !== 'idle') this.connection.value = next
  }

  #play(stream: MediaStream): void {
    this.#options.sound.srcObject = stream
    void this.hearOthers()
  }

  #report(answer: Answer<unknown>): void {
    if (answer.kind === 'refused') this.notice.value = answer.problem.detail
    else this.notice.value = answer.kind === 'unreachable' ? words.failed.unreachable : undefined
  }
}
