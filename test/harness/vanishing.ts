// Listeners whose network is gone, in a network namespace of their own: `unshare -rn bun test/harness/vanishing.ts`.
// An edge streams real-sized parts to clients at 127.0.0.2; then a packet filter drops everything to and from there,
// both ways, with no word to either side, as when phones lose their signal. Prints as JSON how long they went on
// counting as listeners. Nothing outside the namespace notices.

import { connect, type Socket } from 'node:net'
import { EdgeFixture } from './edge-fixture.ts'
import { until } from './until.ts'

export interface Vanishing {
  readonly flushMs: number
  readonly listeners: number
  /** From the loss of the network until the last one was no longer counted. */
  readonly countedForMs: number
  /** Those who stayed, and were counted all the while. */
  readonly stayed: number
}

export const VANISHING_SCRIPT = import.meta.path

const LOST = '127.0.0.2'
const [flushMs = 200, listeners = 20] = process.argv.slice(2).map(Number)
/** Bytes of events that make a part of silence as large as one of speech at 48 kbit/s. */
const PADDING = 1_050

function run(command: string): void {
  const { exitCode, stderr } = Bun.spawnSync(['sh', '-c', command])
  if (exitCode !== 0) throw new Error(`${command}: ${stderr}`)
}

function listen(port: number, path: string, localAddress: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, localAddress }, () =>
      socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: ${localAddress}\r\n\r\n`),
    )
    socket.once('data', () => resolve(socket))
    socket.on('data', () => {})
    socket.once('error', reject)
  })
}

async function counted(fixture: EdgeFixture): Promise<number> {
  const text = await (await fixture.fetch('/metrics')).text()
  return Number(/^mimbar_edge_listeners\{track="opus.mp4"\} (\d+)$/m.exec(text)?.[1])
}

async function main(): Promise<Vanishing> {
  // Loopback has packets of 64 KB, which no phone has.
  run('ip link set lo up && ip link set lo mtu 1500')
  const fixture = await EdgeFixture.start({ flushMs })
  const facts = await fixture.liveSpace('vanishing')
  const startedAt = performance.now()
  let appended = 0
  const appending = setInterval(() => {
    const due = Math.floor((performance.now() - startedAt) / 200)
    if (appended >= due) return
    const from = appended
    appended = due
    void fixture.append(facts, from, due, { padding: PADDING })
  }, 20)
  const path = `/live/${facts.id}/opus.mp4`
  const stayed = 5
  await Promise.all(Array.from({ length: listeners }, () => listen(fixture.edge.port, path, LOST)))
  await Promise.all(Array.from({ length: stayed }, () => listen(fixture.edge.port, path, '127.0.0.1')))
  await until('all are counted', async () => (await counted(fixture)) === listeners + stayed)
  // Into the middle of what they listen to, at no particular moment of a flush.
  await Bun.sleep(3_000 + Math.random() * flushMs)
  run(`nft 'add table inet lost; add chain inet lost in { type filter hook input priority 0; };
    add rule inet lost in ip daddr ${LOST} drop; add rule inet lost in ip saddr ${LOST} drop'`)
  const lostAt = performance.now()
  await until('none of them is counted', async () => (await counted(fixture)) === stayed, 60_000)
  const countedForMs = Math.round(performance.now() - lostAt)
  clearInterval(appending)
  return { flushMs, listeners, countedForMs, stayed }
}

if (import.meta.main) {
  console.log(JSON.stringify(await main()))
  process.exit(0)
}
