// What a link shows before anybody speaks: the page without a script, the event for a calendar, and the card, of a
// whole Mimbar as it runs, with the most unpleasant title that it takes.

import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import type { PublicSpace } from '../../src/core/api/api.ts'
import { type RunningMimbar, startMimbar } from '../harness/running-mimbar.ts'
import { until } from '../harness/until.ts'

const SCHEDULED_AT_MS = Date.now() + 3 * 86_400_000
const TITLE = `<script>alert("1")</script> '&amp;' {{space}} <!--mimbar:data--> 🎙️ ${'W'.repeat(40)}`
const DESCRIPTION = 'Tea; talk, and "more"\nwith </details><img src=x onerror=alert(1)>\n\nسلام 🍵'

setDefaultTimeout(120_000)
let mimbar: RunningMimbar

beforeAll(async () => {
  mimbar = await startMimbar()
  await mimbar.createSpace({
    id: 'river',
    title: TITLE,
    description: DESCRIPTION,
    language: 'ID',
    people: ['Ana <b>', 'عمر'],
    timeZone: 'Asia/Jakarta',
    scheduledAtMs: SCHEDULED_AT_MS,
    recorded: true,
  })
  await untilEverywhere('the edges know the space', async () => (await get('/s/river')).status === 200)
}, 90_000)
afterAll(() => mimbar?.stop(), 30_000)

/** Over a connection of its own, so that any of the edges may answer. */
const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(new URL(path, mimbar.publicUrl), { headers, keepalive: false })

/** Edges learn of a change one after the other: until it is so eight times in a row. */
async function untilEverywhere(what: string, isSo: () => Promise<boolean>): Promise<void> {
  let times = 0
  await until(
    what,
    async () => {
      times = (await isSo()) ? times + 1 : 0
      return times === 8
    },
    40_000,
  )
}

/** The contents of a page's meta tags, by name or property. */
function metaOf(html: string): ReadonlyMap<string, string> {
  const tags = html.matchAll(/<meta (?:name|property)="([^"]+)" content="([^"]*)"/g)
  return new Map([...tags].map(([, name, content]) => [name as string, content as string]))
}

/** On a machine that is busy the first one takes longer than an edge waits; it is there when it is asked for again. */
async function expectCard(url: string): Promise<Uint8Array> {
  const answer = await until(
    'the card is drawn',
    async () => {
      const given = await fetch(url)
      return given.status === 503 ? undefined : given
    },
    60_000,
  )
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'image/png'])
  expect(answer.headers.get('cache-control')).toBe('public, max-age=300')
  expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
  const png = await answer.bytes()
  expect([...png.subarray(0, 8)]).toEqual([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  const header = new DataView(png.buffer, png.byteOffset + 8)
  expect(new TextDecoder().decode(png.subarray(12, 16))).toBe('IHDR')
  expect([header.getUint32(8), header.getUint32(12)]).toEqual([1200, 630])
  return png
}

test('what is too much of a title, or would be more than a line, is refused with a sentence', async () => {
  for (const title of ['x'.repeat(200), 'a\nb', '<script>\u0000']) {
    const answer = await mimbar.post('/spaces', { title, recorded: true })
    expect([title.length, answer.status]).toEqual([title.length, 400])
    expect(((await answer.json()) as { detail: string }).detail).toStartWith('A title has')
  }
  for (const more of [{ description: 'x'.repeat(601) }, { language: 'no language' }, { people: [''] }]) {
    expect((await mimbar.post('/spaces', { title: 'x', recorded: true, ...more })).status).toBe(400)
  }
})

test('the page says all of it without a script, and what people typed stays text', async () => {
  const html = await (await get('/s/river', { 'accept-language': 'en' })).text()
  const body = html.slice(html.indexOf('<body'))
  expect(body).toContain('<h1 id="title" lang="id" dir="auto">&lt;script&gt;alert(')
  expect(body).toContain('<p lang="id" dir="auto">Tea; talk, and &quot;more&quot;<br>with &lt;/details&gt;')
  expect(body).toContain('<p lang="id" dir="auto">سلام 🍵</p>')
  expect(body).toContain('With <bdi>Ana &lt;b&gt;</bdi> and <bdi>عمر</bdi>')
  expect(body).toContain('In Indonesian')
  expect(body).toMatch(/<time datetime="[^"]+Z">[^<]+<\/time> Asia\/Jakarta \(UTC\+7\)/)
  expect(body).toContain('href="/s/river/calendar.ics"')
  expect(html.match(/<script/g)).toHaveLength(2)
  expect(html).not.toContain('<img')
  const indonesian = await (await get('/s/river', { 'accept-language': 'id' })).text()
  expect(indonesian).toContain('Tambahkan ke kalender')
})

test('previews are told the title, the time, and a card of an absolute address that is a PNG of the right size', async () => {
  const meta = metaOf(await (await get('/s/river')).text())
  expect(meta.get('og:title')).toStartWith('&lt;script&gt;alert(')
  expect(meta.get('og:description')).toMatch(
    /Asia\/Jakarta \(UTC\+7\)\. Tea; talk, and &quot;more&quot; with/,
  )
  expect(meta.get('og:url')).toBe(`${mimbar.publicUrl}/s/river`)
  expect(meta.get('og:locale')).toBe('id_ID')
  expect(meta.get('og:type')).toBe('website')
  expect(meta.get('twitter:card')).toBe('summary_large_image')
  const image = meta.get('og:image') as string
  expect(image).toStartWith(`${mimbar.publicUrl}/s/river/card.png?v=`)
  const card = await expectCard(image)
  // The other edge, the studio door, and a second time: one drawing.
  expect(await expectCard(`${mimbar.publicUrl}/s/river/card.png`)).toEqual(card)
  expect(await expectCard(`${mimbar.studioUrl}/s/river/card.png`)).toEqual(card)
})

test('the event for a calendar is one, and its lines hold whatever the title says', async () => {
  const answer = await get('/s/river/calendar.ics')
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/calendar; charset=utf-8'])
  expect(answer.headers.get('cache-control')).toBe('public, max-age=60')
  const text = await answer.text()
  for (const line of text.split('\r\n')) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75)
  const lines = text.replaceAll('\r\n ', '').split('\r\n')
  expect(lines.filter((line) => line === 'BEGIN:VEVENT')).toHaveLength(1)
  expect(lines).toContain(`SUMMARY:${TITLE.replaceAll(/[\\;,]/g, '\\$&')}`)
  expect(lines).toContain(`URL:${mimbar.publicUrl}/s/river`)
  const start = new Date(SCHEDULED_AT_MS).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')
  expect(lines).toContain(`DTSTART:${start}Z`)
})

