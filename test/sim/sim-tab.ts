// One tab on stage: the page's own machines, and as much shell round them as `stage-session.ts` and `connection.ts`
// have: effects become messages, deadlines become timers.

import type { SeatId } from '../../src/base/ids.ts'
import type { Epoch } from '../../src/base/units.ts'
import type { SeatFacts } from '../../src/core/space/facts.ts'
import { type ConnectionEvent, ConnectionMachine } from '../../src/web/stage/connection/connection-machine.ts'
import { MicrophoneSwitch, type SwitchEvent } from '../../src/web/stage/microphone/microphone-switch.ts'
import type { SimLine } from './sim-stage.ts'
import type { StudioWorld } from './studio-world.ts'

export type TabEnd = 'left' | 'removed' | 'taken-by-tab' | 'taken-elsewhere' | 'vanished'

export interface TabOptions {
  readonly seat: SeatId
  readonly token: number
  /** The seat's state when it was taken. */
  readonly muted: boolean
  /** What this browser remembers of its own. */
  readonly wasMuted: boolean
  /** The truth by which it is judged: what the person pressed last in this browser, if anything. */
  readonly wantedOpen: boolean
}

/** As often as `network-watch.ts` does. */
const KNOCK_EVERY_MS = 800

interface Link {
  readonly attempt: number
  line: SimLine | undefined
  packets: number
}

export class SimTab {
  readonly seat: SeatId
  readonly token: number
  isOnline = true
  ended: TabEnd | undefined
  readonly #world: StudioWorld
  readonly #connection = new ConnectionMachine()
  readonly #switch = new MicrophoneSwitch()
  #link: Link | undefined
  #isTrackOpen = false
  #isDoorSilent = false
  #remembersMuted: boolean
  #closedAt = Number.NEGATIVE_INFINITY
  /** What the person wants, by the last press in this browser. */
  #wantsOpen: boolean
  #cancelConnection = () => {}
  #cancelSwitch = () => {}

  constructor(world: StudioWorld, { seat, token, muted, wasMuted, wantedOpen }: TabOptions) {
    this.#world = world
    this.seat = seat
    this.token = token
    this.#wantsOpen = wantedOpen
    this.#remembersMuted = wasMuted
    this.#flip({ kind: 'seated', muted: muted || wasMuted })
    if ((muted || wasMuted) && this.#isTrackOpen)
      throw new Error('mute survives: a muted seat came back open')
    this.#drive({ kind: 'entered' })
    this.#askForViews()
    this.#knock()
  }

  /** When the microphone was open last; sound that is on its way may be heard a moment longer. */
  get openUntil(): number {
    return this.#isTrackOpen ? this.#world.time.now : this.#closedAt
  }
  get wantsOpen(): boolean {
    return this.#wantsOpen
  }
  get isOpen(): boolean {
    return this.#switch.isOpen
  }
  get words(): string {
    return this.#connection.words
  }
  get remembersMuted(): boolean {
    return this.#remembersMuted
  }

  press(open: boolean): void {
    if (this.ended !== undefined) return
    this.#wantsOpen = open
    this.#remembersMuted = !open
    this.#flip({ kind: 'pressed', open })
  }

  /** The network goes, silently; or comes, and the browser says so or does not. */
  setOnline(isOnline: boolean, isTold: boolean): void {
    this.isOnline = isOnline
    if (isOnline && isTold && this.ended === undefined) this.#drive({ kind: 'came-online' })
  }

  leave(): void {
    this.#world.call(
      this,
      () => this.#world.remove(this.seat),
      () => {},
    )
    this.end('left')
  }

  /** The page is gone without a word. */
  vanish(): void {
    this.end('vanished')
  }

  end(why: TabEnd): void {
    if (this.ended !== undefined) return
    this.ended = why
    this.#cancelConnection()
    this.#cancelSwitch()
    for (const { kind } of this.#connection.handle({ kind: 'left' }, this.#world.now, 0)) {
      if (kind === 'close') this.#link = undefined
    }
  }

  see(seats: readonly SeatFacts[], epoch: Epoch | undefined): void {
    if (this.ended !== undefined) return
    const me = seats.find(({ id }) => id === this.seat)
    if (me === undefined) {
      this.end('removed')
      return
    }
    this.#flip({ kind: 'viewed', muted: me.muted })
    if (epoch !== undefined) this.#drive({ kind: 'epoch-seen', epoch })
  }

