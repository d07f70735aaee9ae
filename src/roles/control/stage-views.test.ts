import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { until } from '../../../test/harness/until.ts'
import { parseSpaceId, type SeatId, type SpaceId, type StageId } from '../../base/ids.ts'
import { dbov, epoch, wallMillis } from '../../base/units.ts'
import type { PublicSpace, StageView } from '../../core/api/api.ts'
import type { ObservedSpace } from '../../core/space/facts.ts'
import { STREAMS_PER_SEAT_MAX } from './stage-views.ts'
import { startTestbed, type Testbed } from './testbed.test.ts'

let bed: Testbed
beforeAll(async () => {
  bed = await startTestbed()
})
afterAll(() => bed.stop())

/** Reads `view` events one by one; `comments` counts the heartbeats between them. */
class Views {
  comments = 0
  readonly #reader: {
    read(): Promise<{ done: boolean; value?: Uint8Array | undefined }>
    cancel(): Promise<void>
  }
  #text = ''

  private constructor(body: ReadableStream<Uint8Array>) {
    this.#reader = body.getReader()
  }

  static async open(seat: { space: SpaceId; id: SeatId }, cookie: string): Promise<Views> {
    const path = `/api/v1/spaces/${seat.space}/stage/events?seat=${seat.id}`
    const response = await bed.call('GET', path, { cookie })
    expect(response.headers.get('content-type')).toStartWith('text/event-stream')
    if (response.body === null) throw new Error('no body')
    return new Views(response.body)
  }

  /** The next view; undefined when the stream has ended. */
  async next(): Promise<StageView | undefined> {
    for (;;) {
      const end = this.#text.indexOf('\n\n')
      if (end >= 0) {
        const block = this.#text.slice(0, end)
        this.#text = this.#text.slice(end + 2)
        if (block.startsWith(':')) this.comments += 1
        const data = /^event: view\ndata: (.*)$/.exec(block)?.[1]
        if (data !== undefined) return JSON.parse(data) as StageView
        continue
      }
      const chunk = await this.#reader.read()
      if (chunk.done) return undefined
      this.#text += new TextDecoder().decode(chunk.value)
    }
  }

  async until(what: string, holds: (view: StageView) => boolean): Promise<StageView> {
    for (let view = await this.next(); view !== undefined; view = await this.next())
      if (holds(view)) return view
    throw new Error(`the stream ended before ${what}`)
  }

  close = () => this.#reader.cancel()
}

