// What Mimbar must not keep, must not write down in clear, and must not ask a listener's browser to remember.

import { afterAll, beforeAll, expect, test } from 'bun:test'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Ear } from '../harness/ear.ts'
import { goOnAir, type SpaceOnAir, secretOf, untilListed } from '../harness/on-air.ts'
import { type RunningMimbar, startMimbar } from '../harness/running-mimbar.ts'
import { until } from '../harness/until.ts'

let mimbar: RunningMimbar
let unrecorded: SpaceOnAir
let recorded: SpaceOnAir
let operatorSession: string
const ears: Ear[] = []

beforeAll(async () => {
  mimbar = await startMimbar()
  ;[unrecorded, recorded] = await Promise.all([
    goOnAir(mimbar, { id: 'off-the-record', recorded: false, voices: ['ana', 'budi'] }),
    goOnAir(mimbar, { id: 'on-the-record', recorded: true, voices: ['budi'] }),
  ])
  operatorSession = await openOperatorSession()
  for (const { id } of [unrecorded, recorded]) ears.push(new Ear(`${mimbar.publicUrl}/live/${id}/opus.mp4`))
  await until('both are heard', async () => ears.every((ear) => ear.hearsVoices()), 15_000)
  // Long enough that sound has reached the disk.
  await until('sound is on the disk', async () => soundFiles('on-the-record').length > 0, 10_000)
}, 60_000)

afterAll(async () => {
  for (const ear of ears) ear.stop()
  await Promise.all([unrecorded?.leave(), recorded?.leave()])
  await mimbar?.stop()
}, 30_000)

test('pages, media and the public API set no cookie, on either door', async () => {
  const { publicUrl, studioUrl } = mimbar
  const live = `${publicUrl}/live/on-the-record`
  const playlist = await untilListed(`${live}/opus.m3u8`)
  await untilListed(`${publicUrl}/replay/on-the-record/index.m3u8`)
  const segment = playlist.split('\n').find((line) => line.startsWith('seg/'))
  const addresses = [
    ...['/', '/s/on-the-record', '/about/count', '/healthz', '/readyz', '/metrics'].map(
      (path) => publicUrl + path,
    ),
    ...[
      '/api/v1/spaces',
      '/api/v1/spaces/on-the-record',
      '/api/v1/spaces/on-the-record/audience.csv',
      '/s/nobody',
    ].map((path) => publicUrl + path),
    ...['opus.mp4', 'opus.ogg', 'index.m3u8', 'opus.m3u8', 'init.mp4', segment].map(
      (file) => `${live}/${file}`,
    ),
    ...['index.m3u8', 'init.mp4'].map((file) => `${publicUrl}/replay/on-the-record/${file}`),
    ...['/', '/operator', '/s/on-the-record/stage', '/api/v1/spaces'].map((path) => studioUrl + path),
  ]
  for (const address of addresses) {
    const leaving = new AbortController()
    const answer = await fetch(address, { signal: leaving.signal, redirect: 'manual' })
    expect([address, answer.status < 500, answer.headers.getSetCookie()]).toEqual([address, true, []])
    leaving.abort()
  }
})

test('no secret is anywhere in the data folder, nor in what was printed, but for the operator’s link, once', () => {
  const seatTokens = [...unrecorded.speakers, ...recorded.speakers].map((speaker) => speaker.held?.token)
  const links = [unrecorded, recorded].flatMap(({ links }) => [links.host, links.speaker].map(secretOf))
  const secrets = { operator: mimbar.operatorSecret, operatorSession, links, seatTokens }
  const all = Object.values(secrets).flat()
  expect(all).toHaveLength(9)
  for (const secret of all) expect(secret).toMatch(/^[\w-]{20,}$/)

  const files = filesBelow(mimbar.dataFolder).filter((path) => path !== 'run/operator-token')
  expect(files).toContain('control.db')
  const found = files.flatMap((path) => {
    const bytes = readFileSync(join(mimbar.dataFolder, path))
    return all.filter((secret) => bytes.includes(secret as string)).map(() => path)
  })
  expect(found).toEqual([])

  const printed = mimbar.output()
  expect(printed.split(mimbar.operatorSecret)).toHaveLength(2)
  for (const secret of all.slice(1)) expect(printed).not.toContain(secret as string)
})