  /** Packets both ways, a tenth of a second's worth. */
  exchangeSound(): void {
    const link = this.#link
    const { holder, random, loss, now } = this.#world
    if (this.ended !== undefined || link?.line === undefined || !this.isOnline || random() < loss) return
    if (holder.sends(link.line) || link.line.heardAt === undefined) link.line.hear(this.#isTrackOpen, now)
    if (holder.sends(link.line)) link.packets += 1
    this.#drive({ kind: 'counted', attempt: link.attempt, packets: link.packets })
  }

  #drive(event: ConnectionEvent): void {
    const { now, random, time } = this.#world
    for (const effect of this.#connection.handle(event, now, random())) {
      if (effect.kind === 'close') this.#link = undefined
      else {
        if (this.#link !== undefined) throw new Error('one connection: a second one was opened')
        this.#open(effect.attempt)
      }
    }
    this.#cancelConnection()
    const { deadline } = this.#connection
    if (deadline !== undefined)
      this.#cancelConnection = time.after(deadline - now, () => this.#drive({ kind: 'woke' }))
  }

  #open(attempt: number): void {
    const link: Link = { attempt, line: undefined, packets: 0 }
    this.#link = link
    const answer = () => this.#world.holder.answer(this)
    this.#world.call(this, answer, (called) => {
      if (this.ended !== undefined) return
      if (called.kind === 'done' && called.value !== undefined) {
        link.line = called.value
        this.#drive({ kind: 'answered', attempt })
      } else {
        this.#drive({ kind: 'refused', attempt })
        if (called.kind === 'stranger') this.#checkSeat()
      }
    })
  }

  #flip(event: SwitchEvent): void {
    if (this.ended !== undefined) return
    const { now, random, time } = this.#world
    for (const effect of this.#switch.handle(event, now, random())) {
      if (effect.kind === 'set-track') this.#setTrack(effect.open, event)
      else if (effect.kind === 'tell') {
        if (!effect.muted && event.kind !== 'pressed' && event.kind !== 'told')
          throw new Error(`a microphone never opens by itself: the server was told to by ${event.kind}`)
        this.#tell(effect.muted)
      }
    }
    this.#cancelSwitch()
    const { deadline } = this.#switch
    if (deadline !== undefined)
      this.#cancelSwitch = time.after(deadline - now, () => this.#flip({ kind: 'woke' }))
  }

  #setTrack(open: boolean, { kind }: SwitchEvent): void {
    if (open && !this.#wantsOpen)
      throw new Error('a microphone never opens by itself: the last press was mute')
    if (open && kind !== 'pressed' && kind !== 'seated')
      throw new Error(`a microphone never opens by itself: it did by ${kind}`)
    if (this.#isTrackOpen && !open) this.#closedAt = this.#world.time.now
    this.#isTrackOpen = open
  }

  #tell(muted: boolean): void {
    // Which press it stands for: only a press may open a seat.
    if (!muted && !this.#wantsOpen)
      throw new Error('a microphone never opens by itself: the server was told to')
    const act = () => this.#world.change(this.seat, { muted }, 'self')
    this.#world.call(this, act, (called) => {
      this.#flip({ kind: 'told', ok: called.kind === 'done' })
      if (called.kind === 'stranger') this.#checkSeat()
    })
  }

  #checkSeat(): void {
    this.#world.call(
      this,
      () => true,
      (called) => {
        if (called.kind !== 'stranger') return
        this.end(this.#world.gone.has(this.seat) ? 'removed' : 'taken-elsewhere')
      },
    )
  }

  /** Asks whether anybody is at the door, for as long as the stage is away. */
  #knock(): void {
    if (this.ended !== undefined) return
    this.#world.time.after(KNOCK_EVERY_MS, () => this.#knock())
    if (this.words === 'connected') this.#isDoorSilent = false
    else if (!this.isOnline || !this.#world.isControlUp) {
      this.#isDoorSilent = true
      this.#drive({ kind: 'door-silent' })
    } else if (this.#isDoorSilent) {
      this.#isDoorSilent = false
      this.#drive({ kind: 'came-online' })
    }
  }

  /** The stream of views, as often as it speaks though nothing happened; each time on whatever network there is. */
  #askForViews(): void {
    if (this.ended !== undefined) return
    if (this.#world.isKnown(this)) this.#world.showTo(this)
    else if (this.isOnline && this.#world.isControlUp) this.#checkSeat()
    this.#world.time.after(2_000, () => this.#askForViews())
  }
}
