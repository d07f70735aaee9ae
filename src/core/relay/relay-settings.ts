// What the settings say of the relay, and what follows from it.

import { MimbarError } from '../../base/errors.ts'
import { parseTurnUrl } from './turn-url.ts'

interface RelayConfig {
  /** Addresses with commas between; empty: there is no relay. */
  readonly turnUrl: string
  readonly turnSecret: string
  readonly stageUdpPort: number
  readonly stages: number
}

/** Throws `bad-request` for what is half said, or what browsers would not take. */
export function checkRelaySettings(config: Pick<RelayConfig, 'turnUrl' | 'turnSecret'>): void {
  if ((config.turnUrl === '') !== (config.turnSecret === '')) {
    throw new MimbarError('bad-request', '--turn-url and --turn-secret go together.')
  }
  const urls = turnUrls(config)
  const isNone = config.turnUrl !== '' && urls.length === 0
  if (isNone || urls.some((url) => parseTurnUrl(url) === undefined)) {
    const what = 'addresses like turns:turn.example.org:5349?transport=tcp, with commas between'
    throw new MimbarError('bad-request', `--turn-url takes ${what}, not "${config.turnUrl}".`)
  }
}

/** The addresses of the relay. */
export function turnUrls({ turnUrl }: Pick<RelayConfig, 'turnUrl'>): readonly string[] {
  return turnUrl
    .split(',')
    .map((url) => url.trim())
    .filter((url) => url !== '')
}

/** Each stage's UDP port for what comes through the relay, after the ports of all stages; none without a relay. */
export function relayUdpPorts({
  turnUrl,
  stageUdpPort,
  stages,
}: Omit<RelayConfig, 'turnSecret'>): readonly number[] {
  if (turnUrl === '') return []
  return Array.from({ length: stages }, (_, index) => stageUdpPort + stages + index)
}