test('who listened is in no file: neither an address nor a browser’s name', async () => {
  const leaving = new AbortController()
  const headers = { 'user-agent': 'a browser of my own' }
  await fetch(`${mimbar.publicUrl}/live/on-the-record/opus.mp4`, { headers, signal: leaving.signal })
  await until('it was counted as a device', async () => {
    const { audience } = await mimbar.publicSpace('on-the-record')
    return (audience?.unique ?? 0) >= 2
  })
  const found = filesBelow(mimbar.dataFolder).filter((path) => {
    const bytes = readFileSync(join(mimbar.dataFolder, path))
    return bytes.includes('a browser of my own') || bytes.includes('127.0.0.1')
  })
  leaving.abort()
  expect(found).toEqual([])
}, 20_000)

test('what tells this machine’s tools apart is readable by its user alone', () => {
  const run = join(mimbar.dataFolder, 'run')
  expect(statSync(run).mode & 0o077).toBe(0)
  expect(statSync(join(run, 'operator-token')).mode & 0o077).toBe(0)
  for (const path of readdirSync(run).filter((name) => name.endsWith('.sock'))) {
    expect([path, statSync(join(run, path)).mode & 0o077]).toEqual([path, 0])
  }
})

test('a program that was not recorded has no replay, while it is on and afterwards', async () => {
  const files = ['index.m3u8', 'init.mp4', 'seg/0.m4s', 'seg/3.m4s', 'recording.mp4', 'recording.ogg']
  const statuses = () =>
    Promise.all(
      files.map(async (file) => (await fetch(`${mimbar.publicUrl}/replay/off-the-record/${file}`)).status),
    )
  for (const status of await statuses()) expect([404, 410]).toContain(status)
  await unrecorded.end()
  await until('everyone is told', async () => ears[0]?.isOver === true, 10_000)
  for (const status of await statuses()) expect([404, 410]).toContain(status)
  // The public door keeps an answer for a second.
  const ended = await until('the API says so', async () => {
    const space = await mimbar.publicSpace('off-the-record')
    return space.phase === 'ended' ? space : undefined
  })
  expect(ended.replay).toBe(false)
})

test('deleting a space takes its sound off the disk, recorded or not', async () => {
  await recorded.end()
  await until('it is over', async () => ears[1]?.isOver === true, 10_000)
  expect(soundFiles('on-the-record').length).toBeGreaterThan(0)
  for (const { id, links } of [unrecorded, recorded]) {
    const answer = await fetch(`${mimbar.studioUrl}/api/v1/spaces/${id}`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${mimbar.operatorSecret}` },
    })
    expect(answer.status).toBe(204)
    await until(`nothing of ${id} is left`, async () => soundFiles(id).length === 0, 10_000)
    await until('its pages are gone', async () => (await statusOf(`/s/${id}`)) === 404, 10_000)
    for (const file of ['index.m3u8', 'recording.ogg']) {
      expect(await statusOf(`/replay/${id}/${file}`)).toBe(404)
    }
    const seat = await fetch(`${mimbar.studioUrl}/api/v1/spaces/${id}/seats`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: mimbar.studioUrl },
      body: JSON.stringify({ secret: secretOf(links.host), name: 'Late' }),
    })
    expect(seat.status).toBe(404)
  }
})

/** What belongs to a space's sound, by the name of its folder. */
function soundFiles(space: string): readonly string[] {
  return filesBelow(mimbar.dataFolder).filter((path) => path.split('/').includes(space))
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
}

async function statusOf(path: string): Promise<number> {
  return (await fetch(mimbar.publicUrl + path)).status
}

async function openOperatorSession(): Promise<string> {
  const answer = await fetch(`${mimbar.studioUrl}/api/v1/operator/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: mimbar.studioUrl },
    body: JSON.stringify({ secret: mimbar.operatorSecret }),
  })
  const [cookie = ''] = answer.headers.getSetCookie()
  expect(cookie).toMatch(/; HttpOnly/i)
  expect(cookie).toMatch(/; SameSite=Strict/i)
  return /^mimbar_operator=([^;]+)/.exec(cookie)?.[1] as string
}
