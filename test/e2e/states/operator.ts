// The operator page, the home page, and the pages that only say something; looked at. Comes after the other flows, whose
// spaces are what there is to list.

import { untilState } from '../studio/studio-bed.ts'
import { command, type House, seat } from './house.ts'

export async function operatorAndHome(house: House): Promise<void> {
  const { bed, look } = house
  const { publicUrl, studioUrl } = bed.mimbar
  const { links } = await bed.mimbar.createSpace({
    id: 'market',
    title: 'What the market says',
    recorded: true,
  })
  await command(house, 'POST', 'market', '/start')
  const ana = await seat(house, 'market', links.host, 'ana')

  const page = await bed.person({ width: 1280 })
  await page.goto(`${publicUrl}/`)
  await page.waitForSelector('#live a')
  await look(page, 'home')
  await page.goto(`${publicUrl}/s/no-such-space`)
  await look(page, 'not-found')
  await page.goto(`${publicUrl}/about/count`)
  await look(page, 'count')
  await page.goto(`${studioUrl}/operator`)
  await untilState(page, 'stranger')
  await look(page, 'operator/stranger')
  await page.goto('about:blank')
  await page.goto(bed.operatorLink)
  await untilState(page, 'operator')
  await page.waitForSelector('[data-space-now="market"]')
  await page.fill('#title', 'What the river says')
  await page.fill('#start-at', '2040-01-02T18:00')
  await look(page, 'operator/desk')
  await page.fill('#start-at', '')
  await page.click('#make')
  await page.waitForSelector('#link-host')
  await look(page, 'operator/links')
  await page.click('#links-done')
  await page.click('[data-space="market"] [data-act="end"]')
  await page.waitForSelector('#ask-end-confirm:enabled')
  await look(page, 'operator/asked-whether-to-end')
  await page.keyboard.press('Escape')

  const edge = bed.mimbar.rolePids().get('edge-1') as number
  process.kill(edge, 'SIGSTOP')
  try {
    await page.waitForSelector('[data-alarm="edge-lost"]')
    await look(page, 'operator/alarm')
  } finally {
    process.kill(edge, 'SIGCONT')
  }
  await page.context().close()
  await ana.stop()
}
