// The operator page in a real Chromium, against a whole Mimbar as it runs.

import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { until } from '../../harness/until.ts'
import { type StudioBed, startStudioBed, untilState } from './studio-bed.ts'

setDefaultTimeout(120_000)
let bed: StudioBed

beforeAll(async () => {
  bed = await startStudioBed()
})
afterAll(async () => {
  await bed.stop()
})

test('without the link the page says where to find it', async () => {
  const page = await bed.person()
  await page.goto(`${bed.mimbar.studioUrl}/operator`)
  await untilState(page, 'stranger')
  await page.goto(`${bed.mimbar.studioUrl}/operator#operator=nonsense`)
  await page.waitForSelector('.problem')
  await page.context().close()
})

test('the operator sees how the server is now: its stages, its edges, its disk, and each space that is on', async () => {
  const id = 'now-on'
  await bed.mimbar.createSpace({ id, title: 'What the sea says', recorded: false })
  const page = await bed.person({ width: 390 })
  await page.goto(bed.operatorLink)
  await untilState(page, 'operator')
  // Nothing is on, so the form comes first.
  await page.click('#now-more > summary')
  await page.waitForSelector('#now-stages [data-stage="stage-1"][data-presence="up"]')
  await page.waitForSelector('#now-edges [data-edge="edge-1"][data-presence="up"]')
  await page.waitForSelector('#alarms')
  expect(await page.locator('.chart svg[role="img"]').count()).toBe(4)
  expect(await page.locator('#now-disk').innerText()).toMatch(/\d ?%/)
  expect((await bed.mimbar.post(`/spaces/${id}/start`)).status).toBe(200)
  const row = page.locator(`[data-space-now="${id}"]`)
  await row.locator('td', { hasText: /^stage-\d$/ }).waitFor()
  expect(await row.innerText()).toContain('What the sea says')
  // A chart has its first point after five seconds, and says in words what it shows.
  await page
    .locator('.chart title', { hasText: 'in the last ten minutes' })
    .first()
    .waitFor({ state: 'attached' })
  // What is wider than a phone scrolls inside itself.
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390)
  expect((await bed.mimbar.post(`/spaces/${id}/end`)).status).toBe(200)
  await row.waitFor({ state: 'detached' })
  await page.context().close()
})

test('the operator makes a space, hands out its links, renews one and deletes the space', async () => {
  const page = await bed.person({ width: 390 })
  await page.goto(bed.operatorLink)
  await untilState(page, 'operator')
  expect(new URL(page.url()).hash).toBe('')
  await page.reload()
  await untilState(page, 'operator')

  await page.fill('#title', 'What the river says')
  await page.fill('#start-at', new Date(Date.now() + 86_400_000).toISOString().slice(0, 16))
  expect(await page.textContent('#start-hint')).toMatch(/\d\d:\d\d in \S+/)
  await page.click('#announce > summary')
  await page.fill('#description', 'Stories from both banks.\n\nBring tea.')
  await page.fill('#people', 'Ana, Budi')
  await page.selectOption('#language', 'id')
  const card = decodeURIComponent((await page.getAttribute('#preview img', 'src')) ?? '')
  expect(card).toContain('>What the river says</text>')
  expect(card).toContain('>Ana, Budi</text>')
  await page.fill('#title', 'مجرى النهر')
  await page.waitForSelector('#preview .caution')
  await page.fill('#title', 'What the river says')
  await page.check('#forget')
  await page.click('#make')
  const hostLink = await page.inputValue('#link-host')
  expect(hostLink).toContain('/stage#host=')
  expect(await page.inputValue('#link-cohost')).toContain('/stage#cohost=')
  expect(await page.inputValue('#link-speaker')).toContain('/stage#invite=')
  expect(await page.inputValue('#link-listen')).toStartWith(`${bed.mimbar.publicUrl}/s/`)
  await expectAnnounced(await page.inputValue('#link-listen'))
  await page.click('#links-done')
  expect(await page.content()).not.toContain(hostLink.split('=')[1] as string)

  const row = page.locator('.space', { hasText: 'What the river says' })
  expect(await row.getAttribute('data-phase')).toBe('scheduled')
  await row.locator('[data-act="host"]').click()
  await page.click('#ask-host-confirm')
  await page.waitForSelector('#link-host')
  expect(await page.inputValue('#link-host')).not.toBe(hostLink)
  expect(await page.locator('#link-speaker').count()).toBe(0)

  const late = await bed.person()
  await late.goto(hostLink)
  await late.fill('#name', 'Ana')
  await late.click('#microphone-on')
  await late.click('#join')
  await untilState(late, 'needs-link')

  await row.locator('[data-act="remove"]').click()
  await page.click('#ask-remove-confirm')
  await row.waitFor({ state: 'detached' })
  await page.click('#sign-out')
  await untilState(page, 'stranger')
  await page.reload()
  await untilState(page, 'stranger')
})

