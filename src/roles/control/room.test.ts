// Running the room: co-hosts, locking, muting all, removing, blocking and taking it back; and who holds it while the
// host is away.

import { Database } from 'bun:sqlite'
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { until } from '../../../test/harness/until.ts'
import type { SeatId, SpaceId, StageId } from '../../base/ids.ts'
import { dbov, epoch, wallMillis } from '../../base/units.ts'
import type { Link, Problem, Seat } from '../../core/api/api.ts'
import {
  type ObservedSeat,
  type ObservedSpace,
  observedTopic,
  type SpaceFacts,
} from '../../core/space/facts.ts'
import { type SeatInHand, secretOf, startTestbed, type Testbed } from './testbed.test.ts'

const HOST_AWAY_MS = 1_500
const WITHIN_MS = 20_000

let bed: Testbed
/** The last test starts control anew, on the folder and the engine of the first. */
const beds: Testbed[] = []
beforeAll(async () => {
  bed = await startTestbed({ hostAwayMs: HOST_AWAY_MS })
  beds.push(bed)
})
afterAll(async () => {
  for (const one of beds.reverse()) await one.stop()
})

const seatPath = (seat: Seat, act = '') => `/api/v1/spaces/${seat.space}/seats/${seat.id}${act}`
const factsOf = async (space: SpaceId) => (await bed.engine.roster.get(`space/${space}`))?.value as SpaceFacts
const namesOf = async (space: SpaceId) => (await factsOf(space)).seats.map((seat) => seat.name)
const status = async (answer: Promise<Response>) => (await answer).status
const detail = async (answer: Promise<Response>) => ((await (await answer).json()) as Problem).detail

/** A space with Host, Cohost and Guest on its stage, who sat down in this order. */
async function room() {
  const made = await bed.createSpace()
  const host = await bed.sit(made.space.id, made.host, 'Host')
  const cohost = await bed.sit(made.space.id, secretOf(made.links.cohost), 'Cohost')
  const guest = await bed.sit(made.space.id, made.speaker, 'Guest')
  const { speaker, links, space } = made
  return {
    id: space.id,
    path: `/api/v1/spaces/${space.id}`,
    links,
    hostSecret: made.host,
    speaker,
    host,
    cohost,
    guest,
  }
}
const takeSeat = (path: string, secret: string, cookie?: string) =>
  bed.call('POST', `${path}/seats`, {
    json: { secret, name: 'Back' },
    ...(cookie === undefined ? {} : { cookie }),
  })

