import { afterAll, expect, test } from 'bun:test'
import { ask, dial } from './knock.ts'

const WELL_WITHIN_MS = 20_000
const SOON_MS = 200

/** Answers requests, and refuses to be a WebSocket. */
const door = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: () => new Response('ok', { status: 404 }) })
/** Takes what is said and says nothing, as a tunnel does. */
const tunnel = Bun.listen({ port: 0, hostname: '127.0.0.1', socket: { data() {} } })
const openUrl = `http://127.0.0.1:${door.port}/healthz`
const voidUrl = `http://127.0.0.1:${tunnel.port}/healthz`
const never = new AbortController().signal

afterAll(async () => {
  await door.stop(true)
  tunnel.stop(true)
})

async function closedUrl(): Promise<string> {
  const gone = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: () => new Response() })
  await gone.stop(true)
  return `http://127.0.0.1:${gone.port}/healthz`
}

test('whatever a door answers, it answered', async () => {
  expect(await ask(openUrl, WELL_WITHIN_MS, never)).toBe('answered')
})

test('a door that is known not to be there is told from silence', async () => {
  expect(await ask(await closedUrl(), WELL_WITHIN_MS, never)).toBe('failed')
  expect(await ask(voidUrl, SOON_MS, never)).toBe('void')
})

test('a refusal to be dialled, like a door that is not there, is told from silence', async () => {
  expect(await dial(openUrl, WELL_WITHIN_MS, never)).toBe('failed')
  expect(await dial(await closedUrl(), WELL_WITHIN_MS, never)).toBe('failed')
  expect(await dial(voidUrl, SOON_MS, never)).toBe('void')
})

test('a knock ends with whoever wanted to know', async () => {
  const stopping = new AbortController()
  const knocks = [
    ask(voidUrl, WELL_WITHIN_MS, stopping.signal),
    dial(voidUrl, WELL_WITHIN_MS, stopping.signal),
  ]
  stopping.abort()
  expect(await Promise.all(knocks)).toEqual(['failed', 'void'])
})
