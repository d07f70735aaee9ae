import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { Seat } from '../../core/api/api.ts'
import { SEATS_MAX, type SpaceFacts } from '../../core/space/facts.ts'
import { startTestbed, type Testbed } from './testbed.test.ts'

let bed: Testbed
beforeAll(async () => {
  bed = await startTestbed()
})
afterAll(() => bed.stop())

const seatPath = (seat: Seat) => `/api/v1/spaces/${seat.space}/seats/${seat.id}`
const seatsOf = async (space: string) => {
  const fact = await bed.engine.roster.get(`space/${space}`)
  return (fact?.value as SpaceFacts | undefined)?.seats ?? []
}

describe('a seat', () => {
  test('is opened by the invitation and held by a cookie that goes to this space alone', async () => {
    const { space, speaker } = await bed.createSpace()
    const { seat, setCookie, cookie } = await bed.sit(space.id, speaker, '  Ana ')
    expect(seat).toMatchObject({ space: space.id, name: 'Ana', role: 'speaker', muted: false })
    expect(setCookie).toMatch(
      new RegExp(
        `^mimbar_seat_${seat.id}=[\\w-]{27}; Max-Age=\\d+; Path=/api/v1/spaces/${space.id}; HttpOnly; SameSite=Strict$`,
      ),
    )
    expect(await seatsOf(space.id)).toMatchObject([{ id: seat.id, name: 'Ana', role: 'speaker' }])
    expect(await bed.get<Seat>('GET', seatPath(seat), { cookie })).toEqual(seat)
    expect((await bed.call('GET', seatPath(seat))).status).toBe(401)
  })

  test('is the same one again for a browser that holds it, with the name it now gives', async () => {
    const { space, speaker } = await bed.createSpace()
    const first = await bed.sit(space.id, speaker, 'Ana')
    await bed.get('PATCH', seatPath(first.seat), { cookie: first.cookie, json: { muted: true } })
    const again = await bed.sit(space.id, speaker, 'Anna', { cookie: first.cookie })
    expect(again.seat).toEqual({ ...first.seat, name: 'Anna', muted: true })
    expect(again.cookie).toBe(first.cookie)
    const other = await bed.sit(space.id, speaker, 'Ben')
    expect(other.seat.id).not.toBe(first.seat.id)
    expect(await seatsOf(space.id)).toHaveLength(2)
  })

  test('of the host is one: who opens the link elsewhere has it, and the browser before is out', async () => {
    const { space, host, speaker } = await bed.createSpace()
    const first = await bed.sit(space.id, host)
    const reload = await bed.sit(space.id, host, 'Ana', { cookie: first.cookie })
    expect(reload.cookie).toBe(first.cookie)
    const second = await bed.sit(space.id, host)
    expect(second.seat.id).toBe(first.seat.id)
    expect(second.cookie).not.toBe(first.cookie)
    expect((await bed.call('GET', seatPath(first.seat), { cookie: first.cookie })).status).toBe(401)
    expect((await bed.call('GET', seatPath(first.seat), { cookie: second.cookie })).status).toBe(200)
    // The host may also try the invitation: that is another seat, for another person at this browser.
    const guest = await bed.sit(space.id, speaker, 'Guest', { cookie: second.cookie })
    expect(guest.seat).toMatchObject({ role: 'speaker', name: 'Guest' })
  })

  test('can be held by a Bearer token, without an origin', async () => {
    const { space, speaker } = await bed.createSpace()
    const { seat, cookie } = await bed.sit(space.id, speaker)
    const bearer = cookie.split('=')[1] ?? ''
    const options = { bearer, origin: null, json: { muted: true } }
    expect(await bed.get<Seat>('PATCH', seatPath(seat), options)).toMatchObject({ muted: true })
  })

  test('is refused when the stage is full, and free again when somebody leaves', async () => {
    const { space, speaker, host } = await bed.createSpace()
    const seats = []
    for (let n = 0; n < SEATS_MAX; n++) seats.push(await bed.sit(space.id, speaker, `Person ${n}`))
    const json = { secret: host, name: 'Late' }
    const full = await bed.call('POST', `/api/v1/spaces/${space.id}/seats`, { json })
    expect(full.status).toBe(429)
    const last = seats[SEATS_MAX - 1]
    if (last === undefined) throw new Error('no seat was taken')
    expect((await bed.call('DELETE', seatPath(last.seat), { cookie: last.cookie })).status).toBe(204)
    await bed.sit(space.id, host, 'Late')
  })

  test.each([
    ['an unknown secret', { secret: 'unknown', name: 'Ana' }, 401],
    ['no secret', { name: 'Ana' }, 400],
    ['no name', { secret: 'x' }, 400],
    ['a huge secret', { secret: 'x'.repeat(1_000), name: 'Ana' }, 400],
  ])('is refused for %s', async (_, json, status) => {
    const { space } = await bed.createSpace()
    expect((await bed.call('POST', `/api/v1/spaces/${space.id}/seats`, { json })).status).toBe(status)
  })

  test('does not take a name that others could not read', async () => {
    const { space, speaker } = await bed.createSpace()
    for (const name of ['', ' ', 'x'.repeat(41), 'a\nb', 'a\u202eb']) {
      const json = { secret: speaker, name }
      expect((await bed.call('POST', `/api/v1/spaces/${space.id}/seats`, { json })).status).toBe(400)
    }
    expect(await seatsOf(space.id)).toHaveLength(0)
  })

  test('cannot be taken once the space has ended', async () => {
    const { space, speaker } = await bed.createSpace()
    const operator = { bearer: bed.operatorSecret }
    await bed.get('POST', `/api/v1/spaces/${space.id}/start`, operator)
    await bed.get('POST', `/api/v1/spaces/${space.id}/end`, operator)
    const json = { secret: speaker, name: 'Late' }
    expect((await bed.call('POST', `/api/v1/spaces/${space.id}/seats`, { json })).status).toBe(410)
  })

  test('taken by many at the same moment is as many seats', async () => {
    const { space, speaker } = await bed.createSpace()
    const all = await Promise.all(Array.from({ length: 8 }, (_, n) => bed.sit(space.id, speaker, `P ${n}`)))
    expect(new Set(all.map((one) => one.seat.id)).size).toBe(8)
    expect(await seatsOf(space.id)).toHaveLength(8)
  })
})

