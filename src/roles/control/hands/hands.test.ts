import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { wallMillis } from '../../../base/units.ts'
import type { HandStanding, PublicSpace, RaisedHand, StageView } from '../../../core/api/api.ts'
import { HAND_OFFER_MS, HAND_SILENT_MS, HANDS_MAX, HANDS_PER_ADDRESS_MAX } from '../../../core/hand/hands.ts'
import type { SpaceFacts } from '../../../core/space/facts.ts'
import { systemClock } from '../../../host/system-clock.ts'
import { type SeatInHand, startTestbed, type Testbed } from '../testbed.test.ts'

let bed: Testbed
/** The wall clock of control is ahead of the real one by this much. */
let aheadMs = 0
const clock = { now: () => systemClock.now(), wall: () => wallMillis(systemClock.wall() + aheadMs) }
beforeAll(async () => {
  bed = await startTestbed({ clock })
})
afterAll(() => bed.stop())

interface Room {
  readonly path: string
  readonly speaker: string
  readonly host: SeatInHand
}

/** A live space whose hands are open, with its host seated. */
async function openRoom(of: Testbed = bed): Promise<Room> {
  const created = await of.createSpace()
  const path = `/api/v1/spaces/${created.space.id}`
  const host = await of.sit(created.space.id, created.host, 'Host')
  await of.get('POST', `${path}/start`, { cookie: host.cookie })
  await of.get('PATCH', path, { cookie: host.cookie, json: { handsOpen: true } })
  return { path, host, speaker: created.speaker }
}

/** As an edge would pass it on, for the client at `address`. */
function raise({ path }: Room, name: string, address = '203.0.113.7', of: Testbed = bed): Promise<Response> {
  return fetch(`http://control${path}/hands`, {
    unix: of.socketPath,
    method: 'POST',
    headers: { 'content-type': 'application/json', 'mimbar-client-address': address },
    body: JSON.stringify({ name }),
  })
}

async function raised(room: Room, name: string, address?: string, of: Testbed = bed): Promise<RaisedHand> {
  const answer = await raise(room, name, address, of)
  expect(answer.status).toBe(201)
  return (await answer.json()) as RaisedHand
}

const ask = ({ path }: Room, { hand, token }: RaisedHand, of: Testbed = bed) =>
  of.get<HandStanding>('GET', `${path}/hands/${hand}`, { bearer: token })

const decide = ({ path, host }: Room, { hand }: RaisedHand, what: 'accept' | 'decline', of: Testbed = bed) =>
  of.call('POST', `${path}/hands/${hand}/${what}`, { cookie: host.cookie })

const takeSeat = ({ path }: Room, secret: string) =>
  bed.call('POST', `${path}/seats`, { json: { secret, name: 'Rani' } })

async function firstView(seat: SeatInHand): Promise<StageView> {
  const url = `/api/v1/spaces/${seat.seat.space}/stage/events?seat=${seat.seat.id}`
  const response = await bed.call('GET', url, { cookie: seat.cookie })
  const reader = (response.body as ReadableStream<Uint8Array>).getReader()
  let text = ''
  try {
    for (;;) {
      const { value, done } = await reader.read()
      if (done) throw new Error('the stream of views ended')
      text += new TextDecoder().decode(value)
      const data = /event: view\ndata: (.*)\n/.exec(text)?.[1]
      if (data !== undefined) return JSON.parse(data) as StageView
    }
  } finally {
    await reader.cancel()
  }
}

