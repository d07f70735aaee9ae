// Carries the parts of one program into the log. Decisions are in `core/append`; this makes the calls.

import type { Clock } from '../../base/clock.ts'
import { type ErrorCode, MimbarError } from '../../base/errors.ts'
import type { SpaceId } from '../../base/ids.ts'
import type { Sequence } from '../../base/units.ts'
import { type AppendEffect, type AppendEvent, AppendQueue } from '../../core/append/append-queue.ts'
import type { Part } from '../../core/part/part.ts'
import type { PartLog } from '../../engine/ports.ts'

export interface AppenderOptions {
  readonly space: SpaceId
  readonly log: PartLog
  readonly clock: Clock
  /** The log has this part. */
  appended?(sequence: Sequence): void
  /** The log will take nothing more from this epoch: `fenced`, `gone`, or a refusal that is a bug. */
  lost(code: ErrorCode): void
}

/** Owned by one program; ends with it. */
export class Appender {
  readonly #options: AppenderOptions
  readonly #queue = new AppendQueue()
  #timer: ReturnType<typeof setTimeout> | undefined
  #stopped = false
  #drained: (() => void)[] = []

  constructor(options: AppenderOptions) {
    this.#options = options
  }

  /** The newest part that the log has acknowledged. */
  get newest(): Sequence | undefined {
    return this.#queue.newest
  }

  /** Parts that never reached the log. */
  get dropped(): number {
    return this.#queue.dropped
  }

  push(part: Part): void {
    this.#handle({ kind: 'part', part })
  }

  /** Resolves when everything pushed so far was answered, or nothing more ever will be. */
  drained(): Promise<void> {
    if (this.#stopped || this.#queue.isDrained) return Promise.resolve()
    return new Promise((resolve) => this.#drained.push(resolve))
  }

  /** Sends nothing more; what waits is given up. Idempotent. */
  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
    this.#settle()
  }

  #handle(event: AppendEvent): void {
    if (this.#stopped) return
    for (const effect of this.#queue.handle(event, this.#options.clock.now())) this.#run(effect)
    clearTimeout(this.#timer)
    const { deadline } = this.#queue
    if (deadline !== undefined) {
      const delay = Math.max(0, deadline - this.#options.clock.now())
      this.#timer = setTimeout(() => this.#handle({ kind: 'deadline' }), delay)
    }
    if (this.#queue.isDrained) this.#settle()
  }

  #run(effect: AppendEffect): void {
    const { log, space } = this.#options
    switch (effect.kind) {
      case 'append':
        log.append(space, effect.part).then(
          () => {
            this.#options.appended?.(effect.part.sequence)
            this.#handle({ kind: 'appended' })
          },
          (error: unknown) => this.#handle({ kind: 'refused', code: codeOf(error) }),
        )
        return
      case 'ask-head':
        log.head(space).then(
          ({ appendFrom, newest }) => this.#handle({ kind: 'head', appendFrom, newest }),
          () => this.#handle({ kind: 'head-failed' }),
        )
        return
      case 'lost':
        this.#options.lost(effect.code)
    }
  }

  #settle(): void {
    for (const resolve of this.#drained.splice(0)) resolve()
  }
}

function codeOf(error: unknown): ErrorCode {
  if (error instanceof MimbarError) return error.code
  throw error
}
