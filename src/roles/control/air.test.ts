// Backstage, hold and abandoned spaces, as control keeps them.

import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '../../../test/harness/until.ts'
import type { Clock } from '../../base/clock.ts'
import type { SeatId, SpaceId, StageId } from '../../base/ids.ts'
import { dbov, epoch, millis, wallMillis } from '../../base/units.ts'
import type { PublicSpace, Seat } from '../../core/api/api.ts'
import { RETURN_MS } from '../../core/space/abandonment.ts'
import { type ObservedSpace, type SpaceFacts, spaceKey } from '../../core/space/facts.ts'
import { startTestbed, type Testbed } from './testbed.test.ts'

const factsOf = async (bed: Testbed, id: SpaceId) =>
  (await bed.engine.roster.get(spaceKey(id)))?.value as SpaceFacts

describe('on air and off', () => {
  let bed: Testbed
  beforeAll(async () => {
    bed = await startTestbed()
  })
  afterAll(() => bed.stop())

  const liveSpace = async (fields: Record<string, unknown> = {}) => {
    const made = await bed.createSpace(fields)
    const host = await bed.sit(made.space.id, made.host, 'Ana')
    await bed.get('POST', `/api/v1/spaces/${made.space.id}/start`, { cookie: host.cookie })
    return { ...made, id: made.space.id, path: `/api/v1/spaces/${made.space.id}`, host: host.cookie }
  }

  test('the host puts people on and off air; they step back by themselves, and never forward', async () => {
    const { id, path, speaker, host } = await liveSpace()
    const rina = await bed.sit(id, speaker, 'Rina')
    const budi = await bed.sit(id, speaker, 'Budi')
    const put = (seat: SeatId, onAir: boolean, cookie: string) =>
      bed.call('PATCH', `${path}/seats/${seat}`, { json: { onAir }, cookie })
    const isOnAir = async () => (await factsOf(bed, id)).seats.find((seat) => seat.id === rina.seat.id)?.onAir
    expect(await isOnAir()).toBeUndefined()

    const back = (await (await put(rina.seat.id, false, rina.cookie)).json()) as Seat
    expect(back.onAir).toBe(false)
    expect(await isOnAir()).toBe(false)
    expect((await put(rina.seat.id, true, rina.cookie)).status).toBe(403)
    expect((await put(rina.seat.id, true, budi.cookie)).status).toBe(403)
    expect((await put(rina.seat.id, true, host)).status).toBe(200)
    expect(await isOnAir()).toBeUndefined()
    expect((await put(rina.seat.id, false, host)).status).toBe(200)
    expect(await isOnAir()).toBe(false)
  })

  test('newcomers wait backstage where that is the setting, and keep their place when they come back', async () => {
    const { id, path, speaker, host } = await liveSpace({ arrivals: 'backstage' })
    const rina = await bed.sit(id, speaker, 'Rina')
    expect(rina.seat.onAir).toBe(false)
    await bed.get('PATCH', `${path}/seats/${rina.seat.id}`, { json: { onAir: true }, cookie: host })
    expect((await bed.sit(id, speaker, 'Rina', { cookie: rina.cookie })).seat.onAir).toBeUndefined()
    const patch = (json: unknown, cookie: string) => bed.call('PATCH', path, { json, cookie })
    expect((await patch({ arrivals: 'on-air' }, rina.cookie)).status).toBe(403)
    expect((await patch({ arrivals: 'in-the-hall' }, host)).status).toBe(400)
    expect((await patch({ arrivals: 'on-air' }, host)).status).toBe(200)
    expect((await bed.sit(id, speaker, 'Budi')).seat.onAir).toBeUndefined()
  })

  test('one press holds, one resumes, by who runs the room alone, and everybody can read it', async () => {
    const { id, path, speaker, host } = await liveSpace()
    const rina = await bed.sit(id, speaker, 'Rina')
    const post = (what: string, cookie: string) => bed.call('POST', `${path}/${what}`, { cookie })
    expect((await post('hold', rina.cookie)).status).toBe(403)
    expect((await bed.call('POST', `${path}/hold`)).status).toBe(401)
    const held = (await (await post('hold', host)).json()) as PublicSpace
    expect(held.heldSinceMs).toBeGreaterThan(Date.now() - 60_000)
    const again = (await (await post('hold', host)).json()) as PublicSpace
    expect(again.heldSinceMs).toBe(held.heldSinceMs as number)
    expect((await factsOf(bed, id)).heldSinceMs).toBe(wallMillis(held.heldSinceMs as number))
    expect((await post('resume', rina.cookie)).status).toBe(403)
    expect(((await (await post('resume', host)).json()) as PublicSpace).heldSinceMs).toBeUndefined()
    expect((await factsOf(bed, id)).heldSinceMs).toBeUndefined()
  })

  test('there is nothing to hold before the start', async () => {
    const { space, host } = await bed.createSpace()
    const { cookie } = await bed.sit(space.id, host)
    expect((await bed.call('POST', `/api/v1/spaces/${space.id}/hold`, { cookie })).status).toBe(409)
  })
})