describe('a co-host', () => {
  test('comes by a link of its own, and runs the room beside the host', async () => {
    const { path, host, cohost, guest, links } = await room()
    expect(links.cohost).toContain('/stage#cohost=')
    expect(cohost.seat.role).toBe('cohost')
    const as = { cookie: cohost.cookie }
    for (const { seat } of [guest, host]) {
      expect(await status(bed.call('PATCH', seatPath(seat), { ...as, json: { muted: true } }))).toBe(200)
    }
    expect(await status(bed.call('PATCH', seatPath(guest.seat), { ...as, json: { muted: false } }))).toBe(403)
    expect(await status(bed.call('POST', `${path}/start`, as))).toBe(200)
    expect(await status(bed.call('DELETE', seatPath(guest.seat), as))).toBe(204)
    expect(await status(bed.call('POST', `${path}/end`, as))).toBe(200)
  })

  test('removes and blocks neither the host nor another co-host; the host does', async () => {
    const { id, links, host, cohost } = await room()
    const second = await bed.sit(id, secretOf(links.cohost), 'Second')
    const as = { cookie: cohost.cookie }
    for (const { seat } of [host, second]) {
      expect(await status(bed.call('DELETE', seatPath(seat), as))).toBe(403)
      expect(await status(bed.call('POST', seatPath(seat, '/block'), as))).toBe(403)
    }
    expect(await detail(bed.call('DELETE', seatPath(host.seat), as))).toContain('Nobody can remove the host')
    expect(await status(bed.call('DELETE', seatPath(second.seat), { cookie: host.cookie }))).toBe(204)
    expect(await status(bed.call('POST', seatPath(second.seat, '/restore'), as))).toBe(403)
    expect(await namesOf(id)).toEqual(['Host', 'Cohost', 'Guest'])
  })

  test('is made of a speaker and back by the host alone, in the same seat', async () => {
    const { id, path, speaker, links, host, cohost, guest } = await room()
    const make = (role: string, { seat }: SeatInHand, cookie: string) =>
      bed.call('PATCH', seatPath(seat), { json: { role }, cookie })
    expect(await status(make('cohost', guest, cohost.cookie))).toBe(403)
    expect(await status(make('cohost', guest, guest.cookie))).toBe(403)
    expect(await status(make('speaker', host, host.cookie))).toBe(403)
    expect(await status(make('host', guest, host.cookie))).toBe(400)
    expect(await (await make('cohost', guest, host.cookie)).json()).toMatchObject({ role: 'cohost' })
    expect(await status(bed.call('POST', `${path}/seats/mute`, { cookie: guest.cookie }))).toBe(204)
    // The invitation leads back to the seat as it is, and takes nothing away.
    const again = await bed.sit(id, speaker, 'Guest', { cookie: guest.cookie })
    expect(again.seat).toMatchObject({ id: guest.seat.id, role: 'cohost' })
    expect(await status(make('speaker', guest, host.cookie))).toBe(200)
    expect(await status(bed.call('POST', `${path}/seats/mute`, { cookie: guest.cookie }))).toBe(403)
    // And who opens the co-hosts' link as a speaker becomes one, where they sit.
    const more = await bed.sit(id, secretOf(links.cohost), 'Guest', { cookie: guest.cookie })
    expect(more.seat).toMatchObject({ id: guest.seat.id, role: 'cohost' })
    expect(await namesOf(id)).toHaveLength(3)
  })

  test('makes the invitation anew, and no other link', async () => {
    const { path, speaker, cohost, guest } = await room()
    const renew = (kind: string, cookie: string) => bed.call('POST', `${path}/links/${kind}`, { cookie })
    expect(await status(renew('speaker', guest.cookie))).toBe(403)
    expect(await status(renew('cohost', cohost.cookie))).toBe(401)
    expect(await status(renew('host', cohost.cookie))).toBe(401)
    const { url } = (await (await renew('speaker', cohost.cookie)).json()) as Link
    expect(await status(takeSeat(path, speaker))).toBe(410)
    expect(await status(takeSeat(path, secretOf(url)))).toBe(201)
  })
})

describe('a locked stage', () => {
  test('turns new speakers away with a reason, and lets in who has a seat, the hosts, and all once it is unlocked', async () => {
    const { id, path, speaker, links, hostSecret, host, cohost, guest } = await room()
    const lock = (locked: boolean, cookie = host.cookie) =>
      bed.call('PATCH', path, { json: { locked }, cookie })
    expect(await status(lock(true, guest.cookie))).toBe(403)
    expect(await status(lock(true))).toBe(200)
    expect((await factsOf(id)).locked).toBe(true)
    const turnedAway = takeSeat(path, speaker)
    expect(await detail(turnedAway)).toContain('The stage is locked')
    const encoder = { bearer: speaker, headers: { 'content-type': 'application/sdp' }, body: 'v=0\r\n' }
    expect(await status(bed.call('POST', `${path}/stage`, encoder))).toBe(409)
    expect((await bed.sit(id, speaker, 'Guest', { cookie: guest.cookie })).seat.id).toBe(guest.seat.id)
    expect((await bed.sit(id, hostSecret, 'Host')).seat.id).toBe(host.seat.id)
    await bed.sit(id, secretOf(links.cohost), 'Second')
    expect(await status(lock(false, cohost.cookie))).toBe(200)
    expect((await factsOf(id)).locked).toBeUndefined()
    expect(await status(takeSeat(path, speaker))).toBe(201)
  })
})

