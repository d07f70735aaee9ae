// What a space says of itself, through the API, the database and the Roster; and its card.

import { expect, test } from 'bun:test'
import { hasCode } from '../../base/errors.ts'
import { parseSpaceId } from '../../base/ids.ts'
import type { PublicSpace, SpaceList } from '../../core/api/api.ts'
import { type SpaceFacts, spaceKey } from '../../core/space/facts.ts'
import { systemClock } from '../../host/system-clock.ts'
import { LinkCards } from './cards/link-cards.ts'
import { startTestbed, type Testbed } from './testbed.test.ts'

const ANNOUNCED = {
  description: 'One\n\ntwo',
  language: 'id',
  people: ['Ana', 'Budi'],
  timeZone: 'Asia/Jakarta',
}

const factsOf = async ({ engine }: Testbed, id: string) =>
  (await engine.roster.get(spaceKey(parseSpaceId(id))))?.value as SpaceFacts

test('an announcement is in the Roster, changes by parts, is left short in lists, and outlives control', async () => {
  const bed = await startTestbed()
  try {
    const made = await bed.createSpace({ id: 'tea', ...ANNOUNCED, description: ' One \r\n\r\n\r\n two' })
    expect(made.space).toMatchObject(ANNOUNCED)
    expect(await factsOf(bed, 'tea')).toMatchObject(ANNOUNCED)
    const { upcoming } = await bed.get<SpaceList>('GET', '/api/v1/spaces')
    expect(upcoming[0]).toMatchObject({ id: parseSpaceId('tea'), people: ['Ana', 'Budi'] })
    expect(upcoming[0]).not.toHaveProperty('description')

    const { seat, cookie } = await bed.sit('tea', made.speaker, 'Citra')
    const change = (
      json: unknown,
      by: { bearer?: string; cookie?: string } = { bearer: bed.operatorSecret },
    ) => bed.call('PATCH', '/api/v1/spaces/tea', { json, ...by })
    expect(seat.role).toBe('speaker')
    expect((await change({ description: 'mine' }, { cookie })).status).toBe(403)
    expect((await change({ language: 'not a tag' })).status).toBe(400)
    expect((await change({ people: [], description: 'Three' })).status).toBe(200)
    const { people: _, ...left } = ANNOUNCED
    const read = await bed.get<PublicSpace>('GET', '/api/v1/spaces/tea')
    expect(read).toMatchObject({ ...left, description: 'Three' })
    expect(read).not.toHaveProperty('people')

    const picture = Buffer.from('\x89PNG\r\n\x1a\n and so on', 'latin1')
    const answer = await fetch(`${bed.url}/api/v1/spaces/tea/picture`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${bed.operatorSecret}` },
      body: picture,
    })
    expect(answer.status).toBe(200)
    const { pictureUrl = '' } = (await answer.json()) as PublicSpace

    await bed.control.stop()
    const again = await startTestbed({ engine: bed.engine, folder: bed.folder })
    expect(await again.get<PublicSpace>('GET', '/api/v1/spaces/tea')).toMatchObject({
      description: 'Three',
      pictureUrl,
    })
    expect(Buffer.from(await (await again.call('GET', pictureUrl)).bytes())).toEqual(picture)
    expect(await factsOf(again, 'tea')).toMatchObject({ ...left, description: 'Three' })
    await again.stop()
  } finally {
    await bed.stop()
  }
})

test('a card is drawn once for what it says, by a thread that ends with control', async () => {
  const said: string[] = []
  const cards = new LinkCards({ clock: systemClock, log: (line) => said.push(line) })
  const card = { title: 'Night radio', host: 'radio.example' }
  const [first, same, other] = await Promise.all([
    cards.get(card),
    cards.get({ ...card }),
    cards.get({ ...card, title: 'Day radio' }),
  ])
  expect(same).toBe(first)
  expect(Bun.hash(other)).not.toBe(Bun.hash(first))
  expect(cards.drawn).toBe(2)
  const late = cards.get({ ...card, title: 'Too late' })
  cards.stop()
  await expect(late).rejects.toThrow('cannot be drawn')
  expect(await cards.get({ ...card, title: 'Later' }).catch((error) => hasCode(error, 'unavailable'))).toBe(
    true,
  )
  expect(said).toEqual([])
})
