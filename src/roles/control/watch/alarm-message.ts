// What the webhook posts, and how it is signed: Standard Webhooks (standardwebhooks.com), so that receivers find a
// library for it, or check it in five lines:
//
//     webhook-id         the message's id, the same at each try
//     webhook-timestamp  when this try was made, s since the Unix epoch
//     webhook-signature  v1,<base64 of HMAC-SHA256 over "<id>.<timestamp>.<body>">

import { createHmac } from 'node:crypto'
import type { WallMillis } from '../../../base/units.ts'
import type { AlarmChange } from '../../../core/watch/alarm-book.ts'
import { type AlarmKind, alarmWords } from '../../../core/watch/alarm-kinds.ts'

/** The body, as JSON. A cleared alarm has the `alarm`, `subject` and `since` of the raised one. */
export interface AlarmMessage {
  readonly version: 1
  readonly id: string
  readonly node: string
  /** `test`: sent by hand; nothing is wrong. */
  readonly alarm: AlarmKind | 'test'
  readonly subject: string
  readonly state: 'raised' | 'cleared'
  /** When it began to be so, ISO 8601 in UTC. */
  readonly since: string
  /** For people. */
  readonly words: string
}

/** Of the operator's secret, when it has this prefix, the rest is the key in base64; else its text is the key. */
const SECRET_PREFIX = 'whsec_'

export function messageOf({ state, alarm }: AlarmChange, node: string): AlarmMessage {
  const { subject, sinceMs, share } = alarm
  const { title, says, mend } = alarmWords[alarm.alarm]
  const percent = share === undefined ? '' : `${Math.round(share * 100)} %`
  const words =
    state === 'raised'
      ? `${title} (${subject}). ${says(subject, percent)} ${mend}`
      : `Over: ${title} (${subject}).`
  return {
    version: 1,
    id: idOf(state, alarm.alarm, subject, sinceMs),
    node,
    alarm: alarm.alarm,
    subject,
    state,
    since: new Date(sinceMs).toISOString(),
    words,
  }
}

export function testMessage(node: string, wall: WallMillis): AlarmMessage {
  return {
    version: 1,
    id: idOf('raised', 'test', 'webhook', wall),
    node,
    alarm: 'test',
    subject: 'webhook',
    state: 'raised',
    since: new Date(wall).toISOString(),
    words: 'This is a test. Nothing is wrong.',
  }
}

/** Headers of one try. */
export function headersOf(
  id: string,
  body: string,
  secret: string,
  wall: WallMillis,
): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(wall / 1_000))
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'Mimbar',
    'webhook-id': id,
    'webhook-timestamp': timestamp,
  }
  if (secret === '') return headers
  const signature = createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.${body}`).digest('base64')
  return { ...headers, 'webhook-signature': `v1,${signature}` }
}

function keyOf(secret: string): Buffer {
  return secret.startsWith(SECRET_PREFIX)
    ? Buffer.from(secret.slice(SECRET_PREFIX.length), 'base64')
    : Buffer.from(secret, 'utf8')
}

/** Without a full stop, which divides what is signed. */
function idOf(state: string, alarm: string, subject: string, sinceMs: number): string {
  return `${state}-${alarm}-${subject.replaceAll(/[^\w-]/g, '_')}-${Math.round(sinceMs)}`
}
