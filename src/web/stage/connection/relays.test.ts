import { afterAll, expect, test } from 'bun:test'
import { StageRelays } from './relays.ts'

const RELAY = { urls: ['turn:relay.example'], username: 'budi', credential: 'secret' }

const control = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  fetch: () => Response.json({ iceServers: [RELAY] }),
})
afterAll(() => control.stop(true))

/** Someone who has been told of the relay, however long that took. */
async function informed(): Promise<StageRelays> {
  const relays = new StageRelays({ url: `http://127.0.0.1:${control.port}/relays` })
  for (;;) if ((await relays.forNext()).length > 0) return relays
}

test('who needed no relay is not held up by one until an offer is answered, however many are lost', async () => {
  const mine = await informed()
  mine.learn(false)
  expect(await mine.forNext()).toEqual([])
  expect(await mine.forNext()).toEqual([])
  // Answered, and no sound came of it: UDP may be blocked here.
  mine.doubt()
  expect(await mine.forNext()).toEqual([RELAY])
})

test('who came through a relay goes through one again', async () => {
  const mine = await informed()
  mine.learn(true)
  expect(await mine.forNext()).toEqual([RELAY])
})
