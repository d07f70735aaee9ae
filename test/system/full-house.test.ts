// A Mimbar with room for three: the first three hear, the next ones get places, keep them across both edges, and come in
// by themselves in the order in which they came; who was inside returns ahead of them.

import { afterAll, beforeAll, expect, test } from 'bun:test'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { LineView, Place } from '../../src/core/door/waiting.ts'
import { decodeNote } from '../../src/core/stream/note-box.ts'
import { BoxReader } from '../../src/media/cmaf/reader.ts'
import { goOnAir, type SpaceOnAir } from '../harness/on-air.ts'
import { type RunningMimbar, startMimbar } from '../harness/running-mimbar.ts'
import { until } from '../harness/until.ts'

const ROOM = 3
/** A place that is called is shown within this: a second for the line, one for the reports, and room to be slow. */
const CALLED_WITHIN_MS = 20_000

let mimbar: RunningMimbar
let space: SpaceOnAir

beforeAll(async () => {
  mimbar = await startMimbar({ flags: ['--listeners-max', String(ROOM), '--trusted-proxies', '127.0.0.1'] })
  space = await goOnAir(mimbar, { id: 'small', recorded: true })
  await until('a stream is there', async () => (await head()).ok, 15_000)
}, 60_000)

afterAll(async () => {
  await space?.leave()
  await mimbar?.stop()
}, 30_000)

const head = () => fetch(`${mimbar.publicUrl}/live/small/opus.mp4`, { method: 'HEAD' })

/** A player that keeps its ticket, and whose every try is a connection of its own. */
class Listener {
  ticket: string | undefined
  arrivedAtMs: number | undefined
  retryAfterS: number | undefined
  bytes = 0
  isInside = false
  #abort = new AbortController()

  /** True when it was let in. */
  async ask(file = 'opus.mp4'): Promise<boolean> {
    this.#abort = new AbortController()
    const query = this.ticket === undefined ? '' : `?ticket=${this.ticket}`
    const response = await fetch(`${mimbar.publicUrl}/live/small/${file}${query}`, {
      signal: this.#abort.signal,
      keepalive: false,
      headers: { 'User-Agent': crypto.randomUUID() },
    })
    if (response.status === 503) {
      const problem = (await response.json()) as { code: string; place: Place }
      expect(problem.code).toBe('full')
      this.ticket = problem.place.ticket
      this.arrivedAtMs = problem.place.arrivedAtMs
      this.retryAfterS = Number(response.headers.get('retry-after'))
      return false
    }
    expect(response.status).toBe(200)
    this.isInside = true
    void this.#listen(response)
    await until('it hears, and has a ticket', () => this.bytes > 0 && this.ticket?.startsWith('r'))
    return true
  }

  leave(): void {
    this.#abort.abort()
    this.isInside = false
    this.bytes = 0
  }

  async #listen(response: Response): Promise<void> {
    const reader = new BoxReader()
    try {
      for await (const bytes of response.body as unknown as AsyncIterable<Uint8Array>) {
        for (const box of reader.push(bytes.slice())) {
          const note = box.kind === 'uuid' ? decodeNote(box.bytes) : undefined
          if (note?.kind === 'hello') this.ticket = note.ticket
          else this.bytes += box.bytes.length
        }
      }
    } catch {
      // We hung up.
    }
  }
}

const line = async (): Promise<LineView> =>
  (await (await fetch(`${mimbar.publicUrl}/live/small/line`)).json()) as LineView

/** Asks for everybody until one of them is let in; answers who. */
async function firstIn(waiting: readonly Listener[]): Promise<number> {
  let found = -1
  await until(
    'somebody who waits comes in',
    async () => {
      // The last one asks first, so that it isn't the order of asking that counts.
      for (let n = waiting.length - 1; n >= 0 && found < 0; n--) {
        if (await (waiting[n] as Listener).ask()) found = n
      }
      return found >= 0
    },
    CALLED_WITHIN_MS,
  )
  return found
}

/**
 * They come in one after the other. An edge knows from reports of each second whom the other one has: until then it
 * would let one more in.
 */
