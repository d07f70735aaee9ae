// What the section "Now" shows: asked for every two seconds while somebody looks. One question at a time.

import { computed, signal } from '@preact/signals'
import type { NodeView } from '../../../core/watch/node-view.ts'
import { call } from '../../api/call.ts'

const ASK_EVERY_MS = 2_000

export class NodePoll {
  readonly view = signal<NodeView | undefined>(undefined)
  /** The newest question was not answered. */
  readonly isStale = signal(false)
  /** There has been an answer, or none has come: what stands below need not wait any more. */
  readonly hasSettled = computed(() => this.isStale.value || this.view.value !== undefined)
  readonly #onStranger: () => void
  #timer: ReturnType<typeof setTimeout> | undefined
  #isStopped = false

  /** `onStranger`: the server does not know this browser as the operator's any more. */
  constructor(onStranger: () => void) {
    this.#onStranger = onStranger
  }

  /** Asks until `stop`. */
  start(): void {
    const askForEver = async () => {
      if (document.visibilityState === 'visible' || !this.hasSettled.value) await this.ask()
      if (!this.#isStopped) this.#timer = setTimeout(askForEver, ASK_EVERY_MS)
    }
    this.#isStopped = false
    void askForEver()
  }

  stop(): void {
    this.#isStopped = true
    clearTimeout(this.#timer)
  }

  async ask(): Promise<void> {
    const answer = await call<NodeView>('GET', '/api/v1/node')
    if (answer.kind === 'refused' && answer.problem.status === 401) this.#onStranger()
    this.isStale.value = answer.kind !== 'done'
    if (answer.kind === 'done') this.view.value = answer.value
  }
}
