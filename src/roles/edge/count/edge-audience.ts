// What this edge knows of each space's audience beside the streams that it carries: which devices came (as a sketch),
// who was refused, who hears a replay, and what pages told. No address is kept anywhere: a device is a keyed hash of
// where it calls from and which browser it says it is, and the key is forgotten with the space.

import { createHmac, randomBytes } from 'node:crypto'
import type { Clock } from '../../../base/clock.ts'
import type { SpaceId } from '../../../base/ids.ts'
import { type Millis, millis } from '../../../base/units.ts'
import { addressBlock } from '../../../core/attempts/attempt-limit.ts'
import { devicesTopic, type EdgeAudience, type EdgeAudienceReport } from '../../../core/count/audience.ts'
import { DEVICE_HASH_BYTES, DeviceSketch } from '../../../core/count/device-sketch.ts'
import type { PageReport } from '../../../core/count/page-report.ts'
import { RefusalBook } from '../../../core/count/refusals.ts'
import { PollerBook } from '../../../core/count/sessions.ts'
import { REHEARSAL_HEADER } from '../../../core/rehearsal/proof.ts'
import type { SpaceFacts } from '../../../core/space/facts.ts'
import type { Feed } from '../../../engine/ports.ts'
import { gridVersion } from '../hls/segment-names.ts'
import { playerKeyOf, userAgentOf } from '../player-key.ts'

/** A sketch that has changed is told at most this often: 4 KB for each space and edge. */
const TELL_DEVICES_EVERY_MS = 5_000
/** A space's devices are remembered for this long after its end, for who resumes in the last seconds. */
const DEVICES_KEPT_MS = 60_000

/** A person's device, as far as it can be told: by the network it calls from and what its browser calls itself. */
export interface Visitor {
  readonly address: string
  readonly userAgent: string
  /** See `playerKeyOf`. */
  readonly playerKey: string
}

/** Who is behind `request`; undefined for synthetic listeners and for who only looks (HEAD): they are nobody. */
export function visitorOf(request: Request, address: string): Visitor | undefined {
  if (request.method !== 'GET' || request.headers.has(REHEARSAL_HEADER)) return undefined
  return { address, userAgent: userAgentOf(request), playerKey: playerKeyOf(request, address) }
}

interface SpaceCount {
  readonly refusals: RefusalBook
  readonly replays: PollerBook
  gaveUp: number
  couldNotPlay: number
  /** Gone a minute after the end. */
  devices: { readonly key: Buffer; readonly sketch: DeviceSketch } | undefined
  isNews: boolean
  endedAt: Millis | undefined
}

export interface EdgeAudiencesOptions {
  readonly edgeId: string
  /** The same at every edge of a node, and nowhere else: made at the start, never written down. */
  readonly deviceSecret: string
  readonly feed: Feed
  readonly clock: Clock
}

export class EdgeAudiences {
  readonly #options: EdgeAudiencesOptions
  readonly #life: number
  /** Spaces that somebody came to; the operator made each of them. */
  readonly #spaces = new Map<SpaceId, SpaceCount>()
  #toldAt: Millis = millis(0)

  constructor(options: EdgeAudiencesOptions) {
    this.#options = options
    this.#life = options.clock.wall()
  }

  /** A session of `visitor` begins. */
  joined(facts: SpaceFacts, visitor: Visitor): void {
    const count = this.#of(facts)
    if (count.devices === undefined) return
    const hash = hashOf(count.devices.key, visitor)
    if (count.devices.sketch.add(hash)) count.isNews = true
    count.refusals.admitted(hash.toString('hex'))
  }