test('muting all mutes everybody but oneself, and they unmute themselves', async () => {
  const { id, path, cohost, guest } = await room()
  expect(await status(bed.call('POST', `${path}/seats/mute`, { cookie: guest.cookie }))).toBe(403)
  expect(await status(bed.call('POST', `${path}/seats/mute`))).toBe(401)
  const mine = `${path}/seats/mute?seat=${cohost.seat.id}`
  for (let times = 0; times < 2; times++) {
    expect(await status(bed.call('POST', mine, { cookie: cohost.cookie }))).toBe(204)
    expect((await factsOf(id)).seats.map((seat) => seat.muted)).toEqual([true, false, true])
  }
  const unmute = { json: { muted: false }, cookie: guest.cookie }
  expect(await status(bed.call('PATCH', seatPath(guest.seat), unmute))).toBe(200)
})

describe('a removal', () => {
  test('can be undone for a moment: the same seat, as it was, and the token is good again', async () => {
    const { id, host, guest } = await room()
    const as = { cookie: host.cookie }
    await bed.call('PATCH', seatPath(guest.seat), { ...as, json: { muted: true } })
    const before = await bed.get<Seat>('GET', seatPath(guest.seat), { cookie: guest.cookie })
    expect(await status(bed.call('DELETE', seatPath(guest.seat), as))).toBe(204)
    expect(await status(bed.call('GET', seatPath(guest.seat), { cookie: guest.cookie }))).toBe(401)
    expect(await namesOf(id)).toEqual(['Host', 'Cohost'])
    expect(await bed.get<Seat>('POST', seatPath(guest.seat, '/restore'), as)).toEqual(before)
    expect(await bed.get<Seat>('GET', seatPath(guest.seat), { cookie: guest.cookie })).toEqual(before)
    expect(await namesOf(id)).toEqual(['Host', 'Cohost', 'Guest'])
    // Undoing it twice is doing it once.
    expect(await status(bed.call('POST', seatPath(guest.seat, '/restore'), as))).toBe(200)
  })

  test('is not undone for who left, nor by who does not run the room', async () => {
    const { host, guest, cohost } = await room()
    expect(await status(bed.call('DELETE', seatPath(cohost.seat), { cookie: cohost.cookie }))).toBe(204)
    expect(await status(bed.call('POST', seatPath(cohost.seat, '/restore'), { cookie: host.cookie }))).toBe(
      410,
    )
    expect(await status(bed.call('POST', seatPath(cohost.seat, '/restore'), { cookie: guest.cookie }))).toBe(
      403,
    )
  })
})

describe('a block', () => {
  test('keeps the browser out, whatever invitation it has; a clean one comes in, until the link is made anew', async () => {
    const { path, id, speaker, links, cohost, host, guest } = await room()
    expect(await status(bed.call('POST', seatPath(guest.seat, '/block'), { cookie: guest.cookie }))).toBe(403)
    expect(await status(bed.call('POST', seatPath(guest.seat, '/block'), { cookie: cohost.cookie }))).toBe(
      204,
    )
    expect(await namesOf(id)).toEqual(['Host', 'Cohost'])
    expect(await status(takeSeat(path, speaker, guest.cookie))).toBe(403)
    expect(await detail(takeSeat(path, secretOf(links.cohost), guest.cookie))).toContain('cannot come back')
    const { url } = await bed.get<Link>('POST', `${path}/links/speaker`, { cookie: host.cookie })
    expect(await status(takeSeat(path, secretOf(url), guest.cookie))).toBe(403)
    expect(await status(takeSeat(path, speaker))).toBe(410)
    // What a block cannot know: that a browser without a past is the same person.
    expect(await status(takeSeat(path, secretOf(url)))).toBe(201)
  })

  test('may follow a removal, and is undone', async () => {
    const { path, speaker, host, guest } = await room()
    const as = { cookie: host.cookie }
    await bed.get('DELETE', seatPath(guest.seat), as)
    await bed.get('POST', seatPath(guest.seat, '/block'), as)
    expect(await status(takeSeat(path, speaker, guest.cookie))).toBe(403)
    expect(await status(bed.call('POST', seatPath(guest.seat, '/restore'), as))).toBe(200)
    const back = await bed.sit(guest.seat.space, speaker, 'Guest', { cookie: guest.cookie })
    expect(back.seat.id).toBe(guest.seat.id)
  })
})

