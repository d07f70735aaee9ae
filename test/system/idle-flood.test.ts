// A flood of connections that say nothing, against an edge with few descriptors: it goes on delivering, keeps what it
// needs for itself, and takes listeners again when the flood has gone.

import { afterAll, beforeAll, expect, test } from 'bun:test'
import { connect, type Socket } from 'node:net'
import { resolve } from 'node:path'
import { EdgeFixture, StreamClient } from '../harness/edge-fixture.ts'
import { randomPort } from '../harness/random-port.ts'
import { until } from '../harness/until.ts'

const DESCRIPTORS = 200
const CONNECTIONS = 400

let fixture: EdgeFixture
let edge: ReturnType<typeof startEdge>
let output = ''
let url: string

beforeAll(async () => {
  fixture = await EdgeFixture.start()
  edge = startEdge()
  void collect()
  await until('the edge listens', () => /^port \d+$/m.test(output), 20_000)
  url = `http://127.0.0.1:${/^port (\d+)$/m.exec(output)?.[1]}`
}, 60_000)

afterAll(async () => {
  edge?.kill()
  await edge?.exited
  await fixture?.stop()
})

function startEdge() {
  const options = {
    edgeId: 'edge-9',
    engineSocket: fixture.engineSocket,
    host: '127.0.0.1',
    port: randomPort(),
    reusePort: true,
    controlSocket: fixture.controlSocket,
    studioUrl: 'http://studio.test:8081',
    flushMs: 200,
  }
  const script = resolve(import.meta.dir, '../harness/edge-process.ts')
  const command = `ulimit -n ${DESCRIPTORS}; exec "$0" "$1" "$2"`
  return Bun.spawn(['bash', '-c', command, process.execPath, script, JSON.stringify(options)], {
    stdout: 'pipe',
    stderr: 'inherit',
  })
}

async function collect(): Promise<void> {
  const decoder = new TextDecoder()
  for await (const bytes of edge.stdout) output += decoder.decode(bytes, { stream: true })
}

/** User and system time of the edge so far, in clock ticks of 10 ms. */
async function cpuTicks(): Promise<number> {
  const fields = (await Bun.file(`/proc/${edge.pid}/stat`).text()).split(') ')[1]?.split(' ') ?? []
  return Number(fields[11]) + Number(fields[12])
}

test('an edge half of whose descriptors are taken keeps no connection for a next request', async () => {
  const isClosedAfter = async () => {
    const { headers } = await fetch(`${url}/healthz`, { keepalive: false })
    return headers.get('connection')?.toLowerCase() === 'close'
  }
  expect(await isClosedAfter()).toBe(false)
  const visitors = Array.from({ length: Math.floor(DESCRIPTORS * 0.6) }, () => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.on('error', () => {}) // whatever becomes of it, it has been there
    return socket
  })
  await until('connections are closed after each answer', isClosedAfter)
  expect(output).not.toContain('takes no connections')
  for (const visitor of visitors) visitor.destroy()
  await until('they are kept again', async () => !(await isClosedAfter()))
})

test('an edge whose descriptors a flood has taken goes on delivering, idles, and takes listeners afterwards', async () => {
  const facts = await fixture.liveSpace('flooded')
  await fixture.append(facts, 0, 5)
  await until('the edge knows it', async () => (await fetch(`${url}/s/flooded`)).ok)
  const listener = await StreamClient.open(`${url}/live/flooded/opus.mp4`)
  await until('it hears', () => listener.sequences.length > 0)

  const flood: Socket[] = []
  for (let n = 0; n < CONNECTIONS; n++) {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.on('error', () => {}) // refused, or reset: that is what is meant to happen
    flood.push(socket)
  }
  await until('the door is closed', () => output.includes('takes no connections for now'))
  const before = await cpuTicks()
  await fixture.append(facts, 5, 15)
  await until('what is said in the flood is heard', () => listener.sequences.includes(14))
  expect(listener.sequences.slice(-10)).toEqual([5, 6, 7, 8, 9, 10, 11, 12, 13, 14])
  // A second of an edge that goes round in circles at the end of its table is a hundred ticks.
  await Bun.sleep(1_000)
  expect((await cpuTicks()) - before).toBeLessThan(80)

  // Nobody ends the flood: its connections time out.
  await until('the door is open', () => output.includes('takes connections again'), 30_000)
  for (const socket of flood) socket.destroy()
  await until('a newcomer hears', async () => {
    const newcomer = await StreamClient.open(`${url}/live/flooded/opus.mp4`).catch(() => undefined)
    const isHeard = newcomer !== undefined && (await until('a part', () => newcomer.sequences.length > 0))
    newcomer?.close()
    return isHeard
  })
  await fixture.append(facts, 15, 17)
  await until('the first listener still hears', () => listener.sequences.includes(16))
  listener.close()
}, 60_000)
