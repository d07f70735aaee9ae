// The end of a program, with what its audience had come to: whoever or whatever ends it.

import type { WallMillis } from '../../base/units.ts'
import type { Audience } from '../../core/count/audience.ts'
import type { SpaceFacts } from '../../core/space/facts.ts'
import { endProgram } from '../../core/space/phases.ts'

/** `facts` ended, the same object if they were; throws as `endProgram` does. `audience`: as the stage told it last. */
export function endWithAudience(
  facts: SpaceFacts,
  now: WallMillis,
  audience: Audience | undefined,
): SpaceFacts {
  const ended = endProgram(facts, now)
  if (ended === facts) return facts
  const { endsAtMs: _, ...rest } = ended
  return audience === undefined ? rest : { ...rest, audience }
}
