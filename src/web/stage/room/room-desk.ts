// What those who run the room do to it and to others. Every act is one call; what it changes comes back with the views,
// so nothing is shown here before it is so. Removing can be taken back for a while.

import { signal } from '@preact/signals'
import type { SeatId } from '../../../base/ids.ts'
import type { Link, PublicSpace, Seat } from '../../../core/api/api.ts'
import type { Arrivals } from '../../../core/seat/air.ts'
import { type Answer, call } from '../../api/call.ts'

/** How long "Undo" is offered. Control keeps what it needs for it a little longer. */
export const UNDO_FOR_MS = 10_000
/** Removals that can be undone at once; of more, the oldest is no longer offered. */
const UNDOS_MAX = 3

/** A removal that can still be taken back. */
export interface Undo {
  readonly seat: SeatId
  readonly name: string
  readonly blocked: boolean
  /** `performance.now()` until which it is offered. */
  readonly untilMs: number
}

export interface RemovalChoice {
  /** Keep this browser out. */
  readonly block: boolean
  /** Make the invitation anew, so that the old one opens nothing. */
  readonly renew: boolean
}

export interface RoomDeskOptions {
  /** `/api/v1/spaces/<space>`. */
  readonly path: string
  readonly me: SeatId
  /** Tells the person what did not work. */
  report(answer: Answer<unknown>): void
}

export class RoomDesk {
  readonly undos = signal<readonly Undo[]>([])
  /** An invitation that was made just now: shown until it is closed, and kept nowhere else. */
  readonly invitation = signal<string | undefined>(undefined)
  readonly #options: RoomDeskOptions
  readonly #timers = new Set<ReturnType<typeof setTimeout>>()

  constructor(options: RoomDeskOptions) {
    this.#options = options
  }

  async lock(locked: boolean): Promise<void> {
    await this.#call<PublicSpace>('PATCH', '', { locked })
  }

  /** Everybody but me; they unmute themselves. */
  async muteAll(): Promise<void> {
    await this.#call('POST', `/seats/mute?seat=${this.#options.me}`)
  }

  /** Takes everyone off air for a moment, or back on. */
  async setHeld(held: boolean): Promise<void> {
    await this.#call<PublicSpace>('POST', held ? '/hold' : '/resume')
  }

  /** Puts a seat, the own one too, on air or backstage. */
  async putOnAir(seat: SeatId, onAir: boolean): Promise<void> {
    await this.#call<Seat>('PATCH', `/seats/${seat}`, { onAir })
  }

  /** Where who joins after the start comes in. */
  async setArrivals(arrivals: Arrivals): Promise<void> {
    await this.#call<PublicSpace>('PATCH', '', { arrivals })
  }

  async mute(seat: SeatId): Promise<void> {
    await this.#call<Seat>('PATCH', `/seats/${seat}`, { muted: true })
  }

  async setRole(seat: SeatId, role: 'cohost' | 'speaker'): Promise<void> {
    await this.#call<Seat>('PATCH', `/seats/${seat}`, { role })
  }

  async remove({ id, name }: Pick<Seat, 'id' | 'name'>, { block, renew }: RemovalChoice): Promise<void> {
    const answer = block
      ? await this.#call('POST', `/seats/${id}/block`)
      : await this.#call('DELETE', `/seats/${id}`)
    if (answer.kind !== 'done') return
    const undo: Undo = { seat: id, name, blocked: block, untilMs: performance.now() + UNDO_FOR_MS }
    this.undos.value = [...this.undos.value, undo].slice(-UNDOS_MAX)
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      this.#forget(undo)
    }, UNDO_FOR_MS)
    this.#timers.add(timer)
    if (renew) await this.renewInvitation()
  }

  async restore(undo: Undo): Promise<void> {
    const answer = await this.#call<Seat>('POST', `/seats/${undo.seat}/restore`)
    if (answer.kind === 'done') this.#forget(undo)
  }

  async renewInvitation(): Promise<void> {
    const answer = await this.#call<Link>('POST', '/links/speaker')
    if (answer.kind === 'done') this.invitation.value = answer.value.url
  }

  /** Ends what waits. */
  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers.clear()
  }

  #forget(undo: Undo): void {
    this.undos.value = this.undos.value.filter((other) => other !== undo)
  }

  async #call<T>(method: string, path: string, body?: unknown): Promise<Answer<T>> {
    const answer = await call<T>(method, this.#options.path + path, body === undefined ? {} : { body })
    this.#options.report(answer)
    return answer
  }
}
