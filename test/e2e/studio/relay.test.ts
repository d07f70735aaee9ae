// A speaker whose network lets no UDP out. Chromium is told to send none of its own, and Debian's coturn listens on
// TCP alone: the only way onto the stage is through the relay, with credentials that Mimbar issues.

import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { join } from 'node:path'
import { temporaryFolder } from '../../harness/browser.ts'
import { randomPort } from '../../harness/random-port.ts'
import { joinStage, type StudioBed, startStudioBed, untilHears, untilState } from './studio-bed.ts'

setDefaultTimeout(120_000)
const SECRET = 'north-wind-and-south-wind'
const NO_UDP = '--webrtc-ip-handling-policy=disable_non_proxied_udp'
const folder = temporaryFolder()
const relayPort = randomPort()
let relay: Bun.Subprocess<'ignore', 'pipe', 'inherit'>
let relayOutput = ''
let bed: StudioBed

beforeAll(async () => {
  relay = startRelay(SECRET)
  bed = await startStudioBed({
    settings: ['--turn-url', `turn:127.0.0.1:${relayPort}?transport=tcp`, '--turn-secret', SECRET],
    browser: [NO_UDP],
  })
})
afterAll(async () => {
  await bed?.stop()
  relay.kill()
  await relay.exited
  folder.remove()
})

test('who cannot send UDP talks and hears through the relay, and comes back through it', async () => {
  const { links } = await bed.mimbar.createSpace({ title: 'By way of the hills', recorded: false })
  const [ana, budi] = await Promise.all([bed.person(), bed.person()])
  await joinStage(ana, links.host.replace('/stage#', '/stage?raw=1#'), 'Ana')
  await joinStage(budi, links.speaker.replace('/stage#', '/stage?raw=1#'), 'Budi')
  await untilHears(budi, 'sound')
  expect(relayOutput).toMatch(/ALLOCATE processed, success/)
  await budi.reload()
  await untilState(budi, 'on-stage')
  await untilHears(budi, 'sound')
  await Promise.all([ana.context().close(), budi.context().close()])
})

test('the doctor tries the relay with credentials like those of a speaker', async () => {
  const good = await doctor(SECRET)
  expect(good).toMatch(/relay .* answers/)
  expect(await doctor('another secret')).toMatch(/relay .* refuses/)
})

async function doctor(secret: string): Promise<string> {
  const child = Bun.spawn(
    [
      ...[process.execPath, 'src/main.ts', 'doctor', '--data', bed.mimbar.dataFolder],
      ...['--turn-url', `turn:127.0.0.1:${relayPort}?transport=tcp`, '--turn-secret', secret],
    ],
    { stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' },
  )
  const [out, err] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()])
  return out + err
}

function startRelay(secret: string) {
  const child = Bun.spawn(
    [
      ...[
        'turnserver',
        '-n',
        '--log-file=stdout',
        '--verbose',
        '--no-cli',
        '--no-udp',
        '--no-tls',
        '--no-dtls',
      ],
      ...['--listening-ip=127.0.0.1', `--listening-port=${relayPort}`, '--relay-ip=127.0.0.1'],
      // Everybody is on this machine here; in the world a relay refuses loopback, as it should.
      ...[
        '--allow-loopback-peers',
        '--use-auth-secret',
        `--static-auth-secret=${secret}`,
        '--realm=mimbar.test',
      ],
      ...['--min-port=10000', '--max-port=29999', '--pidfile=/dev/null'],
      // Only with a database that it can open does it go on to look at the secret that it was given.
      `--userdb=${join(folder.path, 'turndb')}`,
    ],
    { stdin: 'ignore', stdout: 'pipe', stderr: 'inherit' },
  )
  void (async () => {
    const decoder = new TextDecoder()
    for await (const bytes of child.stdout) relayOutput += decoder.decode(bytes, { stream: true })
  })()
  return child
}
