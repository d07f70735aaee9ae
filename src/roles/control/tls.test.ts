import { expect, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { randomPort } from '../../../test/harness/random-port.ts'
import { until } from '../../../test/harness/until.ts'
import { startTestbed } from './testbed.test.ts'

/** Writes a self-signed certificate for `name` over what was there. */
function writeCertificate(folder: string, name: string): void {
  const done = Bun.spawnSync([
    'openssl',
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
    ...['-subj', `/CN=${name}`, '-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')],
  ])
  if (done.exitCode !== 0) throw new Error(`openssl: ${done.stderr}`)
}

const presentedName = (port: number) =>
  new Promise<string>((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
      resolve(String(socket.getPeerCertificate().subject.CN))
      socket.end()
    })
    socket.on('error', reject)
  })

test('a renewed certificate is used for who comes next, and nobody who is in is dropped', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mimbar-tls-'))
  writeCertificate(folder, 'first')
  const port = randomPort()
  const lines: string[] = []
  const bed = await startTestbed({
    studioPort: port,
    studioUrl: `https://localhost:${port}`,
    tls: { certFile: join(folder, 'cert.pem'), keyFile: join(folder, 'key.pem') },
    log: (line) => lines.push(line),
  })
  try {
    const { space, host } = await bed.createSpace()
    const { seat, cookie, setCookie } = await bed.sit(space.id, host)
    expect(setCookie).toContain('; Secure')
    const events = await bed.call('GET', `/api/v1/spaces/${space.id}/stage/events?seat=${seat.id}`, {
      cookie,
    })
    const reader = events.body?.getReader()
    await reader?.read()
    expect(await presentedName(port)).toBe('first')

    writeCertificate(folder, 'second')
    await until('the new certificate', () => lines.includes('control serves a new certificate'))
    expect(await presentedName(port)).toBe('second')
    const stillThere = await reader?.read()
    expect(stillThere?.done).toBe(false)

    writeFileSync(join(folder, 'key.pem'), 'half a file')
    await until('the refusal', () => lines.some((line) => line.startsWith('control keeps its certificate')))
    expect(await presentedName(port)).toBe('second')
    await reader?.cancel()
  } finally {
    await bed.stop()
    rmSync(folder, { recursive: true })
  }
})
