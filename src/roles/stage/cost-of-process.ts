// What this process costs the machine, for the people on duty.

import type { Clock } from '../../base/clock.ts'
import type { Millis } from '../../base/units.ts'
import type { StageHeartbeat } from '../../core/space/facts.ts'

export type Cost = Pick<StageHeartbeat, 'cpu' | 'memoryBytes'>

/** Looked at once a second. */
export class CostOfProcess {
  readonly #clock: Clock
  #at: Millis
  #cpuUs = cpuUs()
  /** As of the last look; nothing before the first. */
  latest: Cost = {}

  constructor(clock: Clock) {
    this.#clock = clock
    this.#at = clock.now()
  }

  measure(): void {
    const now = this.#clock.now()
    const used = cpuUs()
    // The first look comes with the start, when there is nothing to divide by.
    if (now - this.#at < 100) return
    const cpu = (used - this.#cpuUs) / 1_000 / (now - this.#at)
    this.latest = { cpu: Math.round(cpu * 1_000) / 1_000, ...residentBytes() }
    this.#at = now
    this.#cpuUs = used
  }
}

function cpuUs(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}

function residentBytes(): Pick<Cost, 'memoryBytes'> {
  try {
    return { memoryBytes: process.memoryUsage.rss() }
  } catch {
    return {} // a process at the end of its descriptors cannot even open a file of the kernel's
  }
}
