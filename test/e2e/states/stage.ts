// The stage page in the states that a person on stage, or on the way there, can be in; looked at.

import type { Page } from 'playwright-core'
import { startBrowser } from '../../harness/browser.ts'
import { INSECURE_HOST, joinStage, untilState } from '../studio/studio-bed.ts'
import { command, type House } from './house.ts'

/** The door, closed in each of its ways, and the green room. */
export async function beforeTheStage(house: House): Promise<void> {
  const { bed, look } = house
  const { links } = await bed.mimbar.createSpace({ id: 'studio', title: 'What the sea says', recorded: true })
  const page = await bed.person({ width: 390 })
  await page.goto(links.speaker.replace(/#.*/, ''))
  await untilState(page, 'needs-link')
  await look(page, 'stage/needs-link')

  await page.route('**/api/**', (route) => route.abort())
  await page.goto('about:blank')
  await page.goto(links.speaker)
  await untilState(page, 'unreachable')
  await look(page, 'stage/unreachable')
  await page.unrouteAll()
  await page.reload()
  await untilState(page, 'green-room')
  await look(page, 'stage/green-room')
  await page.click('#microphone-on')
  await page.click('.processing > summary')
  await page.waitForSelector('#verdict')
  await look(page, 'stage/green-room-microphone-open')
  await page.context().close()

  // This one has a microphone, and nobody to let the page have it.
  const strict = await startBrowser(undefined, ['--use-fake-device-for-media-stream'])
  try {
    const refused = await strict.newPage({ locale: 'en-US' })
    await refused.goto(links.speaker)
    await refused.click('#microphone-on')
    await refused.waitForSelector('[data-failure=denied]')
    await look(refused, 'stage/green-room-microphone-refused')
  } finally {
    await strict.close()
  }
  const refused = await bed.person({ width: 390 })
  await refused.goto(links.speaker.replace('localhost', INSECURE_HOST))
  await refused.click('#microphone-on')
  await refused.waitForSelector('[data-failure=insecure]')
  await look(refused, 'stage/green-room-insecure')
  await refused.context().close()
}

/** A host and a guest, from backstage to the end. */
export async function onTheStage(house: House): Promise<void> {
  const { bed, look } = house
  const { links } = await bed.mimbar.createSpace({
    id: 'radio',
    title: 'Night radio',
    recorded: true,
    scheduledAtMs: Date.now() + 600_000,
  })
  const early = await bed.person()
  await early.goto(links.host)
  await early.fill('#name', 'Ana')
  await early.click('#microphone-on')
  await early.check('#consent')
  await early.route('**/api/**/stage*', () => {})
  await early.click('#join')
  await untilState(early, 'joining')
  await look(early, 'stage/joining')
  await early.context().close()
  const host = await bed.person()
  await joinStage(host, links.host, 'Ana')
  await host.waitForSelector('[data-air="backstage"]')
  await look(host, 'stage/backstage-alone')
  const guest = await bed.person({ width: 390 })
  await joinStage(guest, links.speaker, 'Budi Santoso')
  await host.waitForSelector('.person >> text=Budi')
  await look(host, 'stage/backstage')
  await look(guest, 'stage/backstage-guest')

  await host.click('#start')
  await host.waitForSelector('[data-air="live"]')
  await command(house, 'PATCH', 'radio', '', { handsOpen: true })
  await raiseHand(house, 'radio', 'Citra Lestari')
  await host.waitForSelector('.hand')
  await look(host, 'stage/on-air')
  await look(guest, 'stage/on-air-guest')
  await host.click('[aria-label="Mute Budi Santoso"]')
  await guest.waitForSelector('#mute[data-microphone="muted"]')
  await look(guest, 'stage/muted-by-host')
  await host.click('[aria-label="Take Budi Santoso off air"]')
  await guest.waitForSelector('[data-air="offAir"]')
  await look(guest, 'stage/off-air')
  await host.click('#hold')
  await host.waitForSelector('[data-air="held"]')
  await look(host, 'stage/held')
  await host.click('#resume')
  await host.waitForSelector('[data-air="live"]')
  await reconnecting(house, host)

  const second = await guest.context().newPage()
  await second.goto(guest.url())
  await second.click('#microphone-on')
  await second.check('#consent')
  await second.click('#join')
  await untilState(guest, 'replaced')
  await look(guest, 'stage/replaced')
  await untilState(second, 'on-stage')
  await host.click('[aria-label="Remove Budi Santoso"]')
  await host.check('#block')
  await look(host, 'stage/asked-whether-to-remove')
  await host.uncheck('#block')
  await host.click('#remove-confirm')
  await untilState(second, 'removed')
  await host.waitForSelector('[data-undo]')
  await look(host, 'stage/undo')
  await look(second, 'stage/removed')

  await host.click('#end')
  await host.waitForSelector('#end-confirm:enabled')
  await look(host, 'stage/asked-whether-to-end')
  await host.click('#end-confirm')
  await untilState(host, 'ended')
  await look(host, 'stage/ended')
}

async function raiseHand({ bed }: House, space: string, name: string): Promise<void> {
  const answer = await fetch(`${bed.mimbar.publicUrl}/api/v1/spaces/${space}/hands`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name }),
  })
  if (!answer.ok) throw new Error(`raising a hand: ${answer.status} ${await answer.text()}`)
}

/** Both stages stand still, so that there is nowhere to come back to for as long as it takes to look. */
async function reconnecting(house: House, host: Page): Promise<void> {
  const pids = house.bed.mimbar.rolePids()
  const stages = [...pids].filter(([role]) => role.startsWith('stage')).map(([, pid]) => pid)
  for (const pid of stages) process.kill(pid, 'SIGSTOP')
  try {
    await untilState(host, 'reconnecting')
    await house.look(host, 'stage/reconnecting')
  } finally {
    for (const pid of stages) process.kill(pid, 'SIGCONT')
  }
  await untilState(host, 'on-stage')
  await host.waitForSelector('[data-air="live"]')
}