describe('a host', () => {
  test('mutes others and cannot open their microphones or rename them; they can', async () => {
    const { space, host, speaker } = await bed.createSpace()
    const boss = await bed.sit(space.id, host, 'Host')
    const guest = await bed.sit(space.id, speaker, 'Guest')
    const patch = (json: object, cookie: string) => bed.call('PATCH', seatPath(guest.seat), { json, cookie })
    expect((await patch({ muted: true }, boss.cookie)).status).toBe(200)
    expect((await seatsOf(space.id)).find((seat) => seat.id === guest.seat.id)?.muted).toBe(true)
    expect((await patch({ muted: false }, boss.cookie)).status).toBe(403)
    expect((await patch({ name: 'Fool' }, boss.cookie)).status).toBe(403)
    expect((await patch({ muted: false, name: 'Guest 2' }, guest.cookie)).status).toBe(200)
    expect((await patch({ muted: 'yes' }, guest.cookie)).status).toBe(400)
    expect((await patch({ name: ' ' }, guest.cookie)).status).toBe(400)
    const own = await bed.call('PATCH', seatPath(boss.seat), { json: { muted: true }, cookie: guest.cookie })
    expect(own.status).toBe(403)
  })

  test('removes others, whose token then opens nothing', async () => {
    const { space, host, speaker } = await bed.createSpace()
    const boss = await bed.sit(space.id, host, 'Host')
    const guest = await bed.sit(space.id, speaker, 'Guest')
    expect((await bed.call('DELETE', seatPath(boss.seat), { cookie: guest.cookie })).status).toBe(403)
    expect((await bed.call('DELETE', seatPath(guest.seat), { cookie: boss.cookie })).status).toBe(204)
    expect((await bed.call('DELETE', seatPath(guest.seat), { cookie: boss.cookie })).status).toBe(204)
    expect((await bed.call('GET', seatPath(guest.seat), { cookie: guest.cookie })).status).toBe(401)
    expect(await seatsOf(space.id)).toHaveLength(1)
  })

  test('who leaves and comes back sits in the same seat, and the token of before stays out', async () => {
    const { space, host } = await bed.createSpace()
    const before = await bed.sit(space.id, host)
    const left = await bed.call('DELETE', seatPath(before.seat), { cookie: before.cookie })
    expect(left.headers.get('set-cookie')).toContain('Max-Age=0')
    const after = await bed.sit(space.id, host)
    expect(after.seat.id).toBe(before.seat.id)
    expect((await bed.call('GET', seatPath(before.seat), { cookie: before.cookie })).status).toBe(401)
  })
})
