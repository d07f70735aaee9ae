// The streams on which people with a seat see their stage: desired and observed state side by side, pushed on
// change, at most six times a second. A stage that took over is news that cannot wait, and is pushed at once.

import type { Clock } from '../../base/clock.ts'
import { MimbarError } from '../../base/errors.ts'
import type { SeatId, SpaceId } from '../../base/ids.ts'
import type { Millis } from '../../base/units.ts'
import type { StageView } from '../../core/api/api.ts'
import { withoutNames } from '../../core/hand/hands.ts'
import { runsRoom } from '../../core/seat/roles.ts'
import type { ObservedSpace } from '../../core/space/facts.ts'
import { publicSpaceOf } from '../../core/space/public-space.ts'
import type { Hands } from './hands/hands.ts'
import type { Observations } from './observations.ts'
import type { SpaceStore } from './space-store.ts'

/** Between two views on one stream, unless a stage took over. */
export const VIEW_EVERY_MS = 160
/** A stream that has been silent for this long carries a comment, so that both ends notice a dead one. */
export const SILENCE_MS_MAX = 600
/** How often streams are looked at; with the silence before, one carries bytes at least once a second. */
const LOOK_EVERY_MS = 300
/** A view is repeated this often though nothing changed: `EventSource` keeps comments to itself. */
export const VIEW_REPEAT_MS = 5_000
/** Tabs of one seat; a further one closes the oldest. */
export const STREAMS_PER_SEAT_MAX = 4
/** Streams of all seats. */
export const STREAMS_MAX = 2_000
/** A reader that lets this much pile up is cut off, and comes back to a fresh view. */
export const STREAM_BACKLOG_BYTES_MAX = 256 * 1024

interface Stream {
  readonly seat: SeatId
  readonly controller: ReadableStreamDefaultController<Uint8Array>
  lastSentAt: Millis
}

interface Room {
  readonly streams: Set<Stream>
  timer: Timer | undefined
  lastPushAt: Millis
  lastViewAt: Millis
  lastContent: string
}

export interface StageViewsOptions {
  readonly store: SpaceStore
  readonly observations: Observations
  readonly hands: Hands
  readonly clock: Clock
}

const encoder = new TextEncoder()

/** Owns every stream of views; `stop` closes them. */
export class StageViews {
  readonly #options: StageViewsOptions
  readonly #rooms = new Map<SpaceId, Room>()
  readonly #timer: Timer
  #open = 0

