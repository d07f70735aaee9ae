// "Report a problem": one press sends what this page has measured, and then shows it. No name, no address, no words of
// the listener's; the edge adds it up and keeps the newest few for the people on duty (core/count/problems.ts).

import {
  boundProblem,
  NETWORK_SPEEDS,
  type NetworkSpeed,
  type ProblemReport,
  type ProblemTrack,
} from '../../../core/count/problems.ts'
import type { Listening } from '../listening.ts'
import { type ListeningOutcome, networkNow } from '../outcome.ts'
import type { besideMessages } from './messages.en.ts'

type Words = typeof besideMessages.problem
type Row = keyof Words['rows']

const ANSWER_WITHIN_MS = 8_000

export interface ProblemOptions {
  readonly space: string
  readonly audio: HTMLAudioElement
  readonly listening: Listening
  readonly outcome: ListeningOutcome
  /** Where the answer is shown. */
  readonly place: HTMLElement
  readonly words: Words
}

export class ProblemReporter {
  readonly #options: ProblemOptions
  #isSending = false

  constructor(options: ProblemOptions) {
    this.#options = options
  }

  async report(): Promise<void> {
    if (this.#isSending) return
    this.#isSending = true
    const { words, space } = this.#options
    const report = this.#measure()
    const headline = document.getElementById('headline')?.textContent ?? report.state
    try {
      const answer = await fetch(`/live/${space}/problem`, {
        method: 'POST',
        body: JSON.stringify(report),
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      })
      if (answer.ok) this.#show(words.thanks, report, headline)
      else this.#show(answer.status === 429 ? words.enough : words.notSent)
    } catch {
      this.#show(words.notSent)
    }
    this.#isSending = false
  }

  #measure(): ProblemReport {
    const { audio, listening, outcome } = this.#options
    const { status } = listening
    const { firstAudioMs, gaps } = outcome.measured()
    const { latencyMs } = status
    const page = document.documentElement.dataset.page
    return boundProblem({
      // Every face of the page is one that reports may name: the compiler sees to it.
      state: listening.state,
      track: trackOf(listening),
      ...(firstAudioMs === undefined ? {} : { firstAudioMs }),
      gaps,
      reconnects: status.reconnects,
      bufferMs: bufferMsOf(audio),
      ...(listening.mode === 'live' ? { behindMs: status.behindMs } : {}),
      ...(latencyMs === undefined ? {} : { latencyMs }),
      network: networkNow(),
      ...speedNow(),
      ...(page === undefined ? {} : { page }),
    })
  }

  #show(sentence: string, report?: ProblemReport, headline?: string): void {
    const { place, words } = this.#options
    const said = document.createElement('p')
    said.textContent = sentence
    place.replaceChildren(said)
    if (report !== undefined) {
      const sent = document.createElement('p')
      sent.className = 'soft'
      sent.textContent = words.sent
      place.append(sent, this.#list({ ...report, state: headline ?? report.state }))
    }
    const close = document.createElement('button')
    close.type = 'button'
    close.className = 'quiet'
    close.textContent = words.close
    close.addEventListener('click', () => {
      place.replaceChildren()
      document.getElementById('problem')?.focus()
    })
    place.append(close)
  }

  #list(values: Readonly<Partial<Record<Row, string | number>>>): HTMLElement {
    const { words } = this.#options
    const list = document.createElement('dl')
    for (const row of Object.keys(words.rows) as Row[]) {
      const value = values[row]
      if (value === undefined && row !== 'firstAudioMs') continue
      const term = document.createElement('dt')
      const described = document.createElement('dd')
      term.textContent = words.rows[row]
      described.textContent = this.#spell(row, value)
      list.append(term, described)
    }
    return list
  }

  #spell(row: Row, value: string | number | undefined): string {
    const { words } = this.#options
    if (value === undefined) return words.noSoundYet
    if (typeof value === 'string') return value
    return row.endsWith('Ms') ? words.seconds(value / 1_000) : words.times(value)
  }
}

function trackOf({ playing }: Listening): ProblemTrack {
  switch (playing) {
    case 'push':
      return 'opus.mp4'
    case 'push-low':
      return 'low.mp4'
    case 'native-hls':
      return 'hls'
    case 'hls-js':
      return 'hls.js'
    case 'none':
      return 'none'
  }
}

/** What is there to be played without another byte from the network. */
function bufferMsOf({ buffered, currentTime }: HTMLAudioElement): number {
  return buffered.length === 0 ? 0 : Math.max(0, (buffered.end(buffered.length - 1) - currentTime) * 1_000)
}

/** By the Network Information API, which not every browser has. */
function speedNow(): { speed?: NetworkSpeed } {
  const { connection } = navigator as { readonly connection?: { readonly effectiveType?: string } }
  const speed = NETWORK_SPEEDS.find((known) => known === connection?.effectiveType)
  return speed === undefined ? {} : { speed }
}
