// A whole Mimbar for a test: the real program, started as a person would, on free ports and in a folder of its own.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { CreatedSpace, NewSpace, PublicSpace } from '../../src/core/api/api.ts'
import { until } from './until.ts'

const MAIN = resolve(import.meta.dir, '../../src/main.ts')
const READY_WITHIN_MS = 60_000

/** A running system, and what a test may do to it. */
export interface RunningMimbar {
  readonly publicUrl: string
  readonly studioUrl: string
  readonly dataFolder: string
  /** The secret that the first start printed. */
  readonly operatorSecret: string
  /** Everything that it printed until now. */
  output(): string
  /** Creates a space as the operator. */
  createSpace(space: NewSpace): Promise<CreatedSpace>
  publicSpace(id: string): Promise<PublicSpace>
  /** As the operator: POST to `/api/v1<path>`. */
  post(path: string, body?: unknown): Promise<Response>
  /** Process ids by role name (`edge-0`), read from the kernel's own table. */
  rolePids(): ReadonlyMap<string, number>
  readonly supervisorPid: number
  /** Starts the program again on the same folder and ports, after the supervisor was killed. */
  restart(): Promise<void>
  stop(): Promise<void>
}

export interface MimbarOptions {
  readonly flags?: readonly string[]
  readonly scheme?: 'http' | 'https'
  /** Where it listens and is reached; this machine by default. */
  readonly address?: string
  /** A command that runs it elsewhere, such as in a network namespace. */
  readonly within?: readonly string[]
}

/** Starts Mimbar and waits until a listener could be served. */
export async function startMimbar(options: MimbarOptions = {}): Promise<RunningMimbar> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'mimbar-test-'))
  const [port, studioPort] = await freePorts()
  const scheme = options.scheme ?? 'http'
  const publicUrl = `${scheme}://${options.address ?? 'localhost'}:${port}`
  const studioUrl = `${scheme}://${options.address ?? 'localhost'}:${studioPort}`
  const args = [
    ...[
      '--port',
      String(port),
      '--studio-port',
      String(studioPort),
      '--data',
      dataFolder,
      '--host',
      options.address ?? '127.0.0.1',
    ],
    ...['--stage-udp-port', String(10_000 + Math.floor(Math.random() * 20_000)), '--edges', '2'],
    ...(options.address === undefined ? [] : ['--public-url', publicUrl, '--studio-url', studioUrl]),
    ...(options.flags ?? []),
  ]
  let output = ''
  let child = launch()

  function launch() {
    const started = Bun.spawn([...(options.within ?? []), process.execPath, MAIN, 'start', ...args], {
      stdin: 'ignore',
      stdout: 'pipe',
      stderr: 'pipe',
    })
    for (const stream of [started.stdout, started.stderr]) void collect(stream)
    return started
  }

  async function collect(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder()
    for await (const bytes of stream) output += decoder.decode(bytes, { stream: true })
  }

  async function ready(): Promise<void> {
    await until(
      `Mimbar is ready`,
      async () => {
        if (child.exitCode !== null) throw new Error(`Mimbar ended with ${child.exitCode}:\n${output}`)
        const answers = await Promise.all(
          [`${publicUrl}/readyz`, `${studioUrl}/readyz`].map((url) => fetchOrNothing(url)),
        )
        return answers.every((answer) => answer?.ok === true)
      },
      READY_WITHIN_MS,
    )
  }

  try {
    await ready()
    await until('the operator link is printed', async () => /#operator=/.test(output), 5_000)
  } catch (error) {
    child.kill('SIGKILL')
    throw new Error(`${(error as Error).message}\n--- what it printed ---\n${output}`)
  }
  const operatorSecret = /#operator=([A-Za-z0-9_-]+)/.exec(output)?.[1] as string

  const post = (path: string, body?: unknown) =>
    fetch(`${studioUrl}/api/v1${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${operatorSecret}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      tls: { rejectUnauthorized: false },
    })

  return {
    publicUrl,
    studioUrl,
    dataFolder,
    operatorSecret,
    output: () => output,
    post,
    createSpace: async (space) => {
      const answer = await post('/spaces', space)
      if (answer.status !== 201) throw new Error(`creating a space: ${answer.status} ${await answer.text()}`)
      return (await answer.json()) as CreatedSpace
    },
    publicSpace: async (id) =>
      (await (
        await fetch(`${publicUrl}/api/v1/spaces/${id}`, { tls: { rejectUnauthorized: false } })
      ).json()) as PublicSpace,
    rolePids: () => rolePidsOf(dataFolder),
    get supervisorPid() {
      return child.pid
    },
    restart: async () => {
      await child.exited
      child = launch()
      await ready()
    },
    stop: async () => {
      child.kill('SIGTERM')
      const late = setTimeout(() => child.kill('SIGKILL'), 10_000)
      await child.exited
      clearTimeout(late)
      await until('every role is gone', async () => rolePidsOf(dataFolder).size === 0, 10_000)
      rmSync(dataFolder, { recursive: true, force: true })
    },
  }
}

async function fetchOrNothing(url: string): Promise<Response | undefined> {
  try {
    return await fetch(url, { signal: AbortSignal.timeout(1_000), tls: { rejectUnauthorized: false } })
  } catch {
    return undefined // not listening yet
  }
}

/** Roles carry their settings in the environment: that is how those of this folder are told from all others. */
function rolePidsOf(dataFolder: string): ReadonlyMap<string, number> {
  const pids = new Map<string, number>()
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    try {
      const environment = readFileSync(`/proc/${entry}/environ`, 'utf8')
      if (!environment.includes(`"data":"${dataFolder}"`)) continue
      const words = readFileSync(`/proc/${entry}/cmdline`, 'utf8').split('\0')
      const role = words[words.indexOf('role') + 1]
      if (words.includes('role') && role !== undefined && !isZombie(entry)) pids.set(role, Number(entry))
    } catch {
      // ended while we looked
    }
  }
  return pids
}

function isZombie(pid: string): boolean {
  return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
}

/** Two TCP ports that nobody listens on, below the ephemeral range. */
export async function freePorts(): Promise<[number, number]> {
  const found: number[] = []
  while (found.length < 2) {
    const port = 10_000 + Math.floor(Math.random() * 20_000)
    if (!found.includes(port) && (await isFree(port))) found.push(port)
  }
  return found as [number, number]
}

function isFree(port: number): Promise<boolean> {
  return new Promise((done) => {
    const server = createServer()
    server.once('error', () => done(false))
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => done(true)))
  })
}
