// The TURN relay: can people reach it, does it take the credentials that control gives out, and to whom would it send?

import { createHash, createHmac, randomBytes } from 'node:crypto'
import { networkInterfaces } from 'node:os'
import { MimbarError } from '../../base/errors.ts'
import { wallMillis } from '../../base/units.ts'
import type { Config } from '../../config.ts'
import { type Ip, ipBytes, parseIp } from '../../core/address/ip.ts'
import { relayServer } from '../../core/relay/relay-credentials.ts'
import { turnUrls } from '../../core/relay/relay-settings.ts'
import { type RelayVerdict, tryRelay } from '../../core/relay/relay-trial.ts'
import { parseTurnUrl } from '../../core/relay/turn-url.ts'
import type { Finding } from './finding.ts'
import { openRelayLine } from './relay-line.ts'

const CREDENTIALS_LIVE_MS = 60_000
/** Where clouds keep what a machine may know of itself: a relay that sends there sends everywhere in its network. */
const FORBIDDEN_ADDRESS = '169.254.169.254'
const HOW = 'docs/operations.md shows a configuration'

/** Nothing to say without `--turn-url`. */
export async function checkRelays(config: Config): Promise<readonly Finding[]> {
  const found = await Promise.all(turnUrls(config).map((url) => checkRelay(url, config)))
  return found.flat()
}

async function checkRelay(url: string, config: Config): Promise<readonly Finding[]> {
  const name = `The relay ${url}`
  const address = parseTurnUrl(url)
  if (address === undefined) throw new MimbarError('bad-request', `--turn-url takes no "${url}".`)
  const stages = stageAddresses(config)
  try {
    const line = await openRelayLine(address)
    try {
      const peers = [...stages, FORBIDDEN_ADDRESS].map((text) => ipBytes(parseIp(text) as Ip))
      const verdict = await tryRelay({
        ...credentials(url, config.turnSecret),
        peers,
        ask: (request) => line.ask(request),
        newTransactionId: () => new Uint8Array(randomBytes(12)),
        hmac: (key, bytes) => new Uint8Array(createHmac('sha1', key).update(bytes).digest()),
        md5: (bytes) => new Uint8Array(createHash('md5').update(bytes).digest()),
      })
      return sayVerdict(name, verdict, stages)
    } finally {
      line.close()
    }
  } catch (error) {
    if (!(error instanceof MimbarError)) throw error
    return [sayUnreached(name, error)]
  }
}

function sayVerdict(name: string, verdict: RelayVerdict, stages: readonly string[]): readonly Finding[] {
  if (verdict.kind === 'works') return sayPeers(name, verdict.sendsTo, stages)
  if (verdict.kind === 'unguarded') {
    const what = `${name} relays for anybody, without credentials.`
    return [{ verdict: 'fail', what, mend: `Set use-auth-secret and static-auth-secret; ${HOW}.` }]
  }
  if (verdict.kind === 'unauthorized') {
    const what = `${name} refuses our credentials (401).`
    const mend =
      '--turn-secret has to be its static-auth-secret, with use-auth-secret, and both clocks right to the hour.'
    return [{ verdict: 'fail', what, mend }]
  }
  if (verdict.kind === 'refused') {
    const what = `${name} refuses to relay: ${verdict.code} ${verdict.reason}.`
    return [{ verdict: 'fail', what, mend: 'Its log says why; quotas and forbidden addresses are usual.' }]
  }
  return [
    { verdict: 'fail', what: `${name} is somebody who does not speak TURN.`, mend: 'Correct --turn-url.' },
  ]
}

function sayPeers(name: string, sendsTo: readonly boolean[], stages: readonly string[]): readonly Finding[] {
  const reached = stages.filter((_, at) => sendsTo[at])
  const findings: Finding[] = []
  if (stages.length === 0) {
    const what = `${name} answers and takes our credentials.`
    findings.push({
      verdict: 'warn',
      what,
      mend: 'Whether it sends to the stages is not known: they have no address yet.',
    })
  } else if (reached.length === 0) {
    const what = `${name} answers, and will not send to this machine (${stages.join(', ')}).`
    findings.push({ verdict: 'fail', what, mend: `Say allowed-peer-ip=${stages[0]} to it; ${HOW}.` })
  } else {
    findings.push({
      verdict: 'ok',
      what: `${name} answers, takes our credentials, and sends to ${reached.join(' and ')}.`,
    })
  }
  if (sendsTo.at(-1) === true) {
    const what = `${name} sends wherever a guest asks it to, also into its own network (${FORBIDDEN_ADDRESS}).`
    findings.push({ verdict: 'warn', what, mend: `Set denied-peer-ip for all but the stages; ${HOW}.` })
  }
  return findings
}

function sayUnreached(name: string, error: MimbarError): Finding {
  if (error.code === 'unauthorized') {
    const what = `${name} shows a certificate that browsers will not accept: ${error.message}.`
    return {
      verdict: 'fail',
      what,
      mend: 'Give it one for this name (cert= and pkey=), with its whole chain.',
    }
  }
  const what = `${name} cannot be reached: ${error.message}.`
  const mend = 'Is it running, is its port open, and is --turn-url its name and port?'
  return { verdict: 'fail', what, mend }
}

function credentials(
  url: string,
  secret: string,
): { readonly username: string; readonly credential: string } {
  const until = wallMillis(Date.now() + CREDENTIALS_LIVE_MS)
  return relayServer([url], 'doctor', until, (text) =>
    createHmac('sha1', secret).update(text).digest('base64'),
  )
}

/** Where answers tell a relay to send to, as far as can be told from here. */
function stageAddresses({ host, announcedAddress }: Config): readonly string[] {
  const isEvery = host === '0.0.0.0' || host === '::'
  const interfaces = Object.values(networkInterfaces()).flatMap((list) => list ?? [])
  const own = interfaces.filter(({ internal, family }) => !internal && family === 'IPv4')
  const addresses = [announcedAddress, ...(isEvery ? own.map(({ address }) => address) : [host])]
  return [...new Set(addresses.filter((address) => parseIp(address) !== undefined))]
}
