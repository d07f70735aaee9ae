// What an edge answers beside the listening page: with control there, and without it.

import { afterAll, beforeAll, expect, test } from 'bun:test'
import { EdgeFixture } from '../../../../test/harness/edge-fixture.ts'
import { until } from '../../../../test/harness/until.ts'
import { wallMillis } from '../../../base/units.ts'
import { CARD_CONCURRENT_MAX, CARD_WAITING_MAX } from '../limits.ts'

const PNG = new TextEncoder().encode('whatever control has drawn')

let fixture: EdgeFixture
let asked: string[] = []
let drawing = Promise.withResolvers<void>()

beforeAll(async () => {
  fixture = await EdgeFixture.start({ publicUrl: 'https://radio.example' })
  await fixture.space('tea', { phase: 'scheduled', scheduledAtMs: wallMillis(Date.UTC(2040, 0, 2, 11)) })
  await until('the edge knows it', async () => (await fixture.fetch('/s/tea')).ok)
})
afterAll(() => fixture.stop())

test('the page and the event for a calendar need nobody; the card says when to come back', async () => {
  const calendar = await fixture.fetch('/s/tea/calendar.ics')
  expect(await calendar.text()).toContain('\r\nURL:https://radio.example/s/tea\r\n')
  const card = await fixture.fetch('/s/tea/card.png')
  expect([card.status, card.headers.get('retry-after')]).toEqual([503, '2'])
  expect((await fixture.fetch('/s/tea/card.jpg')).status).toBe(404)
  expect((await fixture.fetch('/s/tea/card.png/x')).status).toBe(404)
})

test('a crowd costs control one question, a few spaces are asked for at once, and what there is is kept', async () => {
  const control = Bun.serve({
    unix: fixture.controlSocket,
    fetch: async ({ url }) => {
      asked.push(new URL(url).pathname)
      await drawing.promise
      return new Response(PNG)
    },
  })
  const crowd = Array.from({ length: 30 }, (_, n) => fixture.fetch(`/s/tea/card.png?v=${n}`))
  await until('it is asked', () => asked.length > 0)
  drawing.resolve()
  for (const answer of await Promise.all(crowd)) {
    expect(answer.status).toBe(200)
    expect(await answer.bytes()).toEqual(PNG)
  }
  expect(asked).toEqual(['/s/tea/card.png'])

  asked = []
  drawing = Promise.withResolvers<void>()
  const names = Array.from({ length: CARD_CONCURRENT_MAX + CARD_WAITING_MAX + 5 }, (_, n) => `tea-${n}`)
  await Promise.all(names.map((name) => fixture.space(name)))
  const answers = names.map((name) => fixture.fetch(`/s/${name}/card.png`).then(({ status }) => status))
  let refused = 0
  for (const answer of answers) void answer.then((status) => (refused += status === 503 ? 1 : 0))
  await until('the bound is met', () => asked.length === CARD_CONCURRENT_MAX && refused === 5)
  drawing.resolve()
  expect((await Promise.all(answers)).filter((status) => status === 200)).toHaveLength(names.length - 5)

  await control.stop(true)
  expect((await fixture.fetch('/s/tea/card.png')).status).toBe(200)
})
