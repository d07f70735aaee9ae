// The hands of `core/custody`: calls the lease, tails the log, starts and ends the program. One for each space.

import { backoffDelay } from '../../base/backoff.ts'
import type { Clock } from '../../base/clock.ts'
import { hasCode, MimbarError } from '../../base/errors.ts'
import type { SpaceId, StageId } from '../../base/ids.ts'
import { type Epoch, millis, type Sequence } from '../../base/units.ts'
import {
  Custody,
  type CustodyEffect,
  type CustodyEvent,
  type Inspection,
  LEASE_TTL_MS,
} from '../../core/custody/custody.ts'
import type { Engine, TailItem } from '../../engine/ports.ts'

/** A tail that broke off is tried again soon: the standby's judgement depends on it. */
const TAIL_BACKOFF = { firstMs: 50, factor: 1.6, maxMs: 250 }

export interface CustodyShellOptions {
  readonly space: SpaceId
  readonly stage: StageId
  readonly engine: Engine
  readonly clock: Clock
  readonly random: () => number
  /** False while this stage does not take the space; that of a stage that died it takes all the same. */
  accepts(): boolean
  /** A part came that another stage has written. */
  seen(part: Sequence): void
  /** The space is ours from now on, with this epoch. */
  serve(epoch: Epoch): void
  /** It is not any more; resolves when nothing further will be appended. `flush`: what waits may still be written. */
  quit(epoch: Epoch, flush: boolean): Promise<void>
}

/** Owned by the space's keeper. */
export class CustodyShell {
  readonly #options: CustodyShellOptions
  readonly #machine = new Custody()
  #timer: ReturnType<typeof setTimeout> | undefined
  #tail: AbortController | undefined
  #letGo: Promise<void> = Promise.resolve()

  constructor(options: CustodyShellOptions) {
    this.#options = options
  }

  /** The epoch with which this stage holds the space. */
  get heldEpoch(): Epoch | undefined {
    return this.#machine.heldEpoch
  }

  /** Tells the machine what happened and does what it answers. */
  handle(event: CustodyEvent): void {
    const now = this.#options.clock.now()
    for (const effect of this.#machine.handle(event, now)) this.#run(effect)
    clearTimeout(this.#timer)
    const { deadline } = this.#machine
    if (deadline === undefined) return
    const delay = Math.ceil(Math.max(0, deadline - this.#options.clock.now()))
    this.#timer = setTimeout(() => this.#onTimer(), delay)
  }

  /** Lets go of the space, flushed and released, and of everything else. Idempotent. */
  async leave(): Promise<void> {
    this.handle({ kind: 'leave' })
    await this.#letGo
  }

  #onTimer(): void {
    // A stall of our own looks like silence of the other: what arrived meanwhile is read before it is judged.
    setImmediate(() => this.handle({ kind: 'deadline' }))
  }

  #run(effect: CustodyEffect): void {
    switch (effect.kind) {
      case 'follow':
        void this.#follow()
        return
      case 'unfollow':
        this.#tail?.abort()
        return
      case 'inspect':
        void this.#inspect()
        return
      case 'acquire':
        void this.#acquire(effect.over)
        return
      case 'renew':
        void this.#renew(effect.epoch)
        return
      case 'serve':
        this.#options.serve(effect.epoch)
        return
      case 'quit':
        this.#letGo = this.#quit(effect.epoch, effect.release)
        return
      case 'release':
        this.#letGo = this.#release(effect.epoch)
    }
  }

  async #follow(): Promise<void> {
    const abort = new AbortController()
    this.#tail = abort
    for (let attempt = 0; !abort.signal.aborted; attempt++) {
      const seen = await this.#tailOnce(abort.signal)
      if (abort.signal.aborted) return
      if (seen > 0) attempt = 0
      this.handle({ kind: 'tail-down' })
      await new Promise((resolve) =>
        setTimeout(resolve, backoffDelay(attempt, this.#options.random(), TAIL_BACKOFF)),
      )
    }
  }

  /** Follows until the tail breaks off; answers how many items came. */
  async #tailOnce(signal: AbortSignal): Promise<number> {
    const { engine, space } = this.#options
    let seen = 0
    try {
      for await (const item of engine.log.tail(space, { kind: 'live', burstParts: 1 }, signal)) {
        if (signal.aborted) break
        if (seen === 0) this.handle({ kind: 'tail-up' })
        seen += 1
        this.#onTailItem(item)
      }
    } catch (error) {
      // No log yet, an engine that restarts, a backlog too long: all of them end in another try.
      if (!(error instanceof MimbarError)) throw error
    }
    return seen
  }

  #onTailItem(item: TailItem): void {
    if (item.kind === 'part') {
      this.#options.seen(item.part.sequence)
      this.handle({ kind: 'part', sequence: item.part.sequence, epoch: item.part.epoch })
    } else if (item.kind === 'ended') this.handle({ kind: 'log-ended' })
  }

  async #inspect(): Promise<void> {
    const { engine, space, clock } = this.#options
    const from = clock.now()
    const answer = await engine.log.head(space).then(
      ({ newest, epoch, ended }): Inspection => ({ kind: 'head', newest, epoch, ended }),
      (error): Inspection => ({ kind: hasCode(error, 'not-found') ? 'missing' : 'unavailable' }),
    )
    this.handle({ kind: 'inspected', answer, took: millis(clock.now() - from) })
  }

  async #acquire(over: Epoch | undefined): Promise<void> {
    const { engine, space, stage, accepts } = this.#options
    // What this stage still had to write under its last epoch is settled before it asks for another.
    await this.#letGo
    if (over === undefined && !accepts()) {
      this.handle({ kind: 'acquire-failed' })
      return
    }
    try {
      await this.#disown()
      const answer = await engine.lease.acquire({
        space,
        holder: stage,
        ttl: millis(LEASE_TTL_MS),
        ...(over === undefined ? {} : { over }),
      })
      this.handle(answer)
    } catch (error) {
      if (!(error instanceof MimbarError)) throw error
      this.handle({ kind: 'acquire-failed' })
    }
  }

  /**
   * A lease in our name that we don't hold is our predecessor's, killed a moment ago. Taken up as it is it would keep
   * its epoch, and the speakers, who tell by the epoch that their connections are gone, would wait in vain.
   */
  async #disown(): Promise<void> {
    const { engine, space, stage } = this.#options
    const held = await engine.lease.holder(space)
    if (held?.holder === stage) await engine.lease.release(space, held.epoch)
  }

  async #renew(epoch: Epoch): Promise<void> {
    const { engine, space } = this.#options
    try {
      const isHeld = await engine.lease.renew(space, epoch, millis(LEASE_TTL_MS))
      if (this.heldEpoch === epoch) this.handle({ kind: isHeld ? 'renewed' : 'lease-lost' })
    } catch (error) {
      if (!(error instanceof MimbarError)) throw error
      if (this.heldEpoch === epoch) this.handle({ kind: 'renew-failed' })
    }
  }

  async #quit(epoch: Epoch, release: boolean): Promise<void> {
    await this.#options.quit(epoch, release)
    if (release) await this.#release(epoch)
  }

  async #release(epoch: Epoch): Promise<void> {
    // An engine that cannot be told lets the lease run out.
    await this.#options.engine.lease.release(this.#options.space, epoch).catch(() => undefined)
  }
}
