// The listening page in each of its states (docs/listening-states.md): reached by what really happens to a space, to its
// server and to the network, and looked at.

import type { CreatedSpace } from '../../../src/core/api/api.ts'
import { startTcpRelay } from '../../harness/tcp-relay.ts'
import { until } from '../../harness/until.ts'
import { joinStage } from '../studio/studio-bed.ts'
import { command, type House, lookAt, openListening, PATIENCE_MS, seat, untilOneOf } from './house.ts'
import { badNetwork, fullHouse, ownPause, replay } from './mishaps.ts'

const STREAMS = '**/live/**'
/** The boxes of a header (ISO/IEC 14496-12), and nothing of sense in them. */
const SPOILED = Buffer.concat(
  ['ftyp', 'moov'].map((type) => Buffer.concat([Buffer.from([0, 0, 0, 16]), Buffer.from(`${type}spoiled!`)])),
)

/** Planned, pressed too early, the open room, and an end before the beginning. */
export async function beforeTheStart(house: House): Promise<void> {
  const { mimbar } = house.bed
  const { links } = await mimbar.createSpace({
    id: 'tomorrow',
    title: 'What the river says to those who live on both of its banks',
    recorded: true,
    scheduledAtMs: Date.now() + 86_400_000,
    description: 'Stories from both banks.\n\nBring tea, and your questions.',
    language: 'id',
    people: ['Ana', 'Budi Santoso', 'عمر'],
    timeZone: 'Asia/Jakarta',
  })
  const page = await openListening(house, links)
  await lookAt(house, page, 'scheduled')
  await page.click('#play')
  await lookAt(house, page, 'early')
  await page.context().close()

  const soon = await mimbar.createSpace({
    id: 'soon',
    title: 'What the sea says',
    recorded: false,
    scheduledAtMs: Date.now() + 300_000,
    people: ['Ana'],
  })
  await until(
    'the room is open',
    async () => (await mimbar.publicSpace('soon')).phase === 'lobby',
    PATIENCE_MS,
  )
  const waiting = await openListening(house, soon.links)
  await lookAt(house, waiting, 'lobby')
  await waiting.click('#play')
  await lookAt(house, waiting, 'lobby-in')
  await waiting.context().close()
}

/** For {@link onTheAir}: an empty stage is only told from one that is about to begin when it has been on for a minute. */
export async function beginRiver(house: House): Promise<CreatedSpace['links']> {
  const { mimbar } = house.bed
  const { links } = await mimbar.createSpace({ id: 'river', title: 'What the river says', recorded: true })
  await command(house, 'POST', 'river', '/start')
  await command(house, 'PATCH', 'river', '', { handsOpen: true })
  return links
}

/** From the press to the replay, with a real host, a real network and a server that stands still for a while. */
export async function onTheAir(house: House, links: CreatedSpace['links']): Promise<void> {
  const { bed } = house
  const network = await startTcpRelay(Number(new URL(links.listen).port))
  const page = await openListening(house, links, async () => {}, network.port)
  await lookAt(house, page, 'ready')
  await page.route(STREAMS, () => {}) // on its way for ever
  await page.click('#play')
  await lookAt(house, page, 'connecting')
  await page.unrouteAll()
  const budi = await seat(house, 'river', links.speaker, 'budi')
  const host = await bed.person()
  await joinStage(host, links.host, 'Ana')
  await page.waitForSelector('#people li >> text=Ana')
  await lookAt(house, page, 'live')

  await page.click('#problem')
  await page.waitForSelector('#problem-told dl')
  await page.click('#raise')
  await page.waitForSelector('#hand-name')
  await lookAt(house, page, 'live', 'live-asked-for-a-name')
  await page.click('#problem-told button')
  await page.fill('#hand-name', 'Citra')
  await page.press('#hand-name', 'Enter')
  await page.waitForSelector('[data-hand=raised]')
  await lookAt(house, page, 'live', 'live-hand-up')
  await host.click('.hand button.primary')
  await page.waitForSelector('#go-on-stage')
  await lookAt(house, page, 'live', 'live-called-up')
  await page.click('#not-now')

  await ownPause(house, page)
  await command(house, 'POST', 'river', '/hold')
  await lookAt(house, page, 'held')
  await command(house, 'POST', 'river', '/resume')
  await untilOneOf(page, ['live', 'catching-up'])
  await badNetwork(house, page, network)
  await fullHouse(house, links.listen)

  // A minute in, an empty stage is no longer one that is about to begin.
  const { startedAtMs = 0 } = await bed.mimbar.publicSpace('river')
  await until('a minute has gone by', () => Date.now() - startedAtMs > 61_000, 62_000)
  // Budi has left; the host vanishes without a word, as in a tunnel, and the seat is kept.
  await budi.stop()
  await host.context().close()
  await lookAt(house, page, 'reconnecting')
  await lookAt(house, page, 'slate')
  await command(house, 'POST', 'river', '/end')
  await replay(house, page, network)
  await command(house, 'PATCH', 'river', '', { withheld: true })
  const isWithheld = async () => {
    await page.reload()
    return (await page.getAttribute('html', 'data-state')) === 'withheld'
  }
  await until('the edge knows that it is withheld', isWithheld, PATIENCE_MS)
  await lookAt(house, page, 'withheld')
  await page.context().close()
  await network.stop()
}

/** Over and not kept; taken down; and browsers that cannot, or are not let. */
export async function withoutSound(house: House): Promise<void> {
  const { bed } = house
  const { links } = await bed.mimbar.createSpace({
    id: 'hills',
    title: 'What the hills say',
    recorded: false,
  })
  const doomed = await bed.mimbar.createSpace({ id: 'doomed', title: 'What the wind says', recorded: true })
  const gone = await openListening(house, doomed.links)
  await untilOneOf(gone, ['scheduled'])
  await command(house, 'DELETE', 'doomed')
  await command(house, 'POST', 'hills', '/start')
  const listener = await openListening(house, links)
  await listener.click('#play')
  await lookAt(house, listener, 'opening')

  const unable = await openListening(house, links, (page) =>
    // A browser of this kind, such as those of some televisions, cannot be had here.
    page.addInitScript(`
      delete globalThis.MediaSource
      delete globalThis.ManagedMediaSource
      HTMLMediaElement.prototype.canPlayType = () => ''
    `),
  )
  await lookAt(house, unable, 'unsupported')
  await unable.context().close()

  // Something on the way spoils what it passes on: no decoder makes sound of it.
  const spoiled = await openListening(house, links)
  await spoiled.route(STREAMS, (route) => route.fulfill({ contentType: 'audio/mp4', body: SPOILED }))
  await spoiled.click('#play')
  await lookAt(house, spoiled, 'failed')
  await spoiled.context().close()

  await command(house, 'POST', 'hills', '/end')
  await lookAt(house, listener, 'ended')
  await listener.context().close()
  await lookAt(house, gone, 'removed')
  await gone.context().close()
}
