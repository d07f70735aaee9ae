// Janus as Debian installs it, in a folder of its own, with nothing but its AudioBridge and its WebSockets API on the
// loopback; and a room of it that people enter as any client does: join, then an offer.

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomPort } from '../../test/harness/random-port.ts'
import { until } from '../../test/harness/until.ts'
import type { Room } from './room.ts'
import type { Exchange } from './talkers.ts'

const ROOM = 1
const PLUGIN = 'janus.plugin.audiobridge'
/** It takes its media ports from here up. */
const MEDIA_PORTS = 1_000

export interface JanusOptions {
  /** Packets that it holds back of each participant; 6 when left out, as Janus has it. */
  readonly prebufferPackets?: number
}

/** A room at 48 kHz. Needs `janus` (Debian's package). */
export async function openJanus(options: JanusOptions = {}): Promise<Room> {
  const folder = mkdtempSync(join(tmpdir(), 'mimbar-janus-'))
  const port = configure(folder)
  const server = Bun.spawn(['janus', `--configs-folder=${folder}`], {
    stdin: 'ignore',
    stdout: Bun.file(join(folder, 'janus.log')),
    stderr: 'ignore',
  })
  const stop = async () => {
    server.kill('SIGKILL')
    await server.exited
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    const api = await connect(port, () => server.exitCode)
    await api.inRoom({ request: 'create', room: ROOM, sampling_rate: 48_000, is_private: true })
    return {
      pid: server.pid,
      exchange: (talker) => exchangeBy(api, talker, options),
      stop: async () => {
        api.close()
        await stop()
      },
    }
  } catch (error) {
    const log = await Bun.file(join(folder, 'janus.log')).text()
    await stop()
    throw new Error(`${(error as Error).message}\n${log.slice(-2_000)}`)
  }
}

/** Writes the settings; returns the port of the API. Of plugins and transports there are only those linked here. */
function configure(folder: string): number {
  const port = randomPort()
  const mediaPort = 4_000 + Math.floor(Math.random() * 12_000)
  for (const [kind, library] of [
    ['plugins', 'libjanus_audiobridge.so'],
    ['transports', 'libjanus_websockets.so'],
    ['events', undefined],
    ['loggers', undefined],
  ] as const) {
    mkdirSync(join(folder, kind))
    if (library === undefined) continue
    const [found] = new Bun.Glob(`usr/lib/*/janus/${kind}/${library}`).scanSync({ cwd: '/', absolute: true })
    if (found === undefined) throw new Error(`${library} is not installed (apt install janus)`)
    symlinkSync(found, join(folder, kind, library))
  }
  const folders = ['plugins', 'transports', 'events', 'loggers'].map(
    (kind) => `  ${kind}_folder = "${join(folder, kind)}"\n`,
  )
  writeFileSync(
    join(folder, 'janus.jcfg'),
    `general: {\n  configs_folder = "${folder}"\n${folders.join('')}  debug_level = 3\n  session_timeout = 0\n}\n` +
      `media: {\n  rtp_port_range = "${mediaPort}-${mediaPort + MEDIA_PORTS}"\n}\nnat: {\n  ignore_mdns = true\n}\n`,
  )
  writeFileSync(
    join(folder, 'janus.transport.websockets.jcfg'),
    `general: {\n  ws = true\n  ws_port = ${port}\n  ws_ip = "127.0.0.1"\n  wss = false\n}\n`,
  )
  writeFileSync(join(folder, `${PLUGIN}.jcfg`), 'general: {\n}\n')
  return port
}

async function connect(port: number, exitCode: () => number | null): Promise<JanusApi> {
  const api = await until('Janus answers', async () => {
    if (exitCode() !== null) throw new Error(`Janus ended with ${exitCode()}`)
    return JanusApi.open(port).catch(() => undefined)
  })
  await api.begin()
  return api
}

