// The commands as a person types them: what they print, what they exit with, and that a start that cannot be says
// why and leaves those who are running alone.

import { afterAll, beforeAll, expect, test } from 'bun:test'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { CreatedSpace } from '../../src/core/api/api.ts'
import { secretOf } from '../harness/on-air.ts'
import { freePorts, type RunningMimbar, startMimbar } from '../harness/running-mimbar.ts'
import { until } from '../harness/until.ts'

const PROJECT = resolve(import.meta.dir, '../..')
const MAIN = join(PROJECT, 'src/main.ts')

let mimbar: RunningMimbar
let created: CreatedSpace
let folder: string
const holders: Server[] = []
let commands = 0

beforeAll(async () => {
  mimbar = await startMimbar()
  created = await mimbar.createSpace({ id: 'links', title: 'Lost links', recorded: false })
  folder = mkdtempSync(join(tmpdir(), 'mimbar-cli-'))
}, 60_000)

afterAll(async () => {
  for (const holder of holders) holder.close()
  await mimbar?.stop()
  rmSync(folder, { recursive: true, force: true })
}, 30_000)

test('"mimbar links" makes new links, and the old ones are gone', async () => {
  const { stdout, exitCode } = await mimbarCommand(['links', 'links', '--data', mimbar.dataFolder])
  expect(exitCode).toBe(0)
  const fresh = {
    host: /^host +(\S+)$/m.exec(stdout)?.[1] as string,
    speaker: /^speaker +(\S+)$/m.exec(stdout)?.[1] as string,
  }
  for (const kind of ['host', 'speaker'] as const) {
    expect(new URL(fresh[kind]).pathname).toBe('/s/links/stage')
    const old = await takeSeat(secretOf(created.links[kind]))
    expect([old.status, ((await old.json()) as { code: string }).code]).toEqual([410, 'gone'])
    const taken = await takeSeat(secretOf(fresh[kind]))
    expect([taken.status, ((await taken.json()) as { role: string }).role]).toEqual([201, kind])
  }
})

test('"mimbar links" says what is wrong: no space, no such space, no Mimbar', async () => {
  const data = ['--data', mimbar.dataFolder]
  expect(await mimbarCommand(['links', ...data])).toMatchObject({
    exitCode: 2,
    stderr: 'mimbar: Which space? "mimbar links <space>".\n',
  })
  expect(await mimbarCommand(['links', 'nobody', ...data])).toMatchObject({ exitCode: 1 })
  expect(await mimbarCommand(['links', 'links', '--data', folder])).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('does not run on this data folder'),
  })
})

test('"mimbar links --operator" replaces the operator’s link', async () => {
  const { stdout, exitCode } = await mimbarCommand(['links', '--operator', '--data', mimbar.dataFolder])
  expect(exitCode).toBe(0)
  const fresh = secretOf(/^operator +(\S+)$/m.exec(stdout)?.[1] as string)
  const session = (secret: string) =>
    fetch(`${mimbar.studioUrl}/api/v1/operator/session`, { headers: { authorization: `Bearer ${secret}` } })
  expect((await session(mimbar.operatorSecret)).status).toBe(401)
  expect((await session(fresh)).status).toBe(204)
})

test('"mimbar doctor" exits with 0 where it will work', async () => {
  const [port, studioPort] = await freePorts()
  const { stdout, exitCode } = await mimbarCommand(['doctor', ...settings({ port, studioPort })])
  expect(stdout).toContain('0 will not work')
  expect(exitCode).toBe(0)
  expectMends(stdout)
})

test('"mimbar doctor" looks at a data folder that is not there yet without making it', async () => {
  const [port, studioPort] = await freePorts()
  const data = join(folder, 'not', 'yet')
  const { stdout, exitCode } = await mimbarCommand([
    'doctor',
    ...settings({ port, studioPort }),
    '--data',
    data,
  ])
  expect(stdout).toContain(`${data} has`)
  expect([exitCode, existsSync(join(folder, 'not'))]).toEqual([0, false])
})

test('"mimbar doctor" exits with 1 where it will not, and says what to mend', async () => {
  const port = await hold()
  const [studioPort] = await freePorts()
  const { stdout, exitCode } = await mimbarCommand([
    'doctor',
    ...settings({ port, studioPort }),
    '--studio-url',
    'http://radio.example.org',
  ])
  expect(exitCode).toBe(1)
  expect(stdout).toContain(`TCP ${port} (public door) cannot be used: EADDRINUSE`)
  expect(stdout).toContain(`choose another with --port`)
  expect(stdout).toContain('Browsers open no microphone')
  expectMends(stdout)
})

test('"mimbar help" names every command and setting', async () => {
  const { stdout, exitCode } = await mimbarCommand(['help'])
  expect(exitCode).toBe(0)
  for (const word of ['mimbar start', 'mimbar links', 'mimbar doctor', '--studio-port', 'MIMBAR_DATA']) {
    expect(stdout).toContain(word)
  }
})

// Where somebody else put the packages, `npx mimbar` would install them anew: not in a test.
test.if(isInstalledByUs())('"npx mimbar" is the same program, started by plain Node', async () => {
  const [direct, byNode] = await Promise.all([
    mimbarCommand(['help']),
    run(['node', join(PROJECT, 'bin/mimbar.mjs'), 'help']),
  ])
  expect(byNode).toEqual(direct)
})

