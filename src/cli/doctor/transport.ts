// May a browser open its microphone here? Only in a secure context: https, or localhost.

import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Config } from '../../config.ts'
import type { Finding } from './finding.ts'

const DAY_MS = 86_400_000
const RENEW_BEFORE_DAYS = 14

/** https, or a name that browsers trust as local (W3C Secure Contexts, section 3.1). */
export async function checkSecureContext(config: Config): Promise<Finding> {
  const { protocol, hostname } = new URL(config.studioUrl)
  const isLocal =
    hostname === 'localhost' || hostname.endsWith('.localhost') || /^(127\.|\[::1\])/.test(hostname)
  if (protocol === 'https:') return { verdict: 'ok', what: `Microphones can open on ${config.studioUrl}.` }
  if (isLocal) {
    return {
      verdict: 'ok',
      what: `Microphones can open on ${config.studioUrl}, from this machine only.`,
      mend: 'For speakers elsewhere: --domain, or --tls-cert, --tls-key and --studio-url https://…',
    }
  }
  return {
    verdict: 'fail',
    what: `Browsers open no microphone on ${config.studioUrl}: it is neither https nor localhost.`,
    mend: 'Say --domain, or give a certificate with --tls-cert and --tls-key and an https address with --studio-url.',
  }
}

export async function checkCertificate(config: Config): Promise<readonly Finding[]> {
  if (config.tlsCert === '') return []
  try {
    const certificate = new X509Certificate(readFileSync(config.tlsCert))
    const daysLeft = Math.floor((Date.parse(certificate.validTo) - Date.now()) / DAY_MS)
    const names = [config.publicUrl, config.studioUrl].map((url) => new URL(url).hostname)
    const strange = names.filter((name) => certificate.checkHost(name) === undefined)
    if (strange.length > 0) {
      const what = `The certificate does not cover ${[...new Set(strange)].join(' and ')}.`
      return [
        { verdict: 'fail', what, mend: 'Get one for these names, or correct --public-url and --studio-url.' },
      ]
    }
    if (daysLeft < 0)
      return [
        { verdict: 'fail', what: 'The certificate has expired.', mend: 'Renew it; it is re-read by itself.' },
      ]
    const what = `The certificate is good for another ${daysLeft} days.`
    if (daysLeft >= RENEW_BEFORE_DAYS) return [{ verdict: 'ok', what }]
    return [{ verdict: 'warn', what, mend: 'Renew it now; it is re-read by itself.' }]
  } catch (error) {
    return [
      {
        verdict: 'fail',
        what: `The certificate cannot be read: ${(error as Error).message}.`,
        mend: 'Check --tls-cert.',
      },
    ]
  }
}