describe('the stage view', () => {
  const observed = (space: SpaceId, seat: SeatId, more: Partial<ObservedSpace> = {}): ObservedSpace => ({
    space,
    stage: 'stage-0' as StageId,
    epoch: epoch(3),
    atMs: wallMillis(Date.now()),
    slate: false,
    listeners: 0,
    seats: [
      {
        id: seat,
        connection: 'connected',
        muted: false,
        speaking: true,
        level: dbov(-20),
        loss: 0,
        jitterBufferMs: 40,
      },
    ],
    ...more,
  })
  const publish = (report: ObservedSpace) => bed.engine.feed.publish(`observed/${report.space}`, report)

  test('shows desired and observed side by side, and changes as they do', async () => {
    const { space, speaker, host } = await bed.createSpace()
    const me = await bed.sit(space.id, speaker, 'Ana')
    const views = await Views.open(me.seat, me.cookie)
    const before = await views.next()
    expect(before).toMatchObject({ me: me.seat.id, seats: [{ id: me.seat.id, name: 'Ana' }] })
    expect(before?.stage).toBeUndefined()
    publish(observed(space.id, me.seat.id))
    const seen = await views.until('the stage is seen', (view) => view.stage !== undefined)
    expect(seen).toMatchObject({ stage: { id: 'stage-0', epoch: 3, slate: false } })
    expect(seen.seats[0]?.observed).toMatchObject({ connection: 'connected', level: -20 })
    await bed.sit(space.id, host, 'Host')
    await views.until('the host is there', (view) => view.seats.some((seat) => seat.name === 'Host'))
    await bed.get('PATCH', `/api/v1/spaces/${space.id}/seats/${me.seat.id}`, {
      cookie: me.cookie,
      json: { muted: true },
    })
    const muted = await views.until('I am muted', (view) => view.seats[0]?.muted === true)
    expect(muted.seats[0]?.observed?.muted).toBe(false)
    await views.close()
  })

  test('tells of a new stage, and does not believe the old one any more', async () => {
    const { space, host } = await bed.createSpace()
    const me = await bed.sit(space.id, host)
    const views = await Views.open(me.seat, me.cookie)
    publish(observed(space.id, me.seat.id))
    await views.until('epoch 3', (view) => view.stage?.epoch === 3)
    publish(observed(space.id, me.seat.id, { stage: 'stage-1' as StageId, epoch: epoch(4) }))
    const after = await views.until('epoch 4', (view) => view.stage?.epoch === 4)
    expect(after.stage?.id).toBe('stage-1')
    publish(observed(space.id, me.seat.id, { slate: true }))
    await bed.sit(space.id, host, 'Renamed', { cookie: me.cookie })
    const later = await views.until('a later view', (view) => view.seats[0]?.name === 'Renamed')
    expect(later.stage).toMatchObject({ id: 'stage-1', epoch: 4, slate: false })
    await views.close()
  })

  test('does not show what a stage said long ago', async () => {
    const { space, host } = await bed.createSpace()
    const me = await bed.sit(space.id, host)
    publish(observed(space.id, me.seat.id, { atMs: wallMillis(Date.now() - 60_000) }))
    const views = await Views.open(me.seat, me.cookie)
    expect((await views.next())?.stage).toBeUndefined()
    await views.close()
  })

  test('comes at most six times a second however often things change, with the last word at the end', async () => {
    const { space, host } = await bed.createSpace()
    const me = await bed.sit(space.id, host)
    const views = await Views.open(me.seat, me.cookie)
    await views.next()
    const beganAt = performance.now()
    for (let n = 1; n <= 40; n++) {
      publish(
        observed(space.id, me.seat.id, { listeners: n, seats: [], slate: n % 2 === 0, epoch: epoch(7) }),
      )
      await Bun.sleep(5)
    }
    publish(
      observed(space.id, me.seat.id, {
        stage: 'stage-0' as StageId,
        epoch: epoch(7),
        slate: true,
        seats: [
          {
            id: me.seat.id,
            connection: 'absent',
            muted: true,
            speaking: false,
            level: dbov(-127),
            loss: 1,
            jitterBufferMs: 0,
          },
        ],
      }),
    )
    let count = 1
    await views.until('the last word', (view) => {
      count += 1
      return view.seats[0]?.observed?.loss === 1
    })
    const seconds = (performance.now() - beganAt) / 1000
    expect(count).toBeLessThanOrEqual(3 + Math.ceil(seconds * 6.3))
    await views.close()
  })

  test('carries a heartbeat while nothing changes, and ends when the seat is taken away', async () => {
    const { space, host, speaker } = await bed.createSpace()
    const boss = await bed.sit(space.id, host, 'Host')
    const me = await bed.sit(space.id, speaker, 'Ana')
    const views = await Views.open(me.seat, me.cookie)
    await views.next()
    const end = views.next()
    await until('a heartbeat', () => views.comments > 0)
    await bed.call('DELETE', `/api/v1/spaces/${space.id}/seats/${me.seat.id}`, { cookie: boss.cookie })
    expect(await end).toBeUndefined()
    const path = `/api/v1/spaces/${space.id}/stage/events?seat=${me.seat.id}`
    expect((await bed.call('GET', path, { cookie: me.cookie })).status).toBe(401)
  })

  test('of one seat is open in so many tabs; a further one closes the oldest', async () => {
    const { space, host } = await bed.createSpace()
    const me = await bed.sit(space.id, host)
    const tabs: Views[] = []
    for (let n = 0; n <= STREAMS_PER_SEAT_MAX; n++) {
      const tab = await Views.open(me.seat, me.cookie)
      await tab.next()
      tabs.push(tab)
    }
    expect(await tabs[0]?.next()).toBeUndefined()
    const open = () => bed.call('GET', '/metrics').then((response) => response.text())
    expect(await open()).toContain(`mimbar_control_view_streams ${STREAMS_PER_SEAT_MAX}`)
    const path = `/api/v1/spaces/${space.id}/stage/events?seat=${me.seat.id}`
    expect((await bed.call('HEAD', path, { cookie: me.cookie })).status).toBe(200)
    expect(await open()).toContain(`mimbar_control_view_streams ${STREAMS_PER_SEAT_MAX}`)
    for (const tab of tabs) await tab.close()
    await until('every stream is let go', async () =>
      (await open()).includes('mimbar_control_view_streams 0\n'),
    )
  })
})

describe('time', () => {
  test('opens the lobby of a space that is about to begin', async () => {
    const { space } = await bed.createSpace({ scheduledAtMs: Date.now() + 60_000 })
    await until('a lobby', async () => {
      return (await bed.get<PublicSpace>('GET', `/api/v1/spaces/${space.id}`)).phase === 'lobby'
    })
    const fact = await bed.engine.roster.get(`space/${parseSpaceId(space.id)}`)
    expect(fact?.value).toMatchObject({ phase: 'lobby' })
  })
})
