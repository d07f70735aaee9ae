// A recording that is withheld: refused at every address that it has, whatever dies or starts anew, and afterwards the
// same as before.

import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import type { Problem } from '../../src/core/api/api.ts'
import { type RunningMimbar, startMimbar } from '../harness/running-mimbar.ts'
import { until } from '../harness/until.ts'

setDefaultTimeout(90_000)

const ID = 'taken-down'
const PATIENCE_MS = 30_000
/** Connections are dealt out to edges by chance: with so many no edge is missed. */
const FRESH_CONNECTIONS = 12

let mimbar: RunningMimbar
beforeAll(async () => {
  mimbar = await startMimbar()
  await mimbar.createSpace({ id: ID, title: 'What was said', recorded: true })
  expect((await mimbar.post(`/spaces/${ID}/start`)).status).toBe(200)
  await until(
    'there is something of it',
    async () => (await playlist()).split('seg/').length > 3,
    PATIENCE_MS,
  )
  expect((await mimbar.post(`/spaces/${ID}/end`)).status).toBe(200)
  await until(
    'it is complete at every edge',
    async () => (await playlists()).every((text) => text.includes('ENDLIST')),
    PATIENCE_MS,
  )
})
afterAll(() => mimbar?.stop())

/** On a connection of its own. */
const ask = (path: string, headers: Record<string, string> = {}) =>
  fetch(`${mimbar.publicUrl}${path}`, { headers: { Connection: 'close', ...headers } })
const playlist = async () => (await ask(`/replay/${ID}/index.m3u8`)).text()
const playlists = () => Promise.all(Array.from({ length: FRESH_CONNECTIONS }, playlist))

/** What each of a dozen connections is told of the replay. */
const statuses = () =>
  Promise.all(
    Array.from({ length: FRESH_CONNECTIONS }, async () => (await ask(`/replay/${ID}/index.m3u8`)).status),
  )
const untilAllAnswer = (status: number) =>
  until(
    `every edge answers ${status}`,
    async () => (await statuses()).every((one) => one === status),
    PATIENCE_MS,
  )

/** As the operator. */
async function withhold(withheld: boolean): Promise<void> {
  const answer = await fetch(`${mimbar.studioUrl}/api/v1/spaces/${ID}`, {
    method: 'PATCH',
    headers: { authorization: `Bearer ${mimbar.operatorSecret}`, 'content-type': 'application/json' },
    body: JSON.stringify({ withheld }),
  })
  expect(answer.status).toBe(200)
}

const pidOf = (role: string) => {
  const pid = mimbar.rolePids().get(role)
  if (pid === undefined) throw new Error(`${role} does not run`)
  return pid
}
async function killAndAwait(role: string): Promise<void> {
  const before = pidOf(role)
  process.kill(before, 'SIGKILL')
  await until(
    `${role} is back`,
    () => ![undefined, before].includes(mimbar.rolePids().get(role)),
    PATIENCE_MS,
  )
}

const isControlBack = async () =>
  (await fetch(`${mimbar.studioUrl}/readyz`).catch(() => undefined))?.ok === true

/** Looks at what is given meanwhile. */
async function isServedByNewEdge(): Promise<boolean> {
  const told: readonly number[] = await statuses().catch(() => [])
  expect(told).not.toContain(200)
  const metrics = await ask('/metrics').then(
    (answer) => answer.text(),
    () => '',
  )
  return metrics.includes('edge-0') && told.includes(403) && !told.includes(200)
}

test('what is withheld is refused everywhere and through every restart, and is byte for byte the same afterwards', async () => {
  const before = await playlist()
  const paths = [...before.matchAll(/^seg\/.*$/gm)].map(([uri]) => `/replay/${ID}/${uri}`)
  paths.push(`/replay/${ID}/recording.mp4`, `/replay/${ID}/recording.ogg`)
  const bytesOf = async (path: string) => Bun.hash(await (await ask(path)).arrayBuffer())
  const fetched = await Promise.all(paths.map(bytesOf))

  await withhold(true)
  await untilAllAnswer(403)
  for (const path of paths) {
    const answer = await ask(path)
    const { code } = (await answer.json()) as Problem
    expect([path, answer.status, code]).toEqual([path, 403, 'withheld'])
  }
  expect(await mimbar.publicSpace(ID)).toMatchObject({ replay: false, withheld: true })
  const page = await (await ask(`/s/${ID}`, { 'Accept-Language': 'id' })).text()
  expect(page).toContain('<p>Percakapan ini direkam, tetapi rekamannya tidak dapat didengarkan di sini.</p>')

  await killAndAwait('control')
  expect(new Set(await statuses())).toEqual(new Set([403]))
  await until('control is back', isControlBack, PATIENCE_MS)
  const space = await (await fetch(`${mimbar.studioUrl}/api/v1/spaces/${ID}`)).json()
  expect(space).toMatchObject({ replay: false, withheld: true })

  // An edge that starts while control says nothing, from what the log role has on its disk: it may know nothing yet, and
  // never gives what it should not.
  const control = pidOf('control')
  process.kill(control, 'SIGSTOP')
  try {
    await killAndAwait('log')
    await killAndAwait('edge-0')
    await until('the new edge serves', isServedByNewEdge, PATIENCE_MS)
    await untilAllAnswer(403)
  } finally {
    process.kill(control, 'SIGCONT')
  }

  await withhold(false)
  await untilAllAnswer(200)
  expect(await playlist()).toBe(before)
  expect(await Promise.all(paths.map(bytesOf))).toEqual(fetched)
})