/** The wall clock of this machine, which a test may put forward; waiting goes by the real one. */
class ForwardClock implements Clock {
  #aheadMs = 0
  readonly now = () => millis(performance.now())
  readonly wall = () => wallMillis(Date.now() + this.#aheadMs)
  forward(byMs: number): void {
    this.#aheadMs += byMs
  }
  /** Twice as fast, in steps small enough that looks and reports don't miss each other. */
  hurry(): () => void {
    const timer = setInterval(() => this.forward(250), 250)
    return () => clearInterval(timer)
  }
}

describe('an abandoned space', () => {
  const WAIT_MS = 1_000
  const report = (
    id: SpaceId,
    seat: SeatId,
    connection: 'absent' | 'connected',
    now: number,
  ): ObservedSpace => ({
    space: id,
    stage: 'stage-0' as StageId,
    epoch: epoch(1),
    atMs: wallMillis(now),
    slate: true,
    listeners: 0,
    seats: [
      {
        id: seat,
        connection,
        muted: false,
        speaking: false,
        level: dbov(-127),
        loss: 0,
        jitterBufferMs: 0,
      },
    ],
  })

  /** A live space, and a stage that reports on it until the returned function is called. */
  async function live(bed: Testbed, clock: Clock, connection: { now: 'absent' | 'connected' | 'silent' }) {
    const { space, host } = await bed.createSpace()
    const { seat, cookie } = await bed.sit(space.id, host)
    await bed.get('POST', `/api/v1/spaces/${space.id}/start`, { cookie })
    const timer = setInterval(() => {
      if (connection.now === 'silent') return
      bed.engine.feed.publish(`observed/${space.id}`, report(space.id, seat.id, connection.now, clock.wall()))
    }, 100)
    const read = () => bed.get<PublicSpace>('GET', `/api/v1/spaces/${space.id}`)
    return { id: space.id, read, stop: () => clearInterval(timer) }
  }

  test('is not ended while nobody reports, is announced when it is seen empty, ends, and says why', async () => {
    const lines: string[] = []
    const clock = new ForwardClock()
    const bed = await startTestbed({ clock, abandonedEndMs: WAIT_MS, log: (line) => lines.push(line) })
    const connection: { now: 'absent' | 'connected' | 'silent' } = { now: 'silent' }
    const space = await live(bed, clock, connection)
    try {
      // Nothing was observed, so nothing happens.
      await Bun.sleep(3 * WAIT_MS)
      expect(await space.read()).toMatchObject({ phase: 'live' })
      expect((await space.read()).endsAtMs).toBeUndefined()
      connection.now = 'connected'
      await Bun.sleep(2 * WAIT_MS)
      expect((await space.read()).phase).toBe('live')
      connection.now = 'absent'
      await until('it has ended', async () => (await space.read()).phase === 'ended', 30_000)
      expect((await space.read()).endsAtMs).toBeUndefined()
      expect(lines.join('\n')).toContain(`space ${space.id} ended: its stage was empty for too long`)
    } finally {
      space.stop()
      await bed.stop()
    }
  }, 60_000)

  test('is announced to everybody, survives a restart of control, and is called off by any return', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'mimbar-control-'))
    const clock = new ForwardClock()
    const waitMs = 30 * 60_000
    const before = await startTestbed({ clock, folder, abandonedEndMs: waitMs })
    let bed = before
    const { engine } = before
    const stopHurry = clock.hurry()
    const connection: { now: 'absent' | 'connected' | 'silent' } = { now: 'absent' }
    const space = await live(bed, clock, connection)
    const announced = async () =>
      ((await engine.roster.get(spaceKey(space.id)))?.value as SpaceFacts | undefined)?.endsAtMs
    try {
      const endsAtMs = await until('it is announced', announced, 60_000)
      expect(endsAtMs - clock.wall()).toBeGreaterThan(waitMs - 60_000)
      expect((await space.read()).endsAtMs).toBe(endsAtMs)
      // Control is away until long after the announced end: that alone ends nothing, there is time to return.
      await before.control.stop()
      clock.forward(2 * waitMs)
      bed = await startTestbed({ clock, folder, engine, abandonedEndMs: waitMs })
      const later = await until(
        'the end is put off',
        async () => {
          const at = await announced()
          return at !== endsAtMs && at
        },
        60_000,
      )
      expect(later - clock.wall()).toBeGreaterThan(RETURN_MS - 60_000)
      connection.now = 'connected'
      await until('it is called off', async () => (await announced()) === undefined, 60_000)
      expect((await factsOf(bed, space.id)).phase).toBe('live')
    } finally {
      stopHurry()
      space.stop()
      await bed.stop()
      await before.stop()
      rmSync(folder, { recursive: true, force: true })
    }
  }, 240_000)
})
