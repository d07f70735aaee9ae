// The studio in one process, in simulated time: control with its facts, two stages, and people's tabs. The decisions
// are the real ones (`ConnectionMachine`, `MicrophoneSwitch`, `Places`, core/seat); what lies between them (HTTP, the
// Feed, WebRTC) is a network that delays, loses, doubles and reorders by a seed, and restarts that come when they like.
// Every rule that a moment can break is checked in that moment, and the words thrown name it as SPEC.md does.

import { hasCode } from '../../src/base/errors.ts'
import { parseSeatId, type SeatId } from '../../src/base/ids.ts'
import { epoch, millis, wallMillis } from '../../src/base/units.ts'
import type { SeatChange } from '../../src/core/api/api.ts'
import { changeSeat, leaveSeat, takeSeat } from '../../src/core/seat/seats.ts'
import type { SeatFacts } from '../../src/core/space/facts.ts'
import { seeded } from '../harness/seeded.ts'
import { SimStage } from './sim-stage.ts'
import { SimTab } from './sim-tab.ts'
import { Timeline } from './timeline.ts'

/** One request's fate is decided anew each time; none takes longer than pages wait. */
const REQUEST_MS_MAX = 400
const LOST_AFTER_MS = 8_000
/** From control's facts to the stage that applies them. */
const FACTS_MS_MAX = 150
const RTP_EVERY_MS = 100
const TAKEOVER_MS = 600

export interface WorldOptions {
  readonly seed: number
}

export type Called<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'stranger' | 'unreachable' }

export class StudioWorld {
  readonly time = new Timeline()
  readonly random: () => number
  readonly tabs: SimTab[] = []
  readonly stages: readonly [SimStage, SimStage]
  /** What was asked of control's door lives as long as the process; the facts live on. */
  isControlUp = true
  /** Share of requests and packets that are lost, until the network is mended. */
  loss = 0
  /** Seats that were removed or left: their ids may never come back. */
  readonly gone = new Set<SeatId>()
  #seats: readonly SeatFacts[] = []
  /** The one token that opens a seat; taking it over elsewhere makes a new one. */
  readonly #tokens = new Map<SeatId, number>()
  #nextToken = 1
  #nextSeat = 1
  #holder = 0
  #epoch = 1

