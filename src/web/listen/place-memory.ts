// What this tab keeps of the door, so that a reload costs neither the place in the line nor the way back in; and
// whether this person likes a sound while waiting. All of it is a comfort: storage may be forbidden.

import { isTicket } from '../../core/door/waiting-answers.ts'

const TICKET_KEY = 'mimbar.ticket'
const SOUND_KEY = 'mimbar.hold-sound'

/** Of one space. */
export class PlaceMemory {
  readonly #space: string

  constructor(space: string) {
    this.#space = space
  }

  /** A place in the line, or the ticket to return. */
  get ticket(): string | undefined {
    const ticket = read(() => sessionStorage, `${TICKET_KEY}.${this.#space}`)
    return isTicket(ticket) ? ticket : undefined
  }
  set ticket(ticket: string | undefined) {
    write(() => sessionStorage, `${TICKET_KEY}.${this.#space}`, ticket ?? '')
  }

  /** Off until it is asked for: a page that nobody hears yet stays quiet. */
  get wantsSound(): boolean {
    return read(() => localStorage, SOUND_KEY) === 'on'
  }
  set wantsSound(wants: boolean) {
    write(() => localStorage, SOUND_KEY, wants ? 'on' : 'off')
  }
}

function read(storage: () => Storage, key: string): string | null {
  try {
    return storage().getItem(key)
  } catch {
    return null
  }
}

function write(storage: () => Storage, key: string, value: string): void {
  try {
    storage().setItem(key, value)
  } catch {
    // As above.
  }
}
