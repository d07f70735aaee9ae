// What may happen to somebody who listens: own pauses, a bad network, a server that stands still, a full house; and then
// the replay. Each of these begins where the page is `live`, and ends there, except for the replay.

import type { Page } from 'playwright-core'
import { Ear } from '../../harness/ear.ts'
import type { TcpRelay } from '../../harness/tcp-relay.ts'
import { until } from '../../harness/until.ts'
import { type House, LISTENERS_MAX, lookAt, PATIENCE_MS, untilOneOf } from './house.ts'

const STREAMS = '**/live/**'

/** Paused, later than live, and hurrying after it. */
export async function ownPause(house: House, page: Page): Promise<void> {
  await page.click('#play')
  await lookAt(house, page, 'paused')
  await page.waitForSelector('#back-to-live')
  await page.click('#play')
  await lookAt(house, page, 'behind')
  await page.click('#back-to-live')
  await untilOneOf(page, ['live'])
  // A short interruption is forgiven; on a machine that is busy it may take longer than that, and is tried again.
  for (let tries = 1; ; tries++) {
    await page.click('#play')
    await untilOneOf(page, ['paused'])
    await Bun.sleep(1_300)
    await page.click('#play')
    if ((await untilOneOf(page, ['catching-up', 'behind'])) === 'catching-up' || tries === 5) break
    await page.click('#back-to-live')
    await untilOneOf(page, ['live'])
  }
  await lookAt(house, page, 'catching-up')
}

/** The server stands still, the network goes, the server is too busy, and the browser wants one more press. */
export async function badNetwork(house: House, page: Page, network: TcpRelay): Promise<void> {
  const log = house.bed.mimbar.rolePids().get('log') as number
  process.kill(log, 'SIGSTOP')
  try {
    await lookAt(house, page, 'stalled')
  } finally {
    process.kill(log, 'SIGCONT')
  }
  await untilOneOf(page, ['live', 'catching-up', 'behind'])
  network.hold()
  await lookAt(house, page, 'lost')
  await page.route(STREAMS, (route) => route.fulfill({ status: 503, headers: { 'Retry-After': '2' } }))
  await lookAt(house, page, 'busy')
  network.cut()
  await page.unrouteAll()
  await untilOneOf(page, ['live', 'catching-up', 'behind'])
  await page.reload()
  await lookAt(house, page, 'refused')
  await page.click('#play')
  await untilOneOf(page, ['live'])
}

export async function fullHouse(house: House, listen: string): Promise<void> {
  const stream = listen.replace('/s/', '/live/')
  const ears = Array.from({ length: LISTENERS_MAX }, () => new Ear(`${stream}/opus.mp4`))
  const late = await house.bed.person({ width: 390 })
  try {
    await until(
      'the house is full',
      async () => (await fetch(`${stream}/opus.mp4`)).status !== 200,
      PATIENCE_MS,
    )
    await late.goto(listen)
    await late.click('#play')
    await lookAt(house, late, 'waiting')
  } finally {
    for (const ear of ears) ear.stop()
    await late.context().close()
  }
}

export async function replay(house: House, page: Page, network: TcpRelay): Promise<void> {
  await lookAt(house, page, 'ended-replay')
  network.hold()
  await page.click('#play')
  await lookAt(house, page, 'replay-loading')
  network.open()
  await lookAt(house, page, 'replaying')
  await page.click('#play')
  await lookAt(house, page, 'replay-paused')
  await page.click('#play')
  await page.focus('#seek')
  await page.keyboard.press('End')
  await lookAt(house, page, 'replay-over')
}
