// What all listeners were given, put side by side: a sequence must have the same bytes for everyone who gets the same
// track (a server may spare its line, and say so), and whoever jumps over one that others got has met a gap. Each process keeps one, and the conductor puts them together.

import { SequenceRanges } from '../../core/rehearsal/sequence-ranges.ts'

/** Parts whose checksum is remembered: 1000 s, far more than any listener can be behind. */
const CHECKSUMS_MAX = 5_000
/** Different jumps that are remembered one by one; all of them are counted. */
const JUMPS_MAX = 1_000

/** Listeners who got the part before `from` and then `to`, without being told. */
export interface Jump {
  readonly from: number
  readonly to: number
  readonly listeners: number
}

export interface LedgerNews {
  /** Sequence, checksum and track of each part met for the first time. */
  readonly parts: readonly MetPart[]
  readonly jumps: readonly Jump[]
}

type MetPart = readonly [sequence: number, checksum: number, isLow: boolean]

export class PartLedger {
  /** By sequence; the low-bitrate track's by −1 − sequence. */
  readonly #checksums = new Map<number, number>()
  readonly #seen = new SequenceRanges()
  readonly #jumps = new Map<string, Jump>()
  #newParts: MetPart[] = []
  #newJumps: Jump[] = []

  /** False when others were given other bytes for this sequence of the track. */
  agrees(sequence: number, checksum: number, isLow = false): boolean {
    const key = isLow ? -1 - sequence : sequence
    const known = this.#checksums.get(key)
    if (known !== undefined) return known === checksum
    this.#checksums.set(key, checksum)
    this.#seen.add(sequence)
    this.#newParts.push([sequence, checksum, isLow])
    if (this.#checksums.size > CHECKSUMS_MAX) {
      this.#checksums.delete(this.#checksums.keys().next().value as number)
    }
    return true
  }

  jumped(jump: Jump): void {
    this.#newJumps.push(jump)
    const key = `${jump.from} ${jump.to}`
    const known = this.#jumps.get(key)
    if (known === undefined && this.#jumps.size >= JUMPS_MAX) return
    this.#jumps.set(key, { ...jump, listeners: jump.listeners + (known?.listeners ?? 0) })
  }

  /** What was not told before. */
  takeNews(): LedgerNews {
    const news = { parts: this.#newParts, jumps: this.#newJumps }
    this.#newParts = []
    this.#newJumps = []
    return news
  }

  /** Adds another ledger's news. Returns how many of its parts had other bytes than here. */
  add(news: LedgerNews): number {
    for (const jump of news.jumps) this.jumped(jump)
    return news.parts.filter((part) => !this.agrees(...part)).length
  }

  /** The newest part that anybody got, by its sequence; −1 before there was one. */
  get newest(): number {
    return this.#seen.last
  }

  /** Parts that anybody got. */
  get partsSeen(): number {
    return this.#seen.size
  }

  /** Jumps over parts that others got, and jumps over what nobody got: holes in the program itself. */
  judgeJumps(): { readonly missed: readonly Jump[]; readonly holes: readonly Jump[] } {
    const jumps = [...this.#jumps.values()]
    const isMissed = ({ from, to }: Jump) => this.#seen.countWithin(from, to) > 0
    return { missed: jumps.filter(isMissed), holes: jumps.filter((jump) => !isMissed(jump)) }
  }
}
