// What a part costs on its way from the mix to an edge: CPU µs per part, in each process that it passes, against a
// bare POST of the same bytes over a unix socket to a server that does nothing with them, in the same run.
//
//   bun bench/part-path.ts [rounds=15] [parts=1000]
//
// As in production the writer, the log role and the edge are three processes. Parts go one after another, as fast
// as the log acknowledges them; on the air there are five a second. Each round passes all stages, so that a noisy
// neighbour disturbs them alike; a warm-up round is not counted.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseSeatId, parseSpaceId, type SeatId } from '../src/base/ids.ts'
import {
  epoch,
  FRAME_SAMPLES,
  FRAMES_PER_PART,
  PART_SAMPLES,
  samples,
  sequence,
  wallMillis,
} from '../src/base/units.ts'
import { PartCutter } from '../src/core/part/cutter.ts'
import type { PartEvent } from '../src/core/part/events.ts'
import { packagePart, programHeaders } from '../src/core/part/packager.ts'
import type { Part } from '../src/core/part/part.ts'
import { isSnapshotDue } from '../src/core/part/snapshot.ts'
import { connectEngine } from '../src/engine/embedded/remote/client.ts'
import { recordOf } from '../src/engine/embedded/store/records.ts'
import { type Engine, RING_PARTS_DEFAULT } from '../src/engine/ports.ts'
import { readOpusFile } from '../src/media/ogg/opus-file.ts'
import { SILENT_PACKET } from '../src/media/opus/program.ts'
import { startLogRole } from '../src/roles/log/log-role.ts'
import { createDecoder, createEncoder } from '../src/roles/stage/codec.ts'
import { PROGRAM_ENCODER } from '../src/roles/stage/slate.ts'

const SPACE = parseSpaceId('bench')
const ANSWER_WITHIN_MS = 20_000
const VOICE_PACKETS = 500

/** Asks a child for its CPU time once `parts` parts have come to it since the start. */
interface Question {
  readonly parts: number
}

interface Answer {
  readonly cpuUs: number
}

const STAGES = {
  package: 'writer   cut and package',
  encode: 'writer   encode the record',
  append: 'writer   append over the socket',
  log: 'log      check, write, sync, relay',
  edge: 'edge     tail and decode',
  post: 'writer   bare POST',
  served: 'server   bare POST',
} as const
type Stage = keyof typeof STAGES
type Round = Readonly<Record<Stage, number>>

async function bench(rounds: number, parts: number): Promise<void> {
  const place = mkdtempSync(join(tmpdir(), 'mimbar-part-path-'))
  const children: Child[] = []
  const engine = connectEngine({ socketPath: join(place, 'engine.sock') })
  try {
    children.push(await Child.start('log', place))
    await engine.log.open(SPACE, {
      gridStartMs: wallMillis(Math.floor(Date.now() / 2_000) * 2_000),
      tracks: programHeaders(),
      ringParts: RING_PARTS_DEFAULT,
    })
    for (const name of ['edge', 'bare']) children.push(await Child.start(name, place))
    const [log, edge, bare] = children as [Child, Child, Child]
    const voice = programPackets()
    const cutter = new PartCutter({ fill: SILENT_PACKET, firstGap: 'first' })
    const way = { engine, log, edge, bare, bareSocket: join(place, 'bare.sock') }
    const measured: Round[] = []
    let made: Part[] = []
    for (let round = 0; round <= rounds; round++) {
      const first = round * parts
      const packageUs = await cpuOf(() => {
        made = Array.from({ length: parts }, (_, i) => cutAndPackage(cutter, first + i, voice))
      })
      const costs = await sendRound(way, made, first)
      if (round > 0) measured.push({ package: packageUs / parts, ...costs })
    }
    print(measured, made)
  } finally {
    await engine.stop()
    // Last begun, first ended: whoever tails the log goes before it.
    for (const child of children.reverse()) await child.stop()
    rmSync(place, { recursive: true, force: true })
  }
}

