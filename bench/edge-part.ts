// What a part costs on its way from the log to N listeners: CPU µs of this process per delivered part, against a
// plain TCP loop (Bun.listen, one write per listener) in the same run. Listeners are sockets of another process.
//
//   bun bench/edge-part.ts [listeners=500] [seconds=4]

import { encodeRecord } from '../src/core/part/part.ts'
import { EdgeFixture, silentPart } from '../test/harness/edge-fixture.ts'
import { randomPort } from '../test/harness/random-port.ts'
import { until } from '../test/harness/until.ts'

const LISTENERS = Number(process.argv[2] ?? 500)
const SECONDS = Number(process.argv[3] ?? 4)
const PARTS = SECONDS * 5
/** Makes a part about 1,340 bytes of `opus.mp4`, as real ones at 48 kbit/s are. */
const PADDING = 1_000

// Reads and throws away, in a process of its own so that only the sending side is measured.
const CLIENT = `
const [port, count, request] = [Number(process.argv[1]), Number(process.argv[2]), process.argv[3]]
let open = 0, bytes = 0
const socket = { data(_, chunk) { bytes += chunk.length }, open(s) { if (request) s.write(request); open++ } }
for (let i = 0; i < count; i++) {
  await Bun.connect({ hostname: '127.0.0.1', port, socket })
}
console.log('open', open)
setInterval(() => {}, 1000)
`

interface Measured {
  readonly usPerPart: number
  readonly sweepMsP50: number
}

const fixture = await EdgeFixture.start()
try {
  const facts = await fixture.liveSpace('bench')
  await fixture.append(facts, 0, 10, { padding: PADDING })
  const partBytes = fixture.mp4(facts, 9, 10).length
  console.log(
    `${LISTENERS} listeners, ${PARTS} parts of ${partBytes} B at 5/s (${(LISTENERS * partBytes * 5 * 8) / 1e9} Gbit/s)`,
  )
  const idle = await measure((n) => fixture.append(facts, n, n + 1, { padding: PADDING }), PARTS, true)
  console.log(`appending and tailing alone: ${(idle.usPerPart * LISTENERS).toFixed(0)} µs a part`)
  const edge = await edgeCost(idle.usPerPart * LISTENERS)
  const plain = await plainCost()
  console.log(`edge, Bun.serve direct streams: ${edge.usPerPart.toFixed(2)} µs per delivered part`)
  console.log(`plain Bun.listen TCP loop:      ${plain.usPerPart.toFixed(2)} µs per delivered part`)
  console.log(`ratio ${(edge.usPerPart / plain.usPerPart).toFixed(2)}`)

  async function edgeCost(idleUs: number): Promise<Measured> {
    const request = 'GET /live/bench/opus.mp4 HTTP/1.1\r\nHost: bench\r\n\r\n'
    const clients = await clientsOf(fixture.edge.port, request)
    const listening = async () => {
      const text = await (await fixture.fetch('/metrics')).text()
      return text.includes(`mimbar_edge_listeners{track="opus.mp4"} ${LISTENERS}`)
    }
    await until('everyone listens', listening, 30_000)
    const measured = await measure((n) => fixture.append(facts, n, n + 1, { padding: PADDING }), PARTS)
    clients.kill()
    return { ...measured, usPerPart: measured.usPerPart - idleUs / LISTENERS }
  }

  async function plainCost(): Promise<Measured> {
    const sockets: Bun.Socket<undefined>[] = []
    const port = randomPort()
    const server = Bun.listen<undefined>({
      hostname: '127.0.0.1',
      port,
      socket: { open: (socket) => void sockets.push(socket), data: () => undefined },
    })
    const clients = await clientsOf(port, '')
    await until('everyone is there', () => sockets.length === LISTENERS, 30_000)
    const part = encodeRecord(silentPart(0, 1, undefined, PADDING)).subarray(0, partBytes)
    const measured = await measure(async () => {
      for (const socket of sockets) socket.write(part)
    }, PARTS)
    clients.kill()
    server.stop(true)
    return measured
  }
} finally {
  await fixture.stop()
}

async function clientsOf(port: number, request: string): Promise<Bun.Subprocess> {
  const process_ = Bun.spawn([process.execPath, '-e', CLIENT, String(port), String(LISTENERS), request], {
    stdout: 'pipe',
  })
  const { value } = await process_.stdout.getReader().read()
  if (!new TextDecoder().decode(value).startsWith('open')) throw new Error('the listeners did not connect')
  return process_
}

/** Sends `parts` parts, one each 200 ms, and says what that cost this process. */
async function measure(send: (n: number) => Promise<void>, parts: number, alone = false): Promise<Measured> {
  const lateness: number[] = []
  const before = process.cpuUsage()
  const startedAt = performance.now()
  for (let i = 0; i < parts; i++) {
    const at = performance.now()
    await send((alone ? 10 : 10 + parts) + i)
    await new Promise((resolve) => setImmediate(resolve))
    lateness.push(performance.now() - at)
    await Bun.sleep(Math.max(0, startedAt + (i + 1) * 200 - performance.now()))
  }
  const { user, system } = process.cpuUsage(before)
  lateness.sort((a, b) => a - b)
  return {
    usPerPart: (user + system) / parts / LISTENERS,
    sweepMsP50: lateness[Math.floor(parts / 2)] as number,
  }
}
