// Looks at the node once a second for the people on duty: what the Feed told goes into `core/watch/`, what comes out is
// one view for all of them, and alarms, which are told in the log, in the metrics, and to the webhook if there is one.

import type { Clock } from '../../../base/clock.ts'
import { MimbarError } from '../../../base/errors.ts'
import { AlarmBook, type AlarmChange } from '../../../core/watch/alarm-book.ts'
import { ALARM_KINDS } from '../../../core/watch/alarm-kinds.ts'
import type { NodeView } from '../../../core/watch/node-view.ts'
import { type NodeLook, NodeWatch } from '../../../core/watch/node-watch.ts'
import type { Heard, Observations } from '../observations.ts'
import type { SpaceStore } from '../space-store.ts'
import { messageOf, testMessage } from './alarm-message.ts'
import { AlarmWebhook, type AlarmWebhookSettings } from './alarm-webhook.ts'
import { readDisk } from './disk.ts'

/** What this node is made of, as its operator set it. */
export interface NodeSettings {
  /** The processes that it starts, by name. */
  readonly stages: readonly string[]
  readonly edges: readonly string[]
  /** 0: what the machine allows. */
  readonly listenersMax: number
  readonly webhook?: AlarmWebhookSettings
}

export interface NodeKeeperOptions extends NodeSettings {
  /** How people know it. */
  readonly node: string
  readonly store: SpaceStore
  readonly observations: Observations
  /** Whose disk is watched. */
  readonly dataFolder: string
  readonly clock: Clock
  /** Ends it. */
  readonly signal: AbortSignal
  readonly log: (line: string) => void
}

const LOOK_EVERY_MS = 1_000
const DISK_EVERY_MS = 10_000

export class NodeKeeper {
  readonly #options: NodeKeeperOptions
  readonly #watch: NodeWatch
  readonly #book = new AlarmBook()
  readonly #webhook: AlarmWebhook | undefined
  #raised = 0
  #look: NodeLook
  #isReadingDisk = false

  constructor(options: NodeKeeperOptions) {
    const { webhook, clock, signal, log } = options
    this.#options = options
    this.#watch = new NodeWatch({ ...options, startedAt: clock.now() })
    this.#webhook = webhook && new AlarmWebhook({ ...webhook, clock, signal, log })
    this.#look = this.#lookOnce()
    void this.#lookAtDisk()
    const timers = [
      setInterval(() => this.look(), LOOK_EVERY_MS),
      setInterval(() => void this.#lookAtDisk(), DISK_EVERY_MS),
    ]
    signal.addEventListener('abort', () => timers.forEach(clearInterval), { once: true })
  }

  /** A stage or an edge has told something. */
  heard(heard: Heard): void {
    const { clock } = this.#options
    const [now, wall] = [clock.now(), clock.wall()]
    if (heard.kind === 'stage') this.#watch.heardStage(heard.report, now, wall)
    else if (heard.kind === 'edge') this.#watch.heardEdge(heard.report, now, wall)
    else this.#watch.heardProblems(heard.report, wall)
  }

  /** As of the last second; the same for everyone who asks. */
  view(): NodeView {
    const webhook = this.#webhook?.view()
    return { ...this.#look.view, alarms: this.#book.on(), ...(webhook === undefined ? {} : { webhook }) }
  }

  /** Sends a test alarm. `conflict` without a webhook, `unavailable` with the reason when it is not delivered. */
  async testWebhook(): Promise<void> {
    if (this.#webhook === undefined) {
      throw new MimbarError('conflict', 'No alarm webhook is set: see --alarm-webhook.')
    }
    const problem = await this.#webhook.try(testMessage(this.#options.node, this.#options.clock.wall()))
    if (problem === undefined) return
    const { host } = this.#webhook.view()
    throw new MimbarError('unavailable', `The test alarm to ${host} was not delivered: ${problem}.`)
  }

  /** Lines of the metrics document. */
  metrics(): readonly string[] {
    const on = this.#book.on()
    return [
      '# TYPE mimbar_control_alarms gauge',
      '# HELP mimbar_control_alarms Alarms that are on.',
      ...ALARM_KINDS.map((kind) => {
        const count = on.filter(({ alarm }) => alarm === kind).length
        return `mimbar_control_alarms{alarm="${kind}"} ${count}`
      }),
      '# TYPE mimbar_control_alarms_raised counter',
      '# HELP mimbar_control_alarms_raised Alarms raised since control began.',
      `mimbar_control_alarms_raised_total ${this.#raised}`,
      ...(this.#webhook?.metrics() ?? []),
    ]
  }

  /** One look; the timer's business, and a test's. */
  look(): void {
    this.#look = this.#lookOnce()
    const { clock } = this.#options
    for (const change of this.#book.look(this.#look.conditions, clock.now(), clock.wall())) {
      this.#tell(change)
    }
  }

  #lookOnce(): NodeLook {
    const { store, observations, clock } = this.#options
    const spaces = store.open().map(({ facts }) => ({
      facts,
      observed: observations.observed(facts.id),
      listeners: observations.listeners(facts.id),
    }))
    return this.#watch.look(spaces, clock.now(), clock.wall())
  }

  #tell(change: AlarmChange): void {
    const { log, node } = this.#options
    const message = messageOf(change, node)
    if (change.state === 'raised') this.#raised += 1
    log(`alarm ${change.state}: ${message.alarm} ${message.subject}, since ${message.since}`)
    this.#webhook?.send(message)
  }

  /** One at a time: a disk that hangs must not pile questions up. */
  async #lookAtDisk(): Promise<void> {
    if (this.#isReadingDisk) return
    this.#isReadingDisk = true
    const disk = await readDisk(this.#options.dataFolder)
    this.#watch.sawDisk(disk)
    this.#isReadingDisk = false
  }
}