test('a change is on the page and on the card, whose address changes with what it says', async () => {
  const image = async () => metaOf(await (await get('/s/river')).text()).get('og:image') as string
  const before = await image()
  const cardBefore = await expectCard(before)
  const answer = await fetch(`${mimbar.studioUrl}/api/v1/spaces/river`, {
    method: 'PATCH',
    headers: { authorization: `Bearer ${mimbar.operatorSecret}`, 'content-type': 'application/json' },
    body: JSON.stringify({ people: ['Citra'], description: '' }),
  })
  expect(answer.status).toBe(200)
  expect(await answer.json()).toMatchObject({ people: ['Citra'], language: 'id' })
  await untilEverywhere('the page names another card', async () => (await image()) !== before)
  expect(await (await get('/s/river')).text()).not.toContain('Tea; talk')
  expect(Bun.hash(await expectCard(await image()))).not.toBe(Bun.hash(cardBefore))
})

test('a picture is what its first bytes say, is kept under its content, and is gone when it is taken away', async () => {
  const upload = (body: Uint8Array<ArrayBuffer>, method = 'PUT') =>
    fetch(`${mimbar.studioUrl}/api/v1/spaces/river/picture`, {
      method,
      headers: { authorization: `Bearer ${mimbar.operatorSecret}` },
      ...(method === 'PUT' ? { body } : {}),
    })
  const svg = new TextEncoder().encode('<svg xmlns="http://www.w3.org/2000/svg"/>')
  expect((await upload(svg)).status).toBe(415)
  const large = new Uint8Array(512 * 1024 + 1)
  const card = (await expectCard(`${mimbar.publicUrl}/s/river/card.png`)) as Uint8Array<ArrayBuffer>
  large.set(card.subarray(0, 16))
  expect((await upload(large)).status).toBe(413)
  const stranger = await fetch(`${mimbar.studioUrl}/api/v1/spaces/river/picture`, {
    method: 'PUT',
    headers: { origin: mimbar.studioUrl },
    body: card,
  })
  expect(stranger.status).toBe(401)

  const { pictureUrl = '' } = (await (await upload(card)).json()) as PublicSpace
  expect(pictureUrl).toMatch(/^\/s\/river\/picture\/[0-9a-f]{32}\.png$/)
  await untilEverywhere('the edges have it', async () => (await get(pictureUrl)).status === 200)
  const answer = await get(pictureUrl)
  expect(answer.headers.get('content-type')).toBe('image/png')
  expect(answer.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
  expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
  expect(Bun.hash(await answer.bytes())).toBe(Bun.hash(card))
  const image = `<img src="${pictureUrl}" alt=""`
  await untilEverywhere('pages show it', async () => (await (await get('/s/river')).text()).includes(image))
  for (const name of ['x.png', `${'0'.repeat(32)}.png`, `${'0'.repeat(32)}.svg`]) {
    expect((await get(`/s/river/picture/${name}`)).status).toBe(404)
  }

  expect(await (await upload(card, 'DELETE')).json()).not.toHaveProperty('pictureUrl')
  await untilEverywhere('it is gone', async () => (await get(pictureUrl)).status === 404)
})

test('a space without a time has a page and a card, and no event; one that is not there has none of it', async () => {
  await mimbar.createSpace({ id: 'plain', title: 'صوت', recorded: false })
  await untilEverywhere('the edges know it', async () => (await get('/s/plain')).status === 200)
  await expectCard(`${mimbar.publicUrl}/s/plain/card.png`)
  expect((await get('/s/plain/calendar.ics')).status).toBe(404)
  expect((await get('/s/nowhere/card.png')).status).toBe(404)
  expect((await get('/s/nowhere/calendar.ics')).status).toBe(404)
})
