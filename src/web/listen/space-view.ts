// What the API tells of a space, as the page keeps it of the program.

import type { PublicSpace } from '../../core/api/api.ts'
import type { ProgramView } from '../player/program-view.ts'

/** Everything of a view but what only the stream tells: who is on stage, and the slate. */
export function viewOfSpace(space: PublicSpace): Omit<ProgramView, 'seats' | 'slate'> {
  return {
    phase: space.phase,
    recorded: space.recorded,
    listeners: space.listeners,
    handsOpen: space.handsOpen,
    ...(space.audience === undefined ? {} : { audience: space.audience }),
    ...(space.scheduledAtMs === undefined ? {} : { scheduledAtMs: space.scheduledAtMs }),
    ...(space.startedAtMs === undefined ? {} : { startedAtMs: space.startedAtMs }),
    ...(space.heldSinceMs === undefined ? {} : { held: true }),
    ...(space.endsAtMs === undefined ? {} : { endsAtMs: space.endsAtMs }),
  }
}
