// Where alarms may be posted. The operator sets it, so any address will do; but what is posted names spaces and tells how
// this machine is, so in the clear it goes no farther than the operator's own network.

import { MimbarError } from '../base/errors.ts'
import type { Config } from '../config.ts'

const SECRET_CHARACTERS_MIN = 16

type AlarmSettings = Pick<Config, 'alarmWebhook' | 'alarmWebhookSecret'>

/** Throws `bad-request` when `--alarm-webhook` or its secret cannot be used. */
export function checkAlarmWebhook({ alarmWebhook, alarmWebhookSecret }: AlarmSettings): void {
  if (alarmWebhook === '') {
    if (alarmWebhookSecret === '') return
    throw wrong('--alarm-webhook-secret goes with --alarm-webhook.')
  }
  // The address itself is not repeated: what comes after its host is often a secret.
  const url = URL.canParse(alarmWebhook) ? new URL(alarmWebhook) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username || url.password || url.hash) {
    throw wrong('--alarm-webhook takes an address like https://example.org/alarms, without a user or a #.')
  }
  if (url.protocol === 'http:' && !isPrivateHost(url.hostname)) {
    const why = 'http is for this machine and private networks, by their address.'
    throw wrong(`--alarm-webhook to ${url.host} needs https; ${why}`)
  }
  if (alarmWebhookSecret === '') return
  if (alarmWebhookSecret.length < SECRET_CHARACTERS_MIN) {
    throw wrong(`--alarm-webhook-secret takes at least ${SECRET_CHARACTERS_MIN} characters.`)
  }
  if (/^whsec_(?![A-Za-z0-9+/]{16,}={0,2}$)/.test(alarmWebhookSecret)) {
    throw wrong('--alarm-webhook-secret that begins with whsec_ goes on in base64.')
  }
}

/** What the operator should know of settings that work. */
export function alarmWarnings({ alarmWebhook, alarmWebhookSecret }: AlarmSettings): readonly string[] {
  if (alarmWebhook === '') return []
  return [
    ...(alarmWebhook.startsWith('http:') ? ['Alarms are posted in the clear: --alarm-webhook is http.'] : []),
    ...(alarmWebhookSecret === ''
      ? ['Alarms are posted unsigned: with --alarm-webhook-secret a receiver can tell that they are ours.']
      : []),
  ]
}

/** Loopback, and the private networks of RFC 1918 and RFC 4193; `name` as a URL spells it. */
function isPrivateHost(name: string): boolean {
  return (
    /^(localhost|127\.[\d.]+|10\.[\d.]+|192\.168\.[\d.]+|172\.(1[6-9]|2\d|3[01])\.[\d.]+)$/.test(name) ||
    /^\[(::1|f[cd][\da-f]{2}:[\da-f:]*)\]$/.test(name)
  )
}

const wrong = (what: string) => new MimbarError('bad-request', what)
