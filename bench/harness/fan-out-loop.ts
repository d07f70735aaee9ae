// The C loop (`native/fan-out-loop.c`), compiled when it is needed, with the bytes of real parts as an edge sends
// them: HTTP chunk framing included, so that both put the same bytes on the wire.

import { join } from 'node:path'
import { concatBytes } from '../../src/base/bytes.ts'
import { randomPort } from '../../test/harness/random-port.ts'
import type { Origin } from './origin.ts'

const SOURCE = new URL('../native/fan-out-loop.c', import.meta.url).pathname
const CRLF = new Uint8Array([13, 10])

export interface FanOutCounts {
  readonly connections: number
  readonly parts: number
  readonly bytes: number
  /** Parts that a socket did not take whole. */
  readonly short: number
}

export class FanOutLoop {
  readonly port: number
  readonly #process: Bun.Subprocess<'pipe', 'pipe', 'inherit'>
  readonly #lines: AsyncGenerator<string>

  /** Needs a C compiler; throws what it said. */
  static async start(origin: Origin): Promise<FanOutLoop> {
    const program = join(origin.folder, 'fan-out-loop')
    const compiled = Bun.spawnSync(['cc', '-O2', '-o', program, SOURCE])
    if (!compiled.success) throw new Error(`cc: ${compiled.stderr.toString()}`)
    const partsFile = join(origin.folder, 'parts.bin')
    await Bun.write(
      partsFile,
      concatBytes(origin.parts.map((part) => lengthAnd(chunked(part.tracks.get('opus.mp4'))))),
    )
    const loop = new FanOutLoop(program, partsFile, randomPort())
    if ((await loop.#line()) !== 'ready') throw new Error('the C loop did not start')
    return loop
  }

  private constructor(program: string, partsFile: string, port: number) {
    this.port = port
    this.#process = Bun.spawn([program, String(port), partsFile], {
      stdin: 'pipe',
      stdout: 'pipe',
      stderr: 'inherit',
    })
    this.#lines = linesOf(this.#process.stdout)
  }

  get pid(): number {
    return this.#process.pid
  }

  async counts(): Promise<FanOutCounts> {
    this.#process.stdin.write('\n')
    this.#process.stdin.flush()
    const [connections = 0, parts = 0, bytes = 0, short = 0] = (await this.#line()).split(' ').map(Number)
    return { connections, parts, bytes, short }
  }

  async stop(): Promise<void> {
    this.#process.kill('SIGKILL')
    await this.#process.exited
  }

  async #line(): Promise<string> {
    const { value, done } = await this.#lines.next()
    if (done === true) throw new Error('the C loop has ended')
    return value
  }
}

function chunked(bytes: Uint8Array = new Uint8Array(0)): Uint8Array {
  const size = new TextEncoder().encode(`${bytes.length.toString(16)}\r\n`)
  return concatBytes([size, bytes, CRLF])
}

function lengthAnd(bytes: Uint8Array): Uint8Array {
  const length = new Uint8Array(4)
  new DataView(length.buffer).setUint32(0, bytes.length, true)
  return concatBytes([length, bytes])
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let pending = ''
  for await (const bytes of stream) {
    const lines = (pending + decoder.decode(bytes, { stream: true })).split('\n')
    pending = lines.pop() ?? ''
    yield* lines
  }
}
