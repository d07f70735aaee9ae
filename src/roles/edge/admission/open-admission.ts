// The door's keeper, put together for one edge.

import { createHmac, randomBytes } from 'node:crypto'
import { MimbarError } from '../../../base/errors.ts'
import type { Pressure } from '../../../core/door/pressure.ts'
import type { TicketMac } from '../../../core/door/ticket.ts'
import { announce } from '../../../host/announce.ts'
import { systemClock } from '../../../host/system-clock.ts'
import type { EdgeRoleOptions } from '../edge-role-options.ts'
import { JOINS_PER_S, streamsMaxByDescriptors } from '../limits.ts'
import type { EdgeCounters } from '../metrics.ts'
import type { SpaceReaders } from '../stream/space-readers.ts'
import { Admission } from './admission.ts'
import type { Shed } from './door-counters.ts'

/** `onNear`: the other edges should hear soon how many are here. */
export function openAdmission(
  options: EdgeRoleOptions,
  readers: SpaceReaders,
  counters: EdgeCounters,
  pressure: Pressure,
  onNear: () => void,
): Admission {
  const settled = {
    streamsMax: options.streamsMax ?? streamsMaxByDescriptors(),
    joinsPerSecond: JOINS_PER_S,
    prefersLow: false,
    plainPlaylists: false,
  }
  return new Admission({
    edgeId: options.edgeId,
    macs: macsOf(options.doorKeys ?? []),
    share: options.share ?? (() => settled),
    listenersMax: options.listenersMax ?? 0,
    taken: () => takenSlots(readers),
    isLate: () => pressure.isArrivalsLate,
    onNear,
    counters: counters.door,
    clock: systemClock,
    log: (line) => (options.log ?? announce)(`${options.edgeId}: ${line}`),
  })
}

/** Throws `unavailable` when `what`, which nobody listens to right now, has to give way. */
export function shedUnder(
  pressure: Pressure,
  what: Shed,
  admission: Admission,
  counters: EdgeCounters,
): void {
  const { taken, streamsMax } = admission.report()
  if (!pressure.shedsRest(taken, streamsMax)) return
  counters.door.shed[what] += 1
  throw new MimbarError('unavailable', 'Those who listen come first right now; please try again.')
}

/** An edge without a key makes one of its own, which no other edge knows. */
function macsOf(keys: readonly Uint8Array[]): readonly [TicketMac, ...TicketMac[]] {
  const [first = randomBytes(32), ...others] = keys
  return [macOf(first), ...others.map(macOf)]
}

const macOf =
  (key: Uint8Array): TicketMac =>
  (message) =>
    createHmac('sha256', key).update(message).digest('base64url')

/** Streams, and players that poll: whoever is served takes a slot. */
function takenSlots(readers: SpaceReaders): number {
  const now = systemClock.now()
  let pollers = 0
  for (const reader of readers.all().values()) pollers += reader.pollers.count(now)
  return readers.streams + pollers
}
