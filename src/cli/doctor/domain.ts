// With --domain: does the name lead here, is the plain port ours, and how does the certificate do?

import { lookup } from 'node:dns/promises'
import { networkInterfaces } from 'node:os'
import { type Config, certificateNames, nodePaths } from '../../config.ts'
import { parseTryRecord, renewAt } from '../../core/certificate/renewal.ts'
import { answersChallenges } from '../../host/challenge.ts'
import { accountThumbprint, type HeldCertificate, readHeld, readTries } from '../../host/tls-folder.ts'
import { localPlainUrl } from '../../node/local-url.ts'
import { privilegedPortMend, tryTcp } from '../../node/ports.ts'
import type { Finding } from './finding.ts'

const DAY_MS = 86_400_000
const WORLD_PORT = 80

/** Nothing to say without `--domain`. */
export async function checkDomain(config: Config): Promise<readonly Finding[]> {
  if (config.domain === '') return []
  const thumbprint = knownThumbprint(config)
  const names = certificateNames(config)
  const found = await Promise.all([
    ...names.map((name) => checkName(name, config)),
    checkPlainPort(config, thumbprint),
    ...(thumbprint === undefined ? [] : names.map((name) => checkReach(name, config, thumbprint))),
  ])
  return [...found.flat(), checkObtained(config)]
}

/** As far as this machine's resolver can tell. */
async function checkName(name: string, config: Config): Promise<Finding> {
  const found = await lookup(name, { all: true }).catch(() => [])
  const addresses = found.map(({ address }) => address)
  if (addresses.length === 0) {
    const mend = "Point its A or AAAA record to this machine's public address."
    return { verdict: 'fail', what: `The name ${name} leads nowhere.`, mend }
  }
  if (config.host === '0.0.0.0' && addresses.some((address) => address.includes(':'))) {
    const what = `The name ${name} has an AAAA record, and the doors listen on IPv4 alone.`
    return { verdict: 'warn', what, mend: 'Say "--host ::", or remove the AAAA record: it is tried first.' }
  }
  const ours = new Set(
    Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map((one) => one.address)),
  )
  const strange = addresses.filter((address) => !ours.has(address) && address !== config.announcedAddress)
  if (strange.length === 0) return { verdict: 'ok', what: `The name ${name} leads to this machine.` }
  return {
    verdict: 'warn',
    what: `The name ${name} leads to ${strange.join(' and ')}, which this machine does not have.`,
    mend: 'Right behind NAT that forwards to it, or a load balancer; else correct the A and AAAA records.',
  }
}

async function checkPlainPort(config: Config, thumbprint: string | undefined): Promise<Finding[]> {
  const { httpPort, host } = config
  const name = `TCP ${httpPort} (plain door)`
  const forward: Finding[] =
    httpPort === WORLD_PORT
      ? []
      : [
          {
            verdict: 'warn',
            what: `Certificate authorities ask on port ${WORLD_PORT}, and the plain door is on ${httpPort}.`,
            mend: `Forward TCP ${WORLD_PORT} to ${httpPort}.`,
          },
        ]
  const error = await tryTcp(host, httpPort)
  if (error === undefined) return [{ verdict: 'ok', what: `${name} is free.` }, ...forward]
  const isOurs = thumbprint !== undefined && (await answersChallenges(localPlainUrl(config), thumbprint))
  if (error === 'EADDRINUSE' && isOurs)
    return [{ verdict: 'ok', what: `${name} is held by a Mimbar that is running.` }, ...forward]
  const mend =
    error === 'EACCES'
      ? privilegedPortMend('http-port')
      : `Stop who holds it ("ss -ltnp sport = :${httpPort}"), or have it pass /.well-known/acme-challenge/ on to another --http-port.`
  return [{ verdict: 'fail', what: `${name} cannot be used: ${error}.`, mend }]
}

/** Only a running Mimbar can be reached; by name and from here, which is not yet from the world. */
async function checkReach(name: string, config: Config, thumbprint: string): Promise<Finding[]> {
  if (!(await answersChallenges(localPlainUrl(config), thumbprint))) return []
  if (await answersChallenges(`http://${name}`, thumbprint))
    return [{ verdict: 'ok', what: `http://${name} is answered by this Mimbar.` }]
  const what = `http://${name} is not answered by this Mimbar, seen from here.`
  const mend = 'Right where NAT does not lead back in; else open TCP 80 in the firewall and forward it.'
  return [{ verdict: 'warn', what, mend }]
}

function checkObtained(config: Config): Finding {
  const folder = nodePaths(config.data).tls
  const held = readHeld(folder)
  const { lastError, nextTryMs } = parseTryRecord(readTries(folder))
  const isRight = held !== undefined && !held.isTemporary && held.covers(certificateNames(config))
  const trouble =
    lastError === undefined
      ? ''
      : ` The last try failed: ${lastError.replace(/\.?$/, '.')} Next try at ${new Date(nextTryMs).toISOString()}.`
  if (!isRight) {
    const what = `There is no certificate for ${certificateNames(config).join(' and ')} yet.${trouble}`
    return { verdict: 'warn', what, mend: 'A running Mimbar obtains it; until then browsers warn.' }
  }
  const left = daysLeft(held)
  if (left < 0) {
    const what = `The certificate has expired.${trouble}`
    return { verdict: 'fail', what, mend: 'Start Mimbar, which renews it, and read its log.' }
  }
  const isLate = Date.now() > renewAt(held) + DAY_MS
  const what = `The certificate is good for another ${left} days, and renewed from ${new Date(renewAt(held)).toISOString().slice(0, 10)}.${trouble}`
  if (!isLate && trouble === '') return { verdict: 'ok', what }
  return { verdict: 'warn', what, mend: 'A running Mimbar renews it; its log says what is in the way.' }
}

const daysLeft = ({ notAfterMs }: HeldCertificate) => Math.floor((notAfterMs - Date.now()) / DAY_MS)

/** Undefined before the first start. */
function knownThumbprint(config: Config): string | undefined {
  try {
    return accountThumbprint(nodePaths(config.data).tls)
  } catch {
    return undefined // no account yet: nobody can answer for it either
  }
}