describe('a hand', () => {
  test('goes up while hands are open, and everybody reads whether they are', async () => {
    const created = await bed.createSpace()
    const path = `/api/v1/spaces/${created.space.id}`
    const host = await bed.sit(created.space.id, created.host, 'Host')
    const room = { path, host, speaker: '' }
    expect((await raise(room, 'Rani')).status).toBe(409)
    const operator = { bearer: bed.operatorSecret }
    const open = await bed.get<PublicSpace>('PATCH', path, { ...operator, json: { handsOpen: true } })
    expect(open.handsOpen).toBe(true)
    // Open, and not yet begun: nobody is there to be asked.
    expect((await raise(room, 'Rani')).status).toBe(409)
    await bed.get('POST', `${path}/start`, operator)
    await raised(room, 'Rani')
    const guest = await bed.sit(created.space.id, created.speaker, 'Guest')
    const change = { cookie: guest.cookie, json: { handsOpen: false } }
    expect((await bed.call('PATCH', path, change)).status).toBe(403)
    const closed = await bed.get<PublicSpace>('PATCH', path, { ...change, cookie: host.cookie })
    expect('handsOpen' in closed).toBe(false)
    expect((await raise(room, 'Late')).status).toBe(409)
    const fact = (await bed.engine.roster.get(`space/${created.space.id}`))?.value as SpaceFacts
    expect('handsOpen' in fact).toBe(false)
  })

  test('has its place in the queue, which moves on as others are answered or go down', async () => {
    const room = await openRoom()
    const hands: RaisedHand[] = []
    for (const name of ['Ana', 'Budi', 'Citra', 'Dewi']) hands.push(await raised(room, name))
    const [first, second, third, fourth] = hands as [RaisedHand, RaisedHand, RaisedHand, RaisedHand]
    expect([first, second, third, fourth].map(({ standing }) => standing.place)).toEqual([1, 2, 3, 4])
    const shown = (await firstView(room.host)).hands?.queue?.map(({ name }) => name)
    expect(shown).toEqual(['Ana', 'Budi', 'Citra', 'Dewi'])
    expect((await decide(room, first, 'accept')).status).toBe(204)
    expect((await decide(room, second, 'decline')).status).toBe(204)
    const { path } = room
    expect((await bed.call('DELETE', `${path}/hands/${third.hand}`, { bearer: third.token })).status).toBe(
      204,
    )
    expect(await ask(room, first)).toMatchObject({ state: 'accepted' })
    expect(await ask(room, second)).toMatchObject({ state: 'declined' })
    expect((await bed.call('GET', `${path}/hands/${third.hand}`, { bearer: third.token })).status).toBe(410)
    expect(await ask(room, fourth)).toMatchObject({ state: 'raised', place: 1 })
    expect((await decide(room, third, 'accept')).status).toBe(410)
    expect((await decide(room, second, 'accept')).status).toBe(409)
    expect((await bed.call('DELETE', `${path}/hands`, { cookie: room.host.cookie })).status).toBe(204)
    expect(await ask(room, fourth)).toMatchObject({ state: 'lowered' })
    // Who was called may still come.
    expect(await ask(room, first)).toMatchObject({ state: 'accepted' })
  })

  test('is its owner’s: without its token nobody learns of it, and only who runs the room decides', async () => {
    const room = await openRoom()
    const mine = await raised(room, 'Rani')
    const other = await raised(room, 'Sari')
    const path = `${room.path}/hands/${mine.hand}`
    for (const bearer of [other.token, 'x', bed.operatorSecret]) {
      expect((await bed.call('GET', path, { bearer })).status).toBe(410)
      expect((await bed.call('DELETE', path, { bearer })).status).toBe(410)
    }
    expect((await bed.call('GET', path)).status).toBe(401)
    const guest = await bed.sit(room.host.seat.space, room.speaker, 'Guest')
    for (const what of ['accept', 'decline']) {
      expect((await bed.call('POST', `${path}/${what}`, { cookie: guest.cookie })).status).toBe(403)
      expect((await bed.call('POST', `${path}/${what}`, { bearer: mine.token })).status).toBe(401)
    }
    expect((await bed.call('DELETE', `${room.path}/hands`, { cookie: guest.cookie })).status).toBe(403)
    expect(await ask(room, mine)).toMatchObject({ state: 'raised' })
    const names = (view: StageView) => view.hands?.queue?.map(({ name }) => name).toSorted()
    expect(names(await firstView(room.host))).toEqual(['Rani', 'Sari'])
    const seen = await firstView(guest)
    expect(seen.hands).toEqual({ open: true, count: 2 })
    expect(JSON.stringify(seen)).not.toContain('Rani')
  })

  test('is refused for a name that others could not read, and beyond what a network or a space may have up', async () => {
    const room = await openRoom()
    for (const name of ['', ' ', 'x'.repeat(41), 'a\nb', 'a\u202eb']) {
      expect((await raise(room, name)).status).toBe(400)
    }
    for (let n = 0; n < HANDS_PER_ADDRESS_MAX; n++) await raised(room, `One ${n}`, '203.0.113.7')
    expect((await raise(room, 'One more', '203.0.113.7')).status).toBe(429)
    for (let n = HANDS_PER_ADDRESS_MAX; n < HANDS_MAX; n++) await raised(room, `Many ${n}`, `198.51.100.${n}`)
    const full = await raise(room, 'Too many', '192.0.2.1')
    expect(full.status).toBe(429)
    expect(((await full.json()) as { detail: string }).detail).toContain('Too many hands')
    const view = await firstView(room.host)
    expect(view.hands?.count).toBe(HANDS_MAX)
    expect(view.hands?.queue?.length).toBeLessThan(HANDS_MAX)
  })
})