interface Way {
  readonly engine: Engine
  readonly log: Child
  readonly edge: Child
  readonly bare: Child
  readonly bareSocket: string
}

/** Sends parts both ways; `before` came to the edge and to the bare server already. */
async function sendRound(way: Way, parts: readonly Part[], before: number): Promise<Omit<Round, 'package'>> {
  const { engine, log, edge, bare } = way
  const after = before + parts.length
  const encodeUs = await cpuOf(() => parts.forEach(recordOf))
  // Known by now, as they are to whoever appends them.
  const records = parts.map(recordOf)

  const logBefore = await log.cpuUs(0)
  const edgeBefore = await edge.cpuUs(before)
  const appendUs = await cpuOf(async () => {
    for (const part of parts) await engine.log.append(SPACE, part)
  })
  const edgeUs = (await edge.cpuUs(after)) - edgeBefore
  const logUs = (await log.cpuUs(0)) - logBefore

  const bareBefore = await bare.cpuUs(before)
  const postUs = await cpuOf(async () => {
    for (const record of records) await post(way.bareSocket, record)
  })
  const servedUs = (await bare.cpuUs(after)) - bareBefore
  const each = (us: number): number => us / parts.length
  return {
    encode: each(encodeUs),
    append: each(appendUs),
    log: each(logUs),
    edge: each(edgeUs),
    post: each(postUs),
    served: each(servedUs),
  }
}

function print(rounds: readonly Round[], parts: readonly Part[]): void {
  const recordBytes = sum(parts.map((part) => recordOf(part).length)) / parts.length
  const total = (...stages: Stage[]) => median(rounds.map((round) => sum(stages.map((name) => round[name]))))
  const line = (name: string, us: number) => console.log(`${name.padEnd(40)}${us.toFixed(1).padStart(9)}`)
  console.log(
    `medians of ${rounds.length} rounds of ${parts.length} parts; a record is ${recordBytes.toFixed(0)} B\n`,
  )
  console.log(`${'process  what'.padEnd(40)}${'CPU µs'.padStart(9)}`)
  for (const [name, title] of Object.entries(STAGES)) line(title, total(name as Stage))
  const hop = ['append', 'log', 'edge'] as const
  console.log()
  line('append to tail, all processes', total(...hop))
  line('mix to edge, all processes', total('package', 'encode', ...hop))
  line('bare POST, both processes', total('post', 'served'))
  const ratio = (stages: readonly Stage[]) =>
    median(rounds.map((round) => sum(stages.map((name) => round[name])) / (round.post + round.served)))
  console.log(`\nappend to tail is ${ratio(hop).toFixed(2)} bare POSTs`)
  console.log(`mix to edge is ${ratio(['package', 'encode', ...hop]).toFixed(2)} bare POSTs`)
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return ((sorted[(sorted.length - 1) >> 1] as number) + (sorted[sorted.length >> 1] as number)) / 2
}

/** CPU µs of this process while `work` runs. */
async function cpuOf(work: () => Promise<void> | void): Promise<number> {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return user + system
}

/** A demo voice in the program's codec configuration. */
function programPackets(): readonly Uint8Array[] {
  const file = readFileSync(new URL('../src/rehearsal/voices/ana.opus', import.meta.url))
  const decoder = createDecoder()
  const encoder = createEncoder(PROGRAM_ENCODER)
  const packets = readOpusFile(file)
    .packets.slice(0, VOICE_PACKETS)
    .map((packet) => encoder.encode(decoder.decode(packet)))
  decoder.close()
  encoder.close()
  return packets
}

/** What the stage does with ten packets: part `n`, with what two people do in it. */
function cutAndPackage(cutter: PartCutter, n: number, voice: readonly Uint8Array[]): Part {
  for (let frame = 0; frame < FRAMES_PER_PART; frame++) {
    const position = samples(n * PART_SAMPLES + frame * FRAME_SAMPLES)
    const packet = voice[(n * FRAMES_PER_PART + frame) % voice.length] as Uint8Array
    const cut = cutter.push(position, packet)
    if (cut !== undefined) return packagePart({ ...cut, epoch: epoch(1), events: eventsOf(n) })
  }
  throw new Error(`part ${n} was not cut`)
}

