// Everything control does about the certificate of the doors: watches its end, and with `--domain` obtains it.

import type { Clock } from '../../../base/clock.ts'
import type { Running } from '../../../base/lifetime.ts'
import type { TlsFiles } from '../../../host/tls-files.ts'
import { type CertificateKeeperOptions, startCertificateKeeper } from './certificate-keeper.ts'
import { startExpiryWatch } from './expiry-watch.ts'

/** What it takes to obtain a certificate; see `CertificateKeeperOptions`. */
export type CertificateSettings = Omit<CertificateKeeperOptions, 'clock' | 'log'>

export interface CertificateWatch extends Running {
  /** OpenMetrics lines, without an end mark. */
  metrics(): readonly string[]
}

/** Begins at once. Throws `bad-request` when the account key cannot be used. */
export function watchCertificate(
  options: { readonly tls: TlsFiles; readonly certificate?: CertificateSettings },
  clock: Clock,
  log: (line: string) => void,
): CertificateWatch {
  const { tls, certificate } = options
  const keeper = certificate && startCertificateKeeper({ ...certificate, clock, log })
  const expiry = startExpiryWatch({ files: tls, clock, log })
  return {
    metrics: () => {
      const held = expiry.held()
      const tries = keeper?.tries()
      return [
        ...(held === undefined
          ? []
          : [
              '# TYPE mimbar_certificate_expires_seconds gauge',
              '# UNIT mimbar_certificate_expires_seconds seconds',
              '# HELP mimbar_certificate_expires_seconds When the certificate ends, since the Unix epoch.',
              `mimbar_certificate_expires_seconds ${held.notAfterMs / 1_000}`,
              '# TYPE mimbar_certificate_temporary gauge',
              '# HELP mimbar_certificate_temporary 1 while a self-signed certificate stands in for one by ACME.',
              `mimbar_certificate_temporary ${certificate !== undefined && held.isTemporary ? 1 : 0}`,
            ]),
        ...(tries === undefined
          ? []
          : [
              '# TYPE mimbar_certificate_tries counter',
              '# HELP mimbar_certificate_tries Orders with the certificate authority since control started.',
              `mimbar_certificate_tries_total{outcome="obtained"} ${tries.obtained}`,
              `mimbar_certificate_tries_total{outcome="failed"} ${tries.failed}`,
              '# TYPE mimbar_certificate_next_try_seconds gauge',
              '# UNIT mimbar_certificate_next_try_seconds seconds',
              '# HELP mimbar_certificate_next_try_seconds When it is next tried, since the Unix epoch.',
              `mimbar_certificate_next_try_seconds ${tries.nextTryMs / 1_000}`,
            ]),
      ]
    },
    stop: async () => {
      await Promise.all([keeper?.stop(), expiry.stop()])
    },
  }
}
