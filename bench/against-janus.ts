// What a room costs the server that mixes it, and how long a word takes through it: our stage against Janus's
// AudioBridge. `bun bench/against-janus.ts [--rounds 3] [--seconds 8] [--connections 13]` (7 minutes) has rooms of 2, 8 and
// 13 people of whom all talk. The same voices, packets and WebRTC clients for both, one server at a time, in turns; CPU is
// that of the process that mixes, by the kernel's word.
//
// They don't do the same work. Ours besides: bring every voice to the same loudness, limit the true peak, conceal and
// recover what is lost, and make the program of it (Opus twice, cut, packaged, appended to a log that is another
// process). Janus besides: nothing; it encodes the mix anew for each person, as we do for each who talks.

import { FRAME_MS } from '../src/base/units.ts'
import { type Figure, median, number, say, showFigures } from './harness/figure.ts'
import { openJanus } from './harness/janus.ts'
import { benchOptions } from './harness/options.ts'
import { cost } from './harness/process-meter.ts'
import { openStage, type Room } from './harness/room.ts'
import { everybodyTalks, ToneBursts } from './harness/room-speech.ts'
import { Talkers } from './harness/talkers.ts'

const options = benchOptions({ connections: 13, seconds: 8, rounds: 3 })
const { connections, seconds, rounds } = options
const SIZES = [2, 8, 13].filter((people) => people <= connections)
/** Jitter buffers find their depth, and codecs their stride. */
const WARM_UP_MS = 4_000
/** After everybody fell silent, so that tone can be told from speech. */
const SILENCE_MS = 1_500
const BURSTS_MS = 6_000
/** Packets that must come back, of those that a mixer sends in that time: else it does not do its work. */
const BACK_SHARE_MIN = 0.9
const PACKETS_PER_SECOND = 1_000 / FRAME_MS

type Contender = 'stage' | 'janus' | 'janus, prebuffer 2'
const CONTENDERS: readonly Contender[] = ['stage', 'janus']
const OPEN: Readonly<Record<Contender, (people: number) => Promise<Room>>> = {
  stage: openStage,
  janus: () => openJanus(),
  'janus, prebuffer 2': () => openJanus({ prebufferPackets: 2 }),
}

interface Measured {
  /** Of a core. */
  readonly cpuShare: number
  readonly delaysMs: readonly number[]
}

const voices = await everybodyTalks()
const figures: Figure[] = []
for (const people of SIZES) {
  const found: Record<Contender, Measured[]> = { stage: [], janus: [], 'janus, prebuffer 2': [] }
  for (let round = 0; round < rounds; round++) {
    for (const contender of round % 2 === 0 ? CONTENDERS : CONTENDERS.toReversed()) {
      found[contender].push(await measure(contender, people))
      tell(contender, people, found)
    }
  }
  found['janus, prebuffer 2'].push(await measure('janus, prebuffer 2', people))
  tell('janus, prebuffer 2', people, found)
  figures.push(cpuFigure(people, found), delayFigure(people, found))
}
figures.push(await programFigure())
showFigures(figures, options)
process.exit(0)

/** What ours costs before anybody is there: the program, as slate. Janus without people does nothing. */
async function programFigure(): Promise<Figure> {
  const room = await openStage(1)
  try {
    await Bun.sleep(WARM_UP_MS)
    const used = await cost(room.pid, () => Bun.sleep(seconds * 1_000))
    return {
      name: 'CPU of a live stage with nobody on it',
      value: (used.cpuSeconds / used.seconds) * 100,
      unit: ' %',
      words: 'of a core: part of what a room costs, however many people are in it',
    }
  } finally {
    await room.stop()
  }
}

/** First everybody talks, and CPU is taken; then one says tones into silence, and the delay is. */
async function measure(contender: Contender, people: number): Promise<Measured> {
  const room = await OPEN[contender](people)
  const bursts = new ToneBursts()
  let isTalk = true
  try {
    const talkers = await Talkers.join({
      count: people,
      exchange: (talker) => room.exchange(talker),
      speech: (talker, frame) => (isTalk ? voices : bursts.speech)(talker, frame),
      heard: (talker, payload) => !isTalk && bursts.heard(talker, payload),
    })
    try {
      await Bun.sleep(WARM_UP_MS)
      const before = talkers.back.packets
      const used = await cost(room.pid, () => Bun.sleep(seconds * 1_000))
      const back = (talkers.back.packets - before) / (used.seconds * PACKETS_PER_SECOND * people)
      if (back < BACK_SHARE_MIN) throw new Error(`${contender}: only ${number(back * 100)} % came back`)
      isTalk = false
      await Bun.sleep(SILENCE_MS)
      bursts.begin()
      await Bun.sleep(BURSTS_MS)
      return { cpuShare: used.cpuSeconds / used.seconds, delaysMs: bursts.delaysMs }
    } finally {
      talkers.stop()
    }
  } finally {
    await room.stop()
  }
}

function tell(
  contender: Contender,
  people: number,
  found: Readonly<Record<Contender, readonly Measured[]>>,
): void {
  const { cpuShare, delaysMs } = found[contender].at(-1) as Measured
  const delay = `${number(median(delaysMs))} ms (${delaysMs.length} bursts)`
  say(`${people} people: ${contender.padEnd(18)} ${number(cpuShare * 100)} % of a core, ${delay}`)
}

function cpuFigure(
  people: number,
  { stage, janus }: Readonly<Record<Contender, readonly Measured[]>>,
): Figure {
  const words = Object.entries({ stage, janus }).map(([who, measured]) => {
    const percent = median(measured.map(({ cpuShare }) => cpuShare)) * 100
    return `${who} ${number(percent)} % of a core, ${number(percent / people)} % a speaker`
  })
  return {
    name: `CPU of a room of ${people} who all talk, against Janus AudioBridge`,
    value: median(stage.map(({ cpuShare }, i) => cpuShare / (janus[i] as Measured).cpuShare)),
    unit: '×',
    target: { kind: 'at-most', value: 1 },
    words: `${words.join('; ')}; medians of ${rounds}`,
  }
}

function delayFigure(people: number, found: Readonly<Record<Contender, readonly Measured[]>>): Figure {
  const all = (contender: Contender) => found[contender].flatMap(({ delaysMs }) => delaysMs)
  const ms = (contender: Contender) => median(all(contender))
  return {
    name: `from a speaker's packet to another's ear, room of ${people}, against Janus AudioBridge`,
    value: ms('stage') / ms('janus'),
    unit: '×',
    target: { kind: 'at-most', value: 1 },
    words:
      `${number(ms('stage'))} ms against ${number(ms('janus'))} ms, and ${number(ms('janus, prebuffer 2'))} ms when Janus ` +
      `holds back 2 packets instead of 6; medians of ${all('stage').length}, ${all('janus').length} and ` +
      `${all('janus, prebuffer 2').length} bursts of tone`,
  }
}