const SEATS: readonly SeatId[] = [parseSeatId('seat0001'), parseSeatId('seat0002')]

function eventsOf(n: number): readonly PartEvent[] {
  const speaking = {
    kind: 'speaking',
    seat: SEATS[n % 2] as SeatId,
    speaking: true,
    level: -30 as never,
  } as const
  if (!isSnapshotDue(sequence(n))) return [speaking]
  const seats = SEATS.map(
    (id) => ({ id, name: 'Ana', role: 'speaker', muted: false, speaking: true }) as const,
  )
  const snapshot = { kind: 'snapshot', phase: 'live', recorded: true, listeners: 5, slate: false } as const
  return [{ ...snapshot, epoch: epoch(1), seats }, speaking]
}

async function post(unix: string, body: Uint8Array): Promise<void> {
  const response = await fetch('http://bare/parts', {
    method: 'POST',
    body: body as Uint8Array<ArrayBuffer>,
    unix,
  })
  if (response.status !== 204) throw new Error(`the bare server answered ${response.status}`)
}

/** This file in another role, which tells its CPU time when asked. */
class Child {
  readonly #process: Bun.Subprocess
  #heard: ((answer: Answer) => void) | undefined

  static async start(role: string, folder: string): Promise<Child> {
    const child = new Child(role, folder)
    await child.cpuUs(0)
    return child
  }

  private constructor(role: string, folder: string) {
    this.#process = Bun.spawn([process.execPath, import.meta.path, role, folder], {
      stdio: ['ignore', 'inherit', 'inherit'],
      ipc: (answer: Answer) => this.#heard?.(answer),
    })
  }

  /** Resolves once `parts` parts have come to it. */
  async cpuUs(parts: number): Promise<number> {
    const answer = new Promise<Answer>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('a process does not answer')), ANSWER_WITHIN_MS)
      this.#heard = (answer) => {
        clearTimeout(timer)
        resolve(answer)
      }
    })
    const question: Question = { parts }
    this.#process.send(question)
    return (await answer).cpuUs
  }

  async stop(): Promise<void> {
    this.#process.kill()
    await this.#process.exited
  }
}

/** Answers the parent's questions; call the result for each part that comes. */
function answerQuestions(): () => void {
  let came = 0
  let awaited: Question | undefined
  const answerIfDue = (): void => {
    if (awaited === undefined || came < awaited.parts) return
    awaited = undefined
    const { user, system } = process.cpuUsage()
    process.send?.({ cpuUs: user + system } satisfies Answer)
  }
  process.on('message', (question: Question) => {
    awaited = question
    answerIfDue()
  })
  process.on('disconnect', () => process.exit())
  return () => {
    came += 1
    answerIfDue()
  }
}

async function serveLog(place: string): Promise<void> {
  await startLogRole({ dataFolder: join(place, 'data'), socketPath: join(place, 'engine.sock') })
  answerQuestions()
}

async function tailLog(place: string): Promise<void> {
  const { log } = connectEngine({ socketPath: join(place, 'engine.sock') })
  const came = answerQuestions()
  const start = { kind: 'sequence', from: sequence(0) } as const
  for await (const item of log.tail(SPACE, start, new AbortController().signal))
    if (item.kind === 'part') came()
}

function serveBare(place: string): void {
  const came = answerQuestions()
  Bun.serve({
    unix: join(place, 'bare.sock'),
    fetch: async (request) => {
      await request.arrayBuffer()
      came()
      return new Response(null, { status: 204 })
    },
  })
}

const [role = '', folder = ''] = process.argv.slice(2)
if (role === 'log') await serveLog(folder)
else if (role === 'edge') await tailLog(folder)
else if (role === 'bare') serveBare(folder)
else await bench(Number(process.argv[2] ?? 15), Number(process.argv[3] ?? 1_000))