  constructor(options: StageViewsOptions) {
    this.#options = options
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS)
  }

  /** How many streams are open. */
  get open(): number {
    return this.#open
  }

  /** A stream of `view` events for one seat, the first at once. Ends when the seat is gone. `too-many` when full. */
  stream(space: SpaceId, seat: SeatId): ReadableStream<Uint8Array> {
    if (this.#open >= STREAMS_MAX)
      throw new MimbarError('too-many', 'Too many pages follow their stages now.')
    let stream: Stream | undefined
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          stream = { seat, controller, lastSentAt: this.#options.clock.now() }
          this.#enter(space, stream)
        },
        cancel: () => {
          if (stream !== undefined) this.#leave(space, stream)
        },
      },
      new ByteLengthQueuingStrategy({ highWaterMark: STREAM_BACKLOG_BYTES_MAX }),
    )
  }

  /** The facts of a space changed, or a stage reported on it. `atOnce`: do not wait for the next slot. */
  changed(space: SpaceId, atOnce = false): void {
    const room = this.#rooms.get(space)
    if (room === undefined) return
    const wait = room.lastPushAt + VIEW_EVERY_MS - this.#options.clock.now()
    if (atOnce || wait <= 0) this.#push(space, room)
    else room.timer ??= setTimeout(() => this.#push(space, room), wait)
  }

  /** Closes every stream. Idempotent. */
  stop(): void {
    clearInterval(this.#timer)
    for (const [space, room] of this.#rooms) {
      for (const stream of [...room.streams]) this.#close(space, stream)
    }
  }

  #enter(space: SpaceId, stream: Stream): void {
    const now = this.#options.clock.now()
    const fresh = {
      streams: new Set<Stream>(),
      timer: undefined,
      lastPushAt: now,
      lastViewAt: now,
      lastContent: '',
    }
    const room: Room = this.#rooms.get(space) ?? fresh
    this.#rooms.set(space, room)
    room.streams.add(stream)
    this.#open += 1
    const mine = [...room.streams].filter((other) => other.seat === stream.seat)
    if (mine.length > STREAMS_PER_SEAT_MAX) this.#close(space, mine[0] as Stream)
    const view = this.#viewOf(space)
    if (view === undefined) {
      this.#close(space, stream)
      return
    }
    if (room.lastContent === '') room.lastContent = JSON.stringify(view)
    this.#send(space, stream, 'retry: 500\n\n')
    this.#send(space, stream, eventOf(view, stream.seat, this.#options.clock))
  }

  #push(space: SpaceId, room: Room): void {
    clearTimeout(room.timer)
    room.timer = undefined
    const now = this.#options.clock.now()
    const view = this.#viewOf(space)
    if (view === undefined) {
      for (const stream of [...room.streams]) this.#close(space, stream)
      return
    }
    for (const stream of [...room.streams]) {
      if (!view.seats.some((seat) => seat.id === stream.seat)) this.#close(space, stream)
    }
    const content = JSON.stringify(view)
    if (content === room.lastContent && now - room.lastViewAt < VIEW_REPEAT_MS) return
    room.lastContent = content
    room.lastPushAt = now
    room.lastViewAt = now
    for (const stream of [...room.streams])
      this.#send(space, stream, eventOf(view, stream.seat, this.#options.clock))
  }

  /** Everything of the view that is the same for all seats; undefined when the space is gone. */
  #viewOf(space: SpaceId): Omit<StageView, 'me' | 'nowMs'> | undefined {
    const record = this.#options.store.load(space)
    if (record === undefined) return undefined
    const { observations } = this.#options
    const observed = observations.observed(space)
    const seats = record.facts.seats.map((seat) => {
      const seen = observed?.seats.find((other) => other.id === seat.id)
      return seen === undefined ? seat : { ...seat, observed: seen }
    })
    return {
      space: publicSpaceOf(record.facts, observations.audience(space)),
      seats,
      ...(record.facts.holder === undefined ? {} : { holder: record.facts.holder }),
      ...(record.facts.locked === true ? { locked: true } : {}),
      ...(observed === undefined ? {} : { stage: stageOf(observed) }),
      ...(record.facts.arrivals === undefined ? {} : { arrivals: record.facts.arrivals }),
      hands: this.#options.hands.view(record),
    }
  }

  #look(): void {
    const now = this.#options.clock.now()
    for (const [space, room] of this.#rooms) {
      // What only time changes (a report that is no longer fresh, the repetition) is noticed here.
      this.changed(space)
      for (const stream of [...room.streams]) {
        if (now - stream.lastSentAt >= SILENCE_MS_MAX) this.#send(space, stream, ':\n\n')
      }
    }
  }

  #send(space: SpaceId, stream: Stream, text: string): void {
    if ((stream.controller.desiredSize ?? 0) <= 0) {
      this.#close(space, stream)
      return
    }
    stream.controller.enqueue(encoder.encode(text))
    stream.lastSentAt = this.#options.clock.now()
  }

  #close(space: SpaceId, stream: Stream): void {
    if (!this.#leave(space, stream)) return
    try {
      stream.controller.close()
    } catch {
      // The client closed it in the same moment; then it is closed.
    }
  }

  #leave(space: SpaceId, stream: Stream): boolean {
    const room = this.#rooms.get(space)
    if (room === undefined || !room.streams.delete(stream)) return false
    this.#open -= 1
    if (room.streams.size === 0) {
      clearTimeout(room.timer)
      this.#rooms.delete(space)
    }
    return true
  }
}

function stageOf({ stage, epoch, slate, opening, held }: ObservedSpace): NonNullable<StageView['stage']> {
  return {
    id: stage,
    epoch,
    slate,
    ...(opening === undefined ? {} : { opening }),
    ...(held === undefined ? {} : { held }),
  }
}

function eventOf(view: Omit<StageView, 'me' | 'nowMs'>, me: SeatId, clock: Clock): string {
  const mine = view.seats.find(({ id }) => id === me)
  const seesNames = mine !== undefined && runsRoom(view, mine)
  const hands = view.hands === undefined || seesNames ? view.hands : withoutNames(view.hands)
  const full: StageView = { ...view, ...(hands === undefined ? {} : { hands }), me, nowMs: clock.wall() }
  return `event: view\ndata: ${JSON.stringify(full)}\n\n`
}