test('a setting or a command that does not exist is refused with exit code 2 and a sentence', async () => {
  const cases = [
    [['start', '--prt', '80'], 'There is no setting "prt" (in the command line).'],
    [['start', '--port', 'eighty'], '--port takes a whole number from 1 to 65535 (TCP port), not "eighty".'],
    [['start', '--port'], '--port needs a value.'],
    [['start', 'now'], '"now" is not a setting; settings look like --port 8080.'],
    [['start', '--tls-cert', 'a.pem'], '--tls-cert and --tls-key go together.'],
    [['broadcast'], 'There is no command "broadcast". "mimbar help" lists them.'],
  ] as const
  const answers = await Promise.all(cases.map(([args]) => mimbarCommand(args)))
  for (const [i, [, words]] of cases.entries()) {
    expect(answers[i]).toMatchObject({ exitCode: 2, stdout: '', stderr: `mimbar: ${words}\n` })
  }
})

test('a second start on the same data folder names the first, and does not disturb it', async () => {
  const before = [...mimbar.rolePids()]
  const token = readFileSync(join(mimbar.dataFolder, 'run/operator-token'), 'utf8')
  const [port, studioPort] = await freePorts()
  const args = ['start', ...settings({ port, studioPort }), '--data', mimbar.dataFolder]
  const { stdout, stderr, exitCode } = await mimbarCommand(args)
  expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 1 })
  expect(stderr).toContain(
    `${mimbar.dataFolder} is in use by another Mimbar (process ${mimbar.supervisorPid})`,
  )
  expect([...mimbar.rolePids()]).toEqual(before)
  expect(readFileSync(join(mimbar.dataFolder, 'run/operator-token'), 'utf8')).toBe(token)
  expect((await mimbar.publicSpace('links')).id).toBe(created.space.id)
})

for (const flag of ['port', 'studio-port'] as const) {
  test.concurrent(`a start on a taken --${flag} ends within seconds with the port and the setting`, async () => {
    const taken = await hold()
    const [free] = await freePorts()
    const ports = flag === 'port' ? { port: taken, studioPort: free } : { port: free, studioPort: taken }
    const { stdout, stderr, exitCode } = await mimbarCommand(['start', ...settings(ports)])
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 1 })
    expect(stderr).toContain(`TCP port ${taken}, for the ${flag === 'port' ? 'public' : 'studio'} door`)
    expect(stderr).toContain(`choose another with --${flag}`)
    expect(stderr.trim().split('\n')).toHaveLength(1)
  })
}

test.concurrent('a start never shares the public port of another Mimbar of the same user', async () => {
  const [studioPort] = await freePorts()
  const port = Number(new URL(mimbar.publicUrl).port)
  const { stdout, stderr, exitCode } = await mimbarCommand(['start', ...settings({ port, studioPort })])
  expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 1 })
  expect(stderr).toContain(`TCP port ${port}`)
})

test.concurrent('a port that is let go of in time is waited for', async () => {
  const [port, studioPort] = await freePorts()
  const holder = await listen(port)
  const command = [process.execPath, MAIN, 'start', ...settings({ port, studioPort })]
  const child = Bun.spawn(command, { stdin: 'ignore', stdout: 'ignore', stderr: 'ignore' })
  try {
    await Bun.sleep(1_000)
    expect(child.exitCode).toBeNull()
    holder.close()
    await until(
      'it is ready',
      async () => {
        if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`)
        return (await fetch(`http://localhost:${port}/readyz`).catch(() => undefined))?.ok === true
      },
      30_000,
    )
  } finally {
    child.kill('SIGTERM')
    await child.exited
  }
  expect(child.exitCode).toBe(0)
})

test.concurrent('a certificate that cannot be read ends the start with exit code 1, naming the file', async () => {
  const [port, studioPort] = await freePorts()
  const absent = join(folder, 'absent.pem')
  const args = ['start', ...settings({ port, studioPort }), '--tls-cert', absent, '--tls-key', absent]
  const { stderr, exitCode } = await mimbarCommand(args)
  expect(exitCode).toBe(1)
  expect(stderr).toContain(absent)
})

/** What needs mending says how; what is well says nothing more than it must. */
function expectMends(stdout: string): void {
  const lines = stdout.split('\n')
  for (const [i, line] of lines.entries()) {
    if (/^\[ (warn|FAIL) \]/.test(line)) expect(lines[i + 1]).toMatch(/^ +→ \S/)
  }
}

function settings(ports: { port: number; studioPort: number }): readonly string[] {
  commands += 1
  return [
    ...['--host', '127.0.0.1', '--port', String(ports.port), '--studio-port', String(ports.studioPort)],
    ...['--stage-udp-port', String(10_000 + Math.floor(Math.random() * 20_000)), '--edges', '2'],
    ...['--data', join(folder, `data-${commands}`)],
  ]
}

/** A port that another program listens on. */
async function hold(): Promise<number> {
  const [port] = await freePorts()
  await listen(port)
  return port
}

function listen(port: number): Promise<Server> {
  const server = createServer()
  holders.push(server)
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => resolve(server))
  })
}

function takeSeat(secret: string): Promise<Response> {
  return fetch(`${mimbar.studioUrl}/api/v1/spaces/links/seats`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: mimbar.studioUrl },
    body: JSON.stringify({ secret, name: 'Somebody' }),
  })
}

function isInstalledByUs(): boolean {
  const stamp = join(PROJECT, 'node_modules/.mimbar-lock')
  return (
    existsSync(stamp) &&
    readFileSync(stamp, 'utf8') === readFileSync(join(PROJECT, 'package-lock.json'), 'utf8')
  )
}

function mimbarCommand(args: readonly string[]) {
  return run([process.execPath, MAIN, ...args])
}

async function run(command: readonly string[]) {
  const child = Bun.spawn([...command], { stdin: 'ignore', stdout: 'pipe', stderr: 'pipe', cwd: folder })
  const late = setTimeout(() => child.kill('SIGKILL'), 40_000)
  const [stdout, stderr] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ])
  const exitCode = await child.exited
  clearTimeout(late)
  return { stdout, stderr, exitCode }
}