test('the operator withholds a recording: listeners are told, home leaves it out, and it is shown again', async () => {
  const { space, links } = await bed.mimbar.createSpace({ title: 'What the tide took', recorded: true })
  for (const act of ['start', 'end']) {
    expect((await bed.mimbar.post(`/spaces/${space.id}/${act}`)).status).toBe(200)
  }
  const page = await bed.person({ width: 390 })
  await page.goto(bed.operatorLink)
  await untilState(page, 'operator')
  const row = page.locator('.space', { hasText: 'What the tide took' })
  const listener = await bed.person({ width: 390 })
  const untilListenerReads = (state: string) =>
    until(
      `the listening page is ${state}`,
      async () => {
        await listener.goto(links.listen)
        return (await listener.locator(`html[data-state="${state}"]`).count()) === 1
      },
      20_000,
    )
  const isAtHome = async () => {
    await listener.goto(bed.mimbar.publicUrl)
    // Set by the script that then fills the lists.
    await listener.waitForSelector('#start[href$="/operator"]')
    return await listener.locator('#recent', { hasText: 'What the tide took' }).isVisible()
  }
  await untilListenerReads('ended-replay')
  await until('home has it', isAtHome, 20_000)

  await row.locator('[data-act="withhold"]').click()
  await page.click('#ask-withhold-confirm')
  await row.locator('.pill', { hasText: 'Withheld' }).waitFor()
  await untilListenerReads('withheld')
  expect(await listener.textContent('#detail')).toContain('cannot be heard here')
  await until('home leaves it out', async () => !(await isAtHome()), 20_000)

  await row.locator('[data-act="show"]').click()
  await row.locator('[data-act="withhold"]').waitFor()
  await untilListenerReads('ended-replay')
  await Promise.all([page, listener].map((one) => one.context().close()))
})

test('the operator moves a space and says it otherwise, and who has the page open sees it', async () => {
  const { links } = await bed.mimbar.createSpace({
    title: 'What the hils say',
    recorded: true,
    scheduledAtMs: Date.now() + 86_400_000,
    people: ['Ana'],
  })
  const listener = await bed.person({ width: 390 })
  await until('the edges know the space', async () => (await fetch(links.listen)).ok, 20_000)
  await listener.goto(links.listen)
  await listener.waitForSelector('#people .expected')
  const starts = await listener.innerText('#starts')

  const page = await bed.person({ width: 390 })
  await page.goto(bed.operatorLink)
  await untilState(page, 'operator')
  await page.locator('.space', { hasText: 'What the hils say' }).locator('[data-act="edit"]').click()
  // The form that makes spaces, with fields of the same names, gives way to it.
  await page.waitForSelector('#edit')
  expect(await page.inputValue('#title')).toBe('What the hils say')
  await page.fill('#title', 'What the hills say')
  await page.fill('#people', 'Ana, Citra')
  await page.fill('#start-at', new Date(Date.now() + 2 * 86_400_000).toISOString().slice(0, 16))
  await page.click('#save')
  await page.locator('.space', { hasText: 'What the hills say' }).waitFor()
  await page.waitForSelector('#edit', { state: 'detached' })
  // It asks every twenty seconds or so.
  await listener.locator('#people .expected >> text=Citra').waitFor()
  expect(await listener.innerText('#title')).toBe('What the hills say')
  expect(await listener.innerText('#starts')).not.toBe(starts)
  await page.locator('.space', { hasText: 'What the hills say' }).locator('[data-act="edit"]').click()
  await page.click('#edit-cancel')
  await page.waitForSelector('#make')
  await page.context().close()
  await listener.context().close()
})

/** What the form asked is on the listening page, for who has a script and who has none. */
async function expectAnnounced(listenLink: string): Promise<void> {
  await until('the edges know the space', async () => (await fetch(listenLink)).ok, 20_000)
  const listener = await bed.person({ width: 390 })
  await listener.goto(listenLink)
  await untilState(listener, 'scheduled')
  expect(await listener.getAttribute('#title', 'lang')).toBe('id')
  expect(await listener.isVisible('#countdown')).toBe(true)
  expect(await listener.isVisible('.planned')).toBe(false)
  expect(await listener.locator('#people .expected .name').allInnerTexts()).toEqual(['Ana', 'Budi'])
  expect(await listener.innerText('#about')).toContain('Bring tea.')
  const calendar = await fetch(new URL((await listener.getAttribute('#calendar', 'href')) ?? '', listenLink))
  expect(await calendar.text()).toContain('SUMMARY:What the river says\r\n')
  await listener.context().close()
}