async function fillHouse(inside: readonly Listener[]): Promise<void> {
  for (const [before, listener] of inside.entries()) {
    await until('somebody comes in', () => listener.ask(), CALLED_WITHIN_MS)
    await until(
      'everybody knows',
      async () => (await mimbar.publicSpace('small')).listeners === before + 1,
      CALLED_WITHIN_MS,
    )
  }
}

test('a full house gives places, keeps their order, and lets its own people back in first', async () => {
  const inside = [new Listener(), new Listener(), new Listener()]
  await fillHouse(inside)
  const waiting = [new Listener(), new Listener(), new Listener()]
  for (const listener of waiting) {
    expect(await listener.ask()).toBe(false)
    // Who arrives in the same millisecond is called at the same time.
    await until('the next millisecond', () => Date.now() > (listener.arrivedAtMs as number) + 1)
    expect(listener.retryAfterS).toBeGreaterThanOrEqual(1)
  }
  // However often they ask, and whichever edge they reach, they keep their times.
  const times = waiting.map((listener) => listener.arrivedAtMs)
  for (let n = 0; n < 4; n++) for (const listener of waiting) expect(await listener.ask()).toBe(false)
  expect(waiting.map((listener) => listener.arrivedAtMs)).toEqual(times)
  await until('the line is told', async () => (await line()).waiting === 3)

  inside[1]?.leave()
  expect(await firstIn(waiting)).toBe(0)
  const [, second, third] = waiting as [Listener, Listener, Listener]

  // A reload: gone and back, ahead of who waits.
  inside[0]?.leave()
  await until('it is let in again', () => (inside[0] as Listener).ask(), CALLED_WITHIN_MS)
  expect(await second.ask()).toBe(false)

  inside[2]?.leave()
  expect(await firstIn([second, third])).toBe(0)
  // A player that polls needs a slot too.
  const answer = await fetch(`${mimbar.publicUrl}/live/small/index.m3u8`, { keepalive: false })
  expect(answer.status).toBe(503)
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
  for (const listener of [...inside, ...waiting]) listener.leave()
}, 120_000)

test('a place outlives the restart of both edges, and is signed with a key that only this user may read', async () => {
  const inside = [new Listener(), new Listener(), new Listener()]
  await fillHouse(inside)
  const waiting = new Listener()
  expect(await waiting.ask()).toBe(false)
  const arrivedAtMs = waiting.arrivedAtMs
  for (const [role, pid] of mimbar.rolePids()) if (role.startsWith('edge-')) process.kill(pid, 'SIGKILL')
  await until('an edge is back', async () => (await head().catch(() => undefined))?.ok === true, 20_000)
  // At once, as players do: whoever waits is called when they take too long.
  await Promise.all(
    inside.map((listener) =>
      until('those inside return', async () => listener.ask().catch(() => false), CALLED_WITHIN_MS),
    ),
  )
  expect(await waiting.ask()).toBe(false)
  expect(waiting.arrivedAtMs).toBe(arrivedAtMs as number)
  inside[0]?.leave()
  await until('who waited comes in', () => waiting.ask(), CALLED_WITHIN_MS)
  for (const listener of [...inside, waiting]) listener.leave()
  expect(statSync(join(mimbar.dataFolder, 'door-keys')).mode & 0o777).toBe(0o600)
}, 120_000)

test('who waits, who came in and who was turned away is in the metrics', async () => {
  const text = await (await fetch(`${mimbar.publicUrl}/metrics`)).text()
  expect(text).toMatch(/^mimbar_edge_waiting \d+$/m)
  expect(text).toMatch(/^mimbar_edge_admitted_total\{as="return"\} \d+$/m)
  expect(text).toMatch(/^mimbar_edge_turned_away_total\{reason="full"\} \d+$/m)
})

test('the studio door believes a trusted proxy about who tries secrets, so that a guesser stands alone', async () => {
  const guess = async (address: string) => {
    const answer = await fetch(`${mimbar.studioUrl}/api/v1/spaces`, {
      method: 'POST',
      headers: {
        Authorization: 'Bearer not-a-secret',
        'Content-Type': 'application/json',
        'X-Forwarded-For': address,
      },
      body: '{"title":"a","recorded":false}',
    })
    await answer.arrayBuffer()
    return answer.status
  }
  await until('the guesser is told to wait', async () => (await guess('203.0.113.1')) === 429)
  expect(await guess('203.0.113.2')).toBe(401)
})