describe('while the host is away', () => {
  const report = (space: SpaceId, connected: readonly SeatInHand[]): ObservedSpace => ({
    space,
    stage: 'stage-0' as StageId,
    epoch: epoch(1),
    atMs: wallMillis(Date.now()),
    slate: false,
    listeners: 0,
    seats: connected.map(({ seat }) => observedSeat(seat.id)),
  })
  const observedSeat = (id: SeatId): ObservedSeat => ({
    id,
    connection: 'connected',
    muted: false,
    speaking: false,
    level: dbov(-60),
    loss: 0,
    jitterBufferMs: 40,
  })
  /** Reports that these are there, again and again, until `holder` holds the room. */
  const untilHeldBy = (space: SpaceId, holder: SeatInHand | undefined, there: readonly SeatInHand[]) =>
    until(
      `the room is held by ${holder?.seat.name ?? 'the host'}`,
      async () => {
        bed.engine.feed.publish(observedTopic(space), report(space, there))
        return (await factsOf(space)).holder === holder?.seat.id
      },
      WITHIN_MS,
    )

  /** Reports that the host is there until that is written down: the room passes on only after the host came. */
  const untilSeen = async (space: SpaceId, host: SeatInHand) => {
    const database = new Database(bed.databasePath, { readonly: true })
    const came = database.query<{ host_came: number }, [string]>('SELECT host_came FROM spaces WHERE id = ?')
    await until(
      'the host was seen',
      () => {
        bed.engine.feed.publish(observedTopic(space), report(space, [host]))
        return came.get(space)?.host_came === 1
      },
      WITHIN_MS,
    )
    database.close()
  }

  test('the co-host holds the room, then a speaker, who runs it for as long; and the host has it back', async () => {
    const { id, path, host, cohost, guest } = await room()
    await bed.get('POST', `${path}/start`, { cookie: host.cookie })
    await untilSeen(id, host)
    await untilHeldBy(id, cohost, [guest, cohost])
    await untilHeldBy(id, guest, [guest])
    const mute = { json: { muted: true }, cookie: guest.cookie }
    expect(await status(bed.call('PATCH', seatPath(host.seat), mute))).toBe(200)
    expect(await status(bed.call('DELETE', seatPath(host.seat), { cookie: guest.cookie }))).toBe(403)
    expect(await status(bed.call('DELETE', seatPath(cohost.seat), { cookie: guest.cookie }))).toBe(403)
    await untilHeldBy(id, undefined, [host, guest])
    expect(await status(bed.call('PATCH', seatPath(host.seat), mute))).toBe(403)
  }, 60_000)

  test('who is removed does not hold the room, and a control that starts anew keeps who does', async () => {
    const { id, path, host, cohost, guest } = await room()
    await bed.get('POST', `${path}/start`, { cookie: host.cookie })
    await untilSeen(id, host)
    await untilHeldBy(id, cohost, [cohost, guest])
    await bed.get('DELETE', seatPath(cohost.seat), { cookie: host.cookie })
    expect((await factsOf(id)).holder).toBeUndefined()
    await untilHeldBy(id, guest, [guest])
    const { folder, engine, control } = bed
    await control.stop()
    bed = await startTestbed({ folder, engine, hostAwayMs: 3_600_000 })
    beds.push(bed)
    await bed.control.reconciled
    await untilHeldBy(id, guest, [guest])
    await untilHeldBy(id, undefined, [host, guest])
  }, 60_000)
})