function exchangeBy(api: JanusApi, talker: number, { prebufferPackets }: JanusOptions): Exchange {
  return async (offer, candidates) => {
    const handle = await api.attach()
    const prebuffer = prebufferPackets === undefined ? {} : { prebuffer: prebufferPackets }
    await api.inRoom({ request: 'join', room: ROOM, display: `Speaker ${talker}`, ...prebuffer }, handle)
    const answer = await api.inRoom({ request: 'configure', muted: false }, handle, offer)
    // Janus waits for the candidates of who trickles; by then the answer is in place (see quiet-offer.ts).
    setTimeout(() => void api.trickle(handle, candidates), 0)
    if (answer === undefined) throw new Error('Janus gave no answer')
    return answer
  }
}

interface Reply {
  readonly janus: string
  readonly transaction?: string
  readonly data?: { readonly id: number }
  readonly plugindata?: { readonly data: { readonly error?: string } }
  readonly jsep?: { readonly sdp: string }
  readonly error?: { readonly reason: string }
}

/** The Janus API over one WebSocket: requests by transaction, each answered once; an `ack` alone is no answer. */
class JanusApi {
  readonly #socket: WebSocket
  readonly #waiting = new Map<string, (reply: Reply) => void>()
  #requests = 0
  #session = 0
  #handle = 0

  static open(port: number): Promise<JanusApi> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}`, 'janus-protocol')
    return new Promise((resolve, reject) => {
      socket.onopen = () => resolve(new JanusApi(socket))
      socket.onerror = () => reject(new Error('Janus does not listen yet'))
    })
  }

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.onerror = () => {
      // Its server was ended; nobody waits any more, or `until` says for what.
    }
    socket.onmessage = ({ data }) => {
      const reply = JSON.parse(String(data)) as Reply
      if (reply.transaction === undefined || reply.janus === 'ack') return
      this.#waiting.get(reply.transaction)?.(reply)
      this.#waiting.delete(reply.transaction)
    }
  }

  close(): void {
    this.#socket.close()
  }

  /** A session, and a handle for what concerns the room itself. */
  async begin(): Promise<void> {
    this.#session = (await this.#ask({ janus: 'create' })).data?.id as number
    this.#handle = await this.attach()
  }

  /** A handle: one participant. */
  async attach(): Promise<number> {
    return (await this.#ask({ janus: 'attach', plugin: PLUGIN })).data?.id as number
  }

  /** Sends a request to the plugin; the SDP of its answer, if it has one. */
  async inRoom(body: object, handle = this.#handle, offer?: string): Promise<string | undefined> {
    const jsep = offer === undefined ? {} : { jsep: { type: 'offer', sdp: offer } }
    const reply = await this.#ask({ janus: 'message', handle_id: handle, body, ...jsep })
    const refused = reply.plugindata?.data.error
    if (refused !== undefined) throw new Error(`Janus: ${refused}`)
    return reply.jsep?.sdp
  }

  /** All candidates, and that there are no more. */
  trickle(handle: number, candidates: readonly string[]): void {
    const told = candidates.map((candidate) => ({ candidate, sdpMid: '0', sdpMLineIndex: 0 }))
    for (const candidate of [...told, { completed: true }]) {
      this.#send({ janus: 'trickle', handle_id: handle, candidate })
    }
  }

  async #ask(request: object): Promise<Reply> {
    const transaction = this.#send(request)
    let reply: Reply | undefined
    this.#waiting.set(transaction, (answered) => {
      reply = answered
    })
    const answered = await until('Janus answers a request', () => reply)
    if (answered.error !== undefined) throw new Error(`Janus: ${answered.error.reason}`)
    return answered
  }

  #send(request: object): string {
    const transaction = String(++this.#requests)
    const session = this.#session === 0 ? {} : { session_id: this.#session }
    this.#socket.send(JSON.stringify({ ...request, ...session, transaction }))
    return transaction
  }
}
