// `mimbar links`: a lost link is made anew. Talks to the running system over its API, as the operator of this
// machine: control leaves a token for that in the data folder, which only this user can read.

import { MimbarError } from '../base/errors.ts'
import { parseSpaceId } from '../base/ids.ts'
import type { Link } from '../core/api/api.ts'
import { SEAT_ROLES, type SeatRole } from '../core/seat/roles.ts'
import { operatorCalls } from './operator-calls.ts'

type LinkKind = SeatRole
const KINDS: readonly LinkKind[] = SEAT_ROLES

/** `links <space> [host|cohost|speaker] [settings]` or `links --operator [settings]`. */
export async function links(args: readonly string[]): Promise<number> {
  const words = args.slice(0, firstFlag(args))
  const flags = args.slice(words.length)
  if (words.length === 0 && flags[0] === '--operator') return makeOperatorLink(flags.slice(1))
  const [name, wanted] = words
  if (name === undefined) throw new MimbarError('bad-request', 'Which space? "mimbar links <space>".')
  const space = parseSpaceId(name)
  if (wanted !== undefined && !KINDS.includes(wanted as LinkKind)) {
    throw new MimbarError(
      'bad-request',
      `A link is for the host, a cohost or a speaker, not for "${wanted}".`,
    )
  }
  const call = operatorCalls(flags)
  for (const kind of wanted === undefined ? KINDS : [wanted as LinkKind]) {
    const { url } = await call<Link>(`/api/v1/spaces/${space}/links/${kind}`)
    console.log(`${kind.padEnd(8)} ${url}`)
  }
  console.error('The links that these replace no longer work.')
  return 0
}

async function makeOperatorLink(flags: readonly string[]): Promise<number> {
  const { url } = await operatorCalls(flags)<Link>('/api/v1/operator/link')
  console.log(`operator ${url}`)
  console.error('The link that this replaces no longer works.')
  return 0
}

function firstFlag(args: readonly string[]): number {
  const index = args.findIndex((word) => word.startsWith('--'))
  return index < 0 ? args.length : index
}
