import { afterAll, beforeAll, expect, test } from 'bun:test'
import net from 'node:net'
import { EdgeFixture, gridStart } from '../../../../test/harness/edge-fixture.ts'
import { until } from '../../../../test/harness/until.ts'
import { epoch, sequence, wallMillis } from '../../../base/units.ts'
import type { Problem } from '../../../core/api/api.ts'
import { packagePart } from '../../../core/part/packager.ts'
import type { SpaceFacts } from '../../../core/space/facts.ts'
import { spaceKey } from '../../../core/space/facts.ts'
import { SILENT_PACKET } from '../../../media/opus/program.ts'

let fixture: EdgeFixture
beforeAll(async () => {
  fixture = await EdgeFixture.start()
})
afterAll(() => fixture.stop())

const PROGRAM_PARTS = 100
/** Some 15 MB. */
const LARGE_PARTS = 1_200
const FILES = ['index.m3u8', 'init.mp4', 'seg/2.m4s', 'recording.mp4', 'recording.ogg'] as const

/** Over for longer than a minute, with all of its log. */
async function endedSpace(name: string): Promise<SpaceFacts> {
  const facts = await fixture.liveSpace(name, { gridStartMs: wallMillis(gridStart() - 60_000) })
  await fixture.append(facts, 0, PROGRAM_PARTS)
  return fixture.space(name, { phase: 'ended', programEnd: sequence(PROGRAM_PARTS) })
}

/** Likewise; its recording is more than sockets take ahead of somebody who reads nothing. */
async function largeSpace(name: string): Promise<SpaceFacts> {
  const facts = await fixture.liveSpace(name)
  const largest = new Uint8Array(1_275)
  largest.set(SILENT_PACKET)
  for (let n = 0; n < LARGE_PARTS; n++) {
    await fixture.engine.log.append(
      facts.id,
      packagePart({
        ...{ sequence: sequence(n), epoch: epoch(1), packets: Array(10).fill(largest), events: [] },
        ...(n === 0 ? { gap: 'first' as const } : {}),
      }),
    )
  }
  return fixture.space(name, { phase: 'ended', programEnd: sequence(LARGE_PARTS) })
}

/** Resolves once the edge knows. */
async function withhold(facts: SpaceFacts, isWithheld: boolean): Promise<void> {
  const { withheld: _, ...shown } = facts
  const { revision = 0 } = (await fixture.engine.roster.get(spaceKey(facts.id))) ?? {}
  const next = isWithheld ? { ...shown, withheld: true } : shown
  await fixture.engine.roster.put(spaceKey(facts.id), next, revision)
  await until('the edge knows', async () => {
    const page = await (await fixture.fetch(`/s/${facts.id}`)).text()
    return page.includes('"withheld":true') === isWithheld
  })
}

const statusesOf = (space: string) =>
  Promise.all(FILES.map(async (file) => (await fixture.fetch(`/replay/${space}/${file}`)).status))

test('nothing of what is withheld is given, whatever was fetched before, and all of it again when it is shown', async () => {
  const facts = await endedSpace('taken-down')
  const playlist = await (await fixture.fetch('/replay/taken-down/index.m3u8')).text()
  const part = `/replay/taken-down/${/^seg\/3\.m4s.*$/m.exec(playlist)?.[0]}`
  const etag = (await fixture.fetch(part)).headers.get('etag') as string
  expect(await statusesOf('taken-down')).toEqual(FILES.map(() => 200))

  await withhold(facts, true)
  expect(await statusesOf('taken-down')).toEqual(FILES.map(() => 403))
  // Who has the bytes already and asks whether they are still good is refused likewise.
  const refused = await fixture.fetch(part, { headers: { 'If-None-Match': etag } })
  expect(refused.status).toBe(403)
  expect(refused.headers.get('content-type')).toBe('application/problem+json')
  expect(refused.headers.get('cache-control')).toBe('no-store')
  expect(refused.headers.get('access-control-allow-origin')).toBe('*')
  expect((await refused.json()) as Problem).toMatchObject({
    type: 'urn:mimbar:problem:withheld',
    code: 'withheld',
    status: 403,
  })
  // Where it was live, the log would say it all as well.
  expect((await fixture.fetch('/live/taken-down/seg/2.m4s')).status).toBe(403)
  expect((await fixture.fetch('/live/taken-down/part/9.1.m4s')).status).toBe(403)
  for (const file of ['opus.mp4', 'opus.m3u8', 'index.m3u8']) {
    const gone = await fixture.fetch(`/live/taken-down/${file}`)
    expect(gone.status).toBe(410)
    expect(((await gone.json()) as Problem).detail).toContain('withheld')
  }

  await withhold(facts, false)
  expect(await (await fixture.fetch('/replay/taken-down/index.m3u8')).text()).toBe(playlist)
  const bytes = Buffer.from(await (await fixture.fetch(part)).arrayBuffer())
  expect(bytes.equals(fixture.mp4(facts, 30, 40))).toBe(true)
})

test('what is withheld before its end is live as ever, and leads neither back nor to a replay', async () => {
  const facts = await fixture.liveSpace('reviewed')
  await fixture.append(facts, 0, 320)
  await withhold(facts, true)
  const playlist = await (await fixture.fetch('/live/reviewed/opus.m3u8')).text()
  const newest = playlist.match(/^seg\/.*$/gm)?.at(-1)
  expect((await fixture.fetch(`/live/reviewed/${newest}`)).status).toBe(200)
  const stream = await fixture.listen('/live/reviewed/opus.mp4')
  await until('the stream comes', async () => stream.sequences.length > 0)
  stream.close()
  expect((await fixture.fetch('/live/reviewed/seg/2.m4s')).status).toBe(403)
  expect((await fixture.fetch('/replay/reviewed/index.m3u8')).status).toBe(403)
})

test('a download that is under way breaks off, and does not pass for the whole', async () => {
  const facts = await largeSpace('half')
  const client = net.connect({ host: '127.0.0.1', port: fixture.edge.port })
  client.on('error', () => undefined) // a reset is an end like any other
  const closed = new Promise((resolve) => client.once('close', resolve))
  let last = ''
  let length = 0
  let isWithheld = false
  client.on('data', (bytes: Buffer) => {
    last = bytes.toString('latin1')
    length += bytes.length
    if (!isWithheld && length > 20_000) client.pause()
  })
  client.write('GET /replay/half/recording.mp4 HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n')
  await until('the download is under way', async () => client.isPaused())
  await withhold(facts, true)
  isWithheld = true
  client.resume()
  await closed
  expect(length).toBeLessThan(LARGE_PARTS * 12_750)
  // The last chunk of a whole body (RFC 9112, section 7.1).
  expect(last).not.toEndWith('0\r\n\r\n')
}, 30_000)
