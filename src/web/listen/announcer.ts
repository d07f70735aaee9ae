// Who is speaking, for those who hear the page instead of seeing it. A change is told once it has lasted, and not more
// often than one can listen to beside a talk: in a quick exchange only the latest is told.

/** A change of speakers is told once it has lasted. */
export const LASTING_MS = 1_500
/** From one sentence to the next. */
export const BETWEEN_MS = 10_000

export interface AnnouncerOptions {
  readonly say: (sentence: string) => void
  /** Monotonic, ms. */
  readonly now: () => number
  /** Runs `work` after `ms`; the answer forgets it. */
  readonly later: (work: () => void, ms: number) => () => void
}

export class Announcer {
  readonly #options: AnnouncerOptions
  #wanted = ''
  #said = ''
  #saidAtMs = Number.NEGATIVE_INFINITY
  #forget: () => void = () => {}

  constructor(options: AnnouncerOptions) {
    this.#options = options
  }

  /** How things stand; call as often as they change. An empty sentence says nothing. */
  show(sentence: string): void {
    if (sentence === this.#wanted) return
    this.#wanted = sentence
    this.#forget()
    const { now, later } = this.#options
    const waitMs = Math.max(LASTING_MS, this.#saidAtMs + BETWEEN_MS - now())
    this.#forget = later(() => this.#say(), waitMs)
  }

  #say(): void {
    if (this.#wanted === this.#said) return
    this.#said = this.#wanted
    if (this.#said !== '') this.#saidAtMs = this.#options.now()
    this.#options.say(this.#said)
  }
}
