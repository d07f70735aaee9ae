// Tells the server what a person's sound check found, so that who runs the room sees it beside the name.

import { type BackoffOptions, backoffDelay } from '../../../base/backoff.ts'
import type { Seat } from '../../../core/api/api.ts'
import type { SoundFinding } from '../../../core/sound-check/sound-check.ts'
import { call } from '../../api/call.ts'

const TELL_BACKOFF: BackoffOptions = { firstMs: 500, factor: 2, maxMs: 4_000 }
/** It is good to know, and nothing waits for it. */
const TRIES_MAX = 4

export async function tellSoundCheck(
  seat: Pick<Seat, 'id' | 'space'>,
  found: readonly SoundFinding[],
): Promise<void> {
  for (let attempt = 0; attempt < TRIES_MAX; attempt++) {
    const body = { soundCheck: { found } }
    const answer = await call<Seat>('PATCH', `/api/v1/spaces/${seat.space}/seats/${seat.id}`, { body })
    // A refusal stays one.
    if (answer.kind !== 'unreachable') return
    const wait = backoffDelay(attempt, Math.random(), TELL_BACKOFF)
    await new Promise((resolve) => setTimeout(resolve, wait))
  }
}