  constructor({ seed }: WorldOptions) {
    this.random = seeded(seed)
    this.stages = [new SimStage(this, 'stage-0'), new SimStage(this, 'stage-1')]
    this.stages[0].serve(this.#seats)
    const beat = () => {
      for (const tab of this.tabs) tab.exchangeSound()
      for (const stage of this.stages) stage.tick()
      this.time.after(RTP_EVERY_MS, beat)
    }
    this.time.after(0, beat)
  }

  get seats(): readonly SeatFacts[] {
    return this.#seats
  }
  get epoch(): number {
    return this.#epoch
  }
  get holder(): SimStage {
    return this.stages[this.#holder] as SimStage
  }

  /** A new tab, or another device, that comes with a link: the host's opens one seat, the invitation a new one. */
  open(role: 'host' | 'speaker'): SimTab {
    const id = parseSeatId(role === 'host' ? 'hostseat' : `seat${String(this.#nextSeat++).padStart(4, '0')}`)
    const token = this.#nextToken++
    const before = this.#seats.find((seat) => seat.id === id)
    const fresh = { id, role, name: 'Somebody', muted: false, takenAtMs: wallMillis(this.time.now) }
    this.gone.delete(id) // the host's link opens the one host seat again, whoever left it
    this.#write(takeSeat(this.#seats, { ...fresh, ...before }))
    this.#tokens.set(id, token)
    const seat = this.#seats.find((one) => one.id === id) as SeatFacts
    const tab = new SimTab(this, { seat: id, token, muted: seat.muted, wasMuted: false, wantedOpen: true })
    this.tabs.push(tab)
    return tab
  }

  /** The same browser, the page loaded anew: the cookie and what the page remembered are all that is left. */
  reload(tab: SimTab): void {
    tab.vanish()
    this.#replaceTab(tab)
  }

  /** A second tab of the same browser: the first is told by the browser itself, before the second connects. */
  doubleTab(tab: SimTab): void {
    tab.end('taken-by-tab')
    this.#replaceTab(tab)
  }

  /** A request as a page makes it. A lost one may have been heard all the same: then only its answer is lost. */
  call<T>(tab: SimTab, act: () => T, answer: (called: Called<T>) => void): void {
    const there = this.random() * REQUEST_MS_MAX
    const fate = this.random()
    const unreachable = () => answer({ kind: 'unreachable' })
    if (!tab.isOnline || fate < this.loss / 2) {
      this.time.after(tab.isOnline ? LOST_AFTER_MS : 20, unreachable)
      return
    }
    this.time.after(there, () => {
      if (!this.isControlUp) {
        this.time.after(20, unreachable)
        return
      }
      const called = this.#answer(tab, act)
      const back = this.random() * REQUEST_MS_MAX
      const isAnswerLost = fate < this.loss
      this.time.after(isAnswerLost ? LOST_AFTER_MS : back, () =>
        answer(isAnswerLost || !tab.isOnline ? { kind: 'unreachable' } : called),
      )
    })
  }

  /** PATCH of a seat. */
  change(seat: SeatId, change: SeatChange, by: 'self' | 'host'): SeatFacts {
    const before = this.#seats.find((one) => one.id === seat)
    if (before === undefined) throw new Error('no such seat')
    const after = changeSeat(before, change, by)
    this.#write(takeSeat(this.#seats, after))
    return after
  }

  /** DELETE of a seat, by its person or the host. */
  remove(seat: SeatId): void {
    this.gone.add(seat)
    this.#tokens.delete(seat)
    this.#write(leaveSeat(this.#seats, seat))
  }

  isKnown(tab: SimTab): boolean {
    return this.#tokens.get(tab.seat) === tab.token
  }

  /** The stage that holds the space dies; the other one holds it after a while, with a higher epoch. */
  killStage(): void {
    if (!this.holder.isAlive) return
    const dead = this.holder
    dead.die()
    this.time.after(TAKEOVER_MS, () => {
      this.#holder = 1 - this.#holder
      this.#epoch += 1
      this.holder.serve(this.#seats)
    })
    this.time.after(3 * TAKEOVER_MS, () => dead.restart())
  }

  #replaceTab(tab: SimTab): void {
    this.time.after(this.random() * 1_000, () => {
      if (!this.isKnown(tab)) return
      const { muted } = this.#seats.find(({ id }) => id === tab.seat) as SeatFacts
      const { seat, token, remembersMuted: wasMuted, wantsOpen: wantedOpen } = tab
      this.tabs.push(new SimTab(this, { seat, token, muted, wasMuted, wantedOpen }))
    })
  }

  #answer<T>(tab: SimTab, act: () => T): Called<T> {
    if (!this.isKnown(tab)) return { kind: 'stranger' }
    try {
      return { kind: 'done', value: act() }
    } catch (error) {
      if (hasCode(error, 'forbidden')) return { kind: 'stranger' }
      return { kind: 'unreachable' }
    }
  }

  /** Facts travel to the stage in order, views to the tabs in any. */
  #write(seats: readonly SeatFacts[]): void {
    for (const { id } of seats) {
      if (this.gone.has(id)) throw new Error(`removed stays removed: ${id} is back`)
    }
    this.#seats = seats
    this.holder.desire(seats, FACTS_MS_MAX)
    for (const tab of this.tabs) this.showTo(tab)
  }

  /** One view, as it is now, on its way to a tab. */
  showTo(tab: SimTab): void {
    if (!tab.isOnline || !this.isControlUp || this.random() < this.loss) return
    const [seats, isKnown, now] = [
      this.#seats,
      this.isKnown(tab),
      this.holder.isAlive ? this.#epoch : undefined,
    ]
    this.time.after(this.random() * REQUEST_MS_MAX, () => {
      if (tab.isOnline && isKnown) tab.see(seats, now === undefined ? undefined : epoch(now))
    })
  }

  get now() {
    return millis(this.time.now)
  }
}
