// A certificate for the doors of a bench: ECDSA on P-256, as certificate authorities issue them today.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface BenchCertificate {
  readonly certFile: string
  readonly keyFile: string
  /** PEM; it is its own authority. */
  readonly ca: string
}

/** Makes one in `folder`, for `localhost` and the loopback addresses that benches use; needs openssl. */
export async function makeCertificate(folder: string): Promise<BenchCertificate> {
  const certFile = join(folder, 'cert.pem')
  const keyFile = join(folder, 'key.pem')
  const child = Bun.spawn(
    [
      ...['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
      ...['-days', '30', '-subj', '/CN=localhost'],
      ...['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-keyout', keyFile, '-out', certFile],
    ],
    { stdin: 'ignore', stdout: 'ignore', stderr: 'pipe' },
  )
  if ((await child.exited) !== 0) throw new Error(`openssl: ${await new Response(child.stderr).text()}`)
  return { certFile, keyFile, ca: readFileSync(certFile, 'utf8') }
}
