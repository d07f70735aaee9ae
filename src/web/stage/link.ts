// What the page's own address says: the space, and the secret of a link while it has not been exchanged.

import { LINK_FRAGMENT } from '../../core/api/api.ts'
import { SEAT_ROLES, type SeatRole } from '../../core/seat/roles.ts'

/** The secret of a link that was opened, and what it makes of the person who exchanges it. */
export interface LinkSecret {
  readonly role: SeatRole
  readonly secret: string
  /** What a person who was called up calls themselves already. */
  readonly name?: string
}

/** A secret longer than this is not one of ours. */
const SECRET_LENGTH_MAX = 256

/** Reads `#host=…`, `#cohost=…`, `#invite=…` or `#hand=…&name=…`; undefined when the fragment carries none. */
export function readLinkSecret(fragment: string): LinkSecret | undefined {
  const fields = new URLSearchParams(fragment.replace(/^#/, ''))
  for (const role of SEAT_ROLES) {
    const secret = fields.get(LINK_FRAGMENT[role])
    if (secret !== null && secret.length > 0 && secret.length <= SECRET_LENGTH_MAX) return { role, secret }
  }
  const token = fields.get(LINK_FRAGMENT.hand)
  if (token === null || token.length === 0 || token.length > SECRET_LENGTH_MAX) return undefined
  return { role: 'speaker', secret: token, name: fields.get('name') ?? '' }
}

/** The `:space` of `/s/:space/stage`; undefined on any other path. */
export function readSpaceId(pathname: string): string | undefined {
  return /^\/s\/([a-z0-9-]{1,40})\/stage\/?$/.exec(pathname)?.[1]
}
