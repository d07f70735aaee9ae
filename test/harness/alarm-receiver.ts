// Where alarms are posted in tests: an HTTP server that checks every signature as a receiver should, by the words of
// docs/operations.md and none of our code, and answers as it is told.

import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Running } from '../../src/base/lifetime.ts'
import { randomPort } from './random-port.ts'

export interface ReceivedAlarm {
  readonly id: string
  readonly alarm: string
  readonly subject: string
  readonly state: 'raised' | 'cleared'
  readonly since: string
  readonly node: string
  readonly words: string
}

export interface AlarmReceiver extends Running {
  readonly url: string
  /** Every request, in order; those that it refused, too. */
  readonly tries: readonly {
    readonly alarm: ReceivedAlarm
    readonly status: number
    readonly isSigned: boolean
  }[]
  /** What it has taken. */
  taken(): readonly ReceivedAlarm[]
  /** Answers to the next requests, one after the other; 204 afterwards. */
  answerNext(...answers: readonly (number | Response)[]): void
}

/** `secret` is what the signatures are checked with. */
export function startAlarmReceiver(secret: string): AlarmReceiver {
  const tries: { alarm: ReceivedAlarm; status: number; isSigned: boolean }[] = []
  const next: (number | Response)[] = []
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: randomPort(),
    fetch: async (request) => {
      const body = await request.text()
      const answer = next.shift() ?? 204
      const response = answer instanceof Response ? answer : new Response(null, { status: answer })
      const isSigned = isSignedBy(secret, request.headers, body)
      tries.push({ alarm: JSON.parse(body) as ReceivedAlarm, status: response.status, isSigned })
      return response
    },
  })
  return {
    url: `http://127.0.0.1:${server.port}/alarms?key=not-to-be-told`,
    tries,
    taken: () => tries.filter(({ status }) => status < 300).map(({ alarm }) => alarm),
    answerNext: (...answers) => {
      next.push(...answers)
    },
    stop: () => server.stop(true),
  }
}

const OLD_S = 300

function isSignedBy(secret: string, headers: Headers, body: string): boolean {
  const id = headers.get('webhook-id') ?? ''
  const timestamp = headers.get('webhook-timestamp') ?? ''
  if (Math.abs(Date.now() / 1000 - Number(timestamp)) > OLD_S) return false
  const expected = createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest()
  const [version, given = ''] = (headers.get('webhook-signature') ?? '').split(',')
  const signature = Buffer.from(given, 'base64')
  return version === 'v1' && signature.length === expected.length && timingSafeEqual(signature, expected)
}
