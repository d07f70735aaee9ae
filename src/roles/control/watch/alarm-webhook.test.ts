import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { type AlarmReceiver, startAlarmReceiver } from '../../../../test/harness/alarm-receiver.ts'
import { until } from '../../../../test/harness/until.ts'
import { systemClock } from '../../../host/system-clock.ts'
import { type AlarmMessage, headersOf, messageOf } from './alarm-message.ts'
import {
  AlarmWebhook,
  type AlarmWebhookOptions,
  WEBHOOK_QUEUE_MAX,
  WEBHOOK_TRIES_MAX,
} from './alarm-webhook.ts'

const SECRET = 'a secret of 16 characters and more'
const WITHIN_MS = 20_000

let receiver: AlarmReceiver
let ending: AbortController
let lines: string[]
beforeEach(() => {
  receiver = startAlarmReceiver(SECRET)
  ending = new AbortController()
  lines = []
})
afterEach(async () => {
  ending.abort()
  await receiver.stop()
})

function webhook(more: Partial<AlarmWebhookOptions> = {}): AlarmWebhook {
  return new AlarmWebhook({
    url: receiver.url,
    secret: SECRET,
    clock: systemClock,
    signal: ending.signal,
    log: (line) => lines.push(line),
    backoff: { firstMs: 1, factor: 1, maxMs: 1 },
    ...more,
  })
}

function messageAbout(subject: string): AlarmMessage {
  return messageOf(
    { state: 'raised', alarm: { alarm: 'edge-lost', subject, sinceMs: 1.8e12 } },
    'radio.example',
  )
}

describe('the webhook', () => {
  test('tries again under the same id until it is taken, signed each time, and in order', async () => {
    const hook = webhook()
    receiver.answerNext(500, 503, Response.redirect(`${receiver.url}&elsewhere`, 307))
    hook.send(messageAbout('edge-0'))
    hook.send(messageAbout('edge-1'))
    await until('both are taken', () => receiver.taken().length === 2, WITHIN_MS)
    expect(receiver.taken().map(({ subject }) => subject)).toEqual(['edge-0', 'edge-1'])
    expect(receiver.tries.map(({ status }) => status)).toEqual([500, 503, 307, 204, 204])
    expect(new Set(receiver.tries.slice(0, 4).map(({ alarm }) => alarm.id)).size).toBe(1)
    expect(receiver.tries.every(({ isSigned }) => isSigned)).toBe(true)
    expect(receiver.taken()[0]).toMatchObject({
      version: 1,
      id: 'raised-edge-lost-edge-0-1800000000000',
      node: 'radio.example',
      alarm: 'edge-lost',
      state: 'raised',
      since: '2027-01-15T08:00:00.000Z',
    } as Partial<AlarmMessage>)
    await until('it knows', () => hook.view().delivered === 2, WITHIN_MS)
    expect(hook.view()).toMatchObject({ isSigned: true, lost: 0, waiting: 0 })
    expect(hook.view().problem).toBeUndefined()
    expect(hook.metrics()).toContain('mimbar_control_alarm_webhook_tries_total{outcome="failed"} 3')
  })

  test('gives a message up after its last try, says so without the address, and goes on to the next', async () => {
    const hook = webhook()
    receiver.answerNext(...Array<number>(WEBHOOK_TRIES_MAX).fill(500))
    hook.send(messageAbout('edge-0'))
    hook.send(messageAbout('edge-1'))
    await until('the second is taken', () => receiver.taken().length === 1, WITHIN_MS)
    expect(receiver.taken()[0]?.subject).toBe('edge-1')
    expect(lines.join()).toContain('gave up')
    expect(lines.join()).not.toContain('not-to-be-told')
    expect(hook.view().lost).toBe(1)
    expect(JSON.stringify(hook.view())).not.toContain('not-to-be-told')
    expect(hook.metrics()).toContain('mimbar_control_alarm_webhook_lost_total{reason="given-up"} 1')
  })

  test('whose receiver is away, or never answers, says why, and never holds more than its queue', async () => {
    await receiver.stop()
    const away = webhook({ backoff: { firstMs: 60_000, factor: 1, maxMs: 60_000 } })
    for (let i = 0; i < WEBHOOK_QUEUE_MAX + 11; i++) away.send(messageAbout(`edge-${i}`))
    // One is being tried, and is in the queue no more.
    await until('it has tried', () => away.view().problem !== undefined, WITHIN_MS)
    expect(away.view()).toMatchObject({ waiting: WEBHOOK_QUEUE_MAX, lost: 10, delivered: 0 })
    expect(away.view().problem).toContain('cannot be reached')

    const mute = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data: () => {} } })
    const hook = webhook({ url: `http://127.0.0.1:${mute.port}/`, timeoutMs: 50 })
    expect(await hook.try(messageAbout('edge-0'))).toContain('no answer within')
    mute.stop(true)
  })

  test('does not read what it is answered', async () => {
    let sent = 0
    const endless = new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        sent += 1
        controller.enqueue(new Uint8Array(65_536))
        await Bun.sleep(1)
      },
    })
    receiver.answerNext(new Response(endless))
    expect(await webhook().try(messageAbout('edge-0'))).toBeUndefined()
    // What the sockets' buffers took; an endless answer that was read would never have come to an end.
    expect(sent).toBeLessThan(1_000)
  })
})

test('the signature is that of Standard Webhooks, with the key as text or as whsec_ and base64', () => {
  // The example of the specification's reference libraries.
  const wall = 1_614_265_330_000 as never
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
  const headers = headersOf('msg_p5jXN8AQM9LWM0D4loKWxJek', '{"test": 2432232314}', secret, wall)
  expect(headers['webhook-signature']).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=')
  expect(headersOf('id', '{}', '', wall)['webhook-signature']).toBeUndefined()
})
