// The hand of this tab, so that a reload keeps it up. Storage may be forbidden: then a reload lets it go.

export interface RememberedHand {
  readonly hand: string
  readonly token: string
  readonly name: string
}

const NAME_KEY = 'mimbar-name'

export class HandMemory {
  readonly #key: string

  /** `key`: as the page looks for it; see `hand-button.ts`. */
  constructor(key: string) {
    this.#key = key
  }

  get hand(): RememberedHand | undefined {
    try {
      return (JSON.parse(sessionStorage.getItem(this.#key) ?? 'null') as RememberedHand | null) ?? undefined
    } catch {
      return undefined
    }
  }
  set hand(hand: RememberedHand | undefined) {
    try {
      if (hand === undefined) sessionStorage.removeItem(this.#key)
      else sessionStorage.setItem(this.#key, JSON.stringify(hand))
    } catch {
      // As above.
    }
  }

  /** What the person called themselves last time. */
  get name(): string {
    try {
      return localStorage.getItem(NAME_KEY) ?? ''
    } catch {
      return ''
    }
  }
  set name(name: string) {
    try {
      localStorage.setItem(NAME_KEY, name)
    } catch {
      // As above.
    }
  }
}
