// A process of a `Crowd`.

import { connect as connectTls } from 'node:tls'
import type { Socket } from 'bun'
import { DurationHistogram } from '../../src/core/rehearsal/histogram.ts'
import { type CrowdAnswer, type CrowdPlan, type CrowdQuestion, PLAYING_MS } from './crowd.ts'

const TICK_MS = 10
const POLL_MS = 1_000
/** A head and a `hello` are shorter; a part is longer. */
const SOUND_BYTES = 900

/** What one client is doing. */
interface Client {
  readonly bornAtMs: number
  bytes: number
  bytesAtMs: number
  hasHeard: boolean
  socket: { write(text: string): unknown; end(): unknown } | undefined
  isOver: boolean
  /** A poll that is not answered yet: the bytes of its body that are still to come, once the head is read. */
  bodyLeft: number
}

const counts = {
  playing: 0,
  open: 0,
  opened: 0,
  failed: 0,
  closed: 0,
  bytes: 0,
  reads: 0,
  answers: 0,
  joined: 0,
  resumed: 0,
}
const firstAudio = new DurationHistogram()
let plan: CrowdPlan
let owed = 0
let dialled = 0
let underWay = 0
let startedAtMs = 0
let session: Buffer | undefined
const here = new Set<Client>()
let churnOwed = 0
let churnPercentPerMinute = 0

process.on('message', (question: CrowdQuestion) => {
  if (question.kind === 'plan') {
    plan = question.plan
    startedAtMs = performance.now()
    setInterval(tick, TICK_MS)
  }
  if (question.kind === 'churn') churnPercentPerMinute = question.percentPerMinute
  counts.playing = countPlaying()
  process.send?.({ counts, firstAudio: firstAudio.toSparse() } satisfies CrowdAnswer)
  firstAudio.clear()
})
process.on('disconnect', () => process.exit())

function tick(): void {
  churn()
  arriveAsPlanned()
}

function arriveAsPlanned(): void {
  owed = ((performance.now() - startedAtMs) / 1_000) * plan.ratePerSecond - dialled
  while (owed >= 1) {
    const isFull = plan.kind === 'join' ? underWay >= plan.connections : dialled >= plan.connections
    if (isFull) return
    owed -= 1
    arrive()
  }
}

/** How long who has left stays away. */
const AWAY_MS = { least: 500, most: 3_000 } as const

function churn(): void {
  churnOwed += (plan.connections * churnPercentPerMinute * TICK_MS) / 100 / 60_000
  // Anybody, as long as it does not matter who: the one that came first of those who are here.
  for (const client of here) {
    if (churnOwed < 1) return
    churnOwed -= 1
    client.socket?.end()
    over(client, true)
    setTimeout(arrive, AWAY_MS.least + (AWAY_MS.most - AWAY_MS.least) * Math.random())
  }
}

function countPlaying(): number {
  const since = performance.now() - PLAYING_MS
  let playing = 0
  for (const { bytesAtMs } of here) if (bytesAtMs >= since) playing += 1
  return playing
}

const HANDLERS = {
  binaryType: 'buffer' as const,
  open: (socket: Socket<Client>) => {
    if (!plan.tls) connected(socket.data, socket)
  },
  handshake: (socket: Socket<Client>, _ok: boolean) => {
    // Nobody has signed the certificate of a bench, so `_ok` says nothing; data tells whether it works.
    connected(socket.data, socket)
  },
  data: (socket: Socket<Client>, bytes: Buffer) => received(socket.data, bytes),
  close: (socket: Socket<Client>) => over(socket.data),
  error: (socket: Socket<Client>) => over(socket.data),
  connectError: (socket: Socket<Client>) => over(socket.data),
}
const TLS = { rejectUnauthorized: false }

function arrive(): void {
  const client: Client = {
    bornAtMs: performance.now(),
    bytes: 0,
    bytesAtMs: Number.NEGATIVE_INFINITY,
    hasHeard: false,
    socket: undefined,
    isOver: false,
    bodyLeft: 0,
  }
  const hosts = plan.hosts ?? ['127.0.0.1']
  const hostname = hosts[dialled % hosts.length] as string
  dialled += 1
  underWay += 1
  if (plan.resume === true) {
    arriveAgain(client, hostname)
    return
  }
  Bun.connect<Client>({
    hostname,
    port: plan.port,
    ...(plan.tls ? { tls: TLS } : {}),
    data: client,
    socket: HANDLERS,
  }).catch(() => over(client))
}

/** With the TLS session of whoever was here before, as a browser that comes back. */
function arriveAgain(client: Client, host: string): void {
  const socket = connectTls(
    { host, port: plan.port, rejectUnauthorized: false, ...(session === undefined ? {} : { session }) },
    () => {
      if (socket.isSessionReused()) counts.resumed += 1
      connected(client, { write: (text) => socket.write(text), end: () => socket.destroy() })
    },
  )
  socket.on('session', (fresh: Buffer) => {
    session = fresh
  })
  socket.on('data', (bytes: Buffer) => received(client, bytes))
  socket.on('error', () => over(client))
  socket.on('close', () => over(client))
}

function connected(client: Client, socket: NonNullable<Client['socket']>): void {
  client.socket = socket
  counts.open += 1
  counts.opened += 1
  here.add(client)
  if (plan.kind !== 'poll') {
    socket.write(plan.request)
    return
  }
  const timer = setInterval(() => {
    if (client.isOver) clearInterval(timer)
    else socket.write(plan.request)
  }, POLL_MS)
}

function received(client: Client, bytes: Buffer): void {
  counts.bytes += bytes.length
  client.bytesAtMs = performance.now()
  counts.reads += 1
  client.bytes += bytes.length
  if (plan.kind === 'poll') countAnswers(client, bytes)
  if (plan.kind === 'join' && !client.hasHeard && client.bytes >= SOUND_BYTES) heard(client, bytes)
}

function heard(client: Client, bytes: Buffer): void {
  // Who is turned away gets a head and a problem document, however long: that is no sound.
  if (bytes.length === client.bytes && !bytes.subarray(0, 16).toString('latin1').startsWith('HTTP/1.1 200')) {
    counts.failed += 1
    client.socket?.end()
    over(client)
    return
  }
  client.hasHeard = true
  counts.joined += 1
  firstAudio.record(performance.now() - client.bornAtMs)
  const leave = () => {
    client.socket?.end()
    over(client, true)
  }
  if ((plan.stayMs ?? 0) === 0) leave()
  else setTimeout(leave, plan.stayMs)
}

/** Answers come with a length; a head is read from the one piece in which it came. */
function countAnswers(client: Client, bytes: Buffer): void {
  if (client.bodyLeft > 0) client.bodyLeft -= bytes.length
  else {
    const head = bytes.toString('latin1', 0, Math.min(bytes.length, 2_048))
    const end = head.indexOf('\r\n\r\n')
    const length = /content-length: *(\d+)/i.exec(head)?.[1]
    if (!head.startsWith('HTTP/1.1 200') || end < 0 || length === undefined) {
      counts.failed += 1
      return
    }
    client.bodyLeft = Number(length) - (bytes.length - end - 4)
  }
  if (client.bodyLeft <= 0) counts.answers += 1
}

function over(client: Client, isOurs = false): void {
  if (client.isOver) return
  client.isOver = true
  here.delete(client)
  underWay -= 1
  if (client.socket === undefined) counts.failed += 1
  else {
    counts.open -= 1
    if (!isOurs) counts.closed += 1
  }
}