  /** `visitor` was refused. */
  refused(facts: SpaceFacts, visitor: Visitor): void {
    const count = this.#of(facts)
    if (count.devices === undefined) return
    count.refusals.refused(hashOf(count.devices.key, visitor).toString('hex'), this.#options.clock.now())
  }

  /** `visitor` was given a piece of the replay. */
  replayed(facts: SpaceFacts, { address, userAgent }: Visitor): void {
    const key = Bun.hash(`${address} ${userAgent}`).toString(36)
    this.#of(facts).replays.sawMedia(key, this.#options.clock.now())
  }

  /** A page told how it went. */
  told(facts: SpaceFacts, { kind }: PageReport): void {
    const count = this.#of(facts)
    if (kind === 'gave-up') count.gaveUp += 1
    if (kind === 'could-not-play') count.couldNotPlay += 1
  }

  /** The space has changed; undefined: it is gone, and nothing is kept of it. */
  learn(space: SpaceId, facts: SpaceFacts | undefined): void {
    const count = this.#spaces.get(space)
    if (count === undefined) return
    if (facts === undefined) {
      this.#forgetDevices(space, count)
      this.#spaces.delete(space)
    } else if (facts.phase === 'ended') count.endedAt ??= this.#options.clock.now()
  }

  /** This edge's part of its report: what is not zero. */
  report(): EdgeAudienceReport {
    const now = this.#options.clock.now()
    const spaces: Record<string, EdgeAudience> = {}
    for (const [space, count] of this.#spaces) {
      const numbers = {
        turnedAway: count.refusals.turnedAway(now),
        gaveUp: count.gaveUp,
        couldNotPlay: count.couldNotPlay,
        replaying: count.replays.count(now),
      }
      const told = Object.entries(numbers).filter(([, value]) => value > 0)
      if (told.length > 0) spaces[space] = Object.fromEntries(told)
    }
    return { life: this.#life, spaces }
  }

  /** Who hears a replay from here now. */
  replaying(): number {
    const now = this.#options.clock.now()
    return [...this.#spaces.values()].reduce((sum, count) => sum + count.replays.count(now), 0)
  }

  /** Tells the stages which devices came, if it is time. Call once a second. */
  tellDevices(): void {
    const { edgeId, feed, clock } = this.#options
    const now = clock.now()
    if (now - this.#toldAt < TELL_DEVICES_EVERY_MS) return
    this.#toldAt = now
    for (const [space, count] of this.#spaces) {
      if (count.endedAt !== undefined && now - count.endedAt > DEVICES_KEPT_MS)
        this.#forgetDevices(space, count)
      if (count.devices === undefined || !count.isNews) continue
      count.isNews = false
      feed.publish(devicesTopic(space, edgeId), count.devices.sketch.encode())
    }
  }

  #of(facts: SpaceFacts): SpaceCount {
    let count = this.#spaces.get(facts.id)
    if (count === undefined) {
      const isOver = facts.phase === 'ended'
      count = {
        refusals: new RefusalBook(),
        replays: new PollerBook(),
        gaveUp: 0,
        couldNotPlay: 0,
        devices: isOver ? undefined : { key: this.#keyOf(facts), sketch: new DeviceSketch() },
        isNews: false,
        endedAt: isOver ? this.#options.clock.now() : undefined,
      }
      this.#spaces.set(facts.id, count)
    }
    return count
  }

  /** Of one space's broadcast: hashes of two spaces have nothing in common. */
  #keyOf({ id, gridStartMs }: SpaceFacts): Buffer {
    return createHmac('sha256', this.#options.deviceSecret)
      .update(`${id}/${gridVersion(gridStartMs)}`)
      .digest()
  }

  #forgetDevices(space: SpaceId, count: SpaceCount): void {
    if (count.devices === undefined) return
    count.devices = undefined
    this.#options.feed.publish(devicesTopic(space, this.#options.edgeId), null)
  }
}

/** What edges of one node share to recognise a device; for an edge that is alone. */
export const newDeviceSecret = (): string => randomBytes(32).toString('base64url')

// An IPv6 host picks addresses within its /64 as it likes, and changes them: the network stands for it.
function hashOf(key: Buffer, { address, userAgent }: Visitor): Buffer {
  const hash = createHmac('sha256', key)
    .update(`${addressBlock(address)}\n${userAgent}`)
    .digest()
  return hash.subarray(0, DEVICE_HASH_BYTES)
}