describe('an accepted hand', () => {
  test('opens one speaker’s seat, exactly once, and is gone when the seat is', async () => {
    const room = await openRoom()
    const hand = await raised(room, 'Rani')
    expect((await takeSeat(room, hand.token)).status).toBe(410)
    await decide(room, hand, 'accept')
    const tries = await Promise.all(Array.from({ length: 6 }, () => takeSeat(room, hand.token)))
    expect(tries.map(({ status }) => status).toSorted()).toEqual([201, 410, 410, 410, 410, 410])
    const seat = (await tries.find(({ status }) => status === 201)?.json()) as { id: string; role: string }
    expect(seat.role).toBe('speaker')
    expect(await ask(room, hand)).toMatchObject({ state: 'seated' })
    const remove = { cookie: room.host.cookie }
    expect((await bed.call('DELETE', `${room.path}/seats/${seat.id}`, remove)).status).toBe(204)
    const asked = await bed.call('GET', `${room.path}/hands/${hand.hand}`, { bearer: hand.token })
    expect(asked.status).toBe(410)
    expect((await takeSeat(room, hand.token)).status).toBe(401)
  })

  test('leaves its seat when its owner lowers it', async () => {
    const room = await openRoom()
    const hand = await raised(room, 'Rani')
    await decide(room, hand, 'accept')
    expect((await takeSeat(room, hand.token)).status).toBe(201)
    await bed.get('DELETE', `${room.path}/hands/${hand.hand}`, { bearer: hand.token })
    expect((await firstView(room.host)).seats.map(({ name }) => name)).toEqual(['Host'])
  })

  test('expires when nobody comes, and may be called again while it has not', async () => {
    const room = await openRoom()
    const hand = await raised(room, 'Rani')
    await decide(room, hand, 'accept')
    aheadMs += HAND_OFFER_MS - 30_000
    expect((await decide(room, hand, 'accept')).status).toBe(204)
    aheadMs += HAND_OFFER_MS - 30_000
    expect(await ask(room, hand)).toMatchObject({ state: 'accepted' })
    aheadMs += 30_000
    expect(await ask(room, hand)).toMatchObject({ state: 'expired' })
    expect((await takeSeat(room, hand.token)).status).toBe(410)
    expect((await firstView(room.host)).hands).toEqual({ open: true, count: 0, queue: [] })
  })
})

test('a hand whose page has gone goes down by itself, and one whose page asks stays up', async () => {
  const room = await openRoom()
  const gone = await raised(room, 'Gone')
  const here = await raised(room, 'Here')
  aheadMs += HAND_SILENT_MS / 2
  await ask(room, here)
  aheadMs += HAND_SILENT_MS / 2
  expect(await ask(room, here)).toMatchObject({ state: 'raised', place: 1 })
  const asked = await bed.call('GET', `${room.path}/hands/${gone.hand}`, { bearer: gone.token })
  expect(asked.status).toBe(410)
})

test('hands end with the space: nobody is told of one, and none goes up', async () => {
  const room = await openRoom()
  const hand = await raised(room, 'Rani')
  await bed.get('POST', `${room.path}/end`, { cookie: room.host.cookie })
  const asked = await bed.call('GET', `${room.path}/hands/${hand.hand}`, { bearer: hand.token })
  expect(asked.status).toBe(410)
  expect((await raise(room, 'Late')).status).toBe(410)
})

test('hands outlive control: after a restart the queue, the order and the invitation are what they were', async () => {
  const first = await startTestbed()
  const room = await openRoom(first)
  const hands: RaisedHand[] = []
  for (let n = 0; n < 5; n++) hands.push(await raised(room, `Person ${n}`, undefined, first))
  const [called, ...waiting] = hands as [RaisedHand, ...RaisedHand[]]
  await decide(room, called, 'accept', first)
  const places = await Promise.all(waiting.map((hand) => ask(room, hand, first)))
  await first.control.stop()
  const again = await startTestbed({ folder: first.folder, engine: first.engine })
  try {
    expect(places.map(({ place }) => place)).toEqual([1, 2, 3, 4])
    expect(await Promise.all(waiting.map((hand) => ask(room, hand, again)))).toEqual(places)
    const json = { secret: called.token, name: 'Rani' }
    expect((await again.call('POST', `${room.path}/seats`, { json })).status).toBe(201)
    expect((await again.call('POST', `${room.path}/seats`, { json })).status).toBe(410)
  } finally {
    await again.control.stop()
    await first.stop()
  }
}, 20_000)
