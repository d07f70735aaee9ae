// What the routes are made of: built once by `startControlRole`, handed to each.

import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Hono } from 'hono'
import type { Clock } from '../../base/clock.ts'
import type { PublicSpace } from '../../core/api/api.ts'
import type { Pages } from '../../core/page/page.ts'
import { publicSpaceOf } from '../../core/space/public-space.ts'
import type { Engine } from '../../engine/ports.ts'
import type { Callers } from './callers.ts'
import type { LinkCards } from './cards/link-cards.ts'
import type { CertificateWatch } from './certificate/certificate-watch.ts'
import type { Hands } from './hands/hands.ts'
import type { Meters } from './meters.ts'
import type { Observations } from './observations.ts'
import type { Origins } from './origins.ts'
import type { Patience } from './patience.ts'
import type { Relays } from './relays.ts'
import type { ControlEnv } from './request.ts'
import type { Signalling } from './signalling.ts'
import type { SoundChecks } from './sound-checks.ts'
import type { SpaceRecord } from './space-store.ts'
import type { Spaces } from './spaces.ts'
import type { StageViews } from './stage-views.ts'
import type { NodeKeeper } from './watch/node-keeper.ts'

export interface ControlParts {
  readonly engine: Engine
  readonly clock: Clock
  readonly log: (line: string) => void
  readonly patience: Patience
  readonly spaces: Spaces
  readonly callers: Callers
  readonly observations: Observations
  readonly signalling: Signalling
  readonly relays: Relays
  readonly soundChecks: SoundChecks
  readonly views: StageViews
  readonly hands: Hands
  readonly cards: LinkCards
  readonly meters: Meters
  readonly node: NodeKeeper
  /** Of the studio door's certificate; absent without TLS. */
  readonly certificate?: CertificateWatch
  readonly pages: Pages
  readonly origins: Origins
  /** Without a trailing slash; links are made from them. */
  readonly publicUrl: string
  readonly studioUrl: string
}

export type ControlApp = OpenAPIHono<ControlEnv>
export type PageApp = Hono<ControlEnv>

/** What anyone may know of the space, with its listeners of this moment. */
export function publicSpace(parts: ControlParts, record: SpaceRecord): PublicSpace {
  return publicSpaceOf(record.facts, parts.observations.audience(record.facts.id))
}

/** Cookies are `Secure` exactly when people come to the studio door by https. */
export function isSecure(parts: ControlParts): boolean {
  return parts.studioUrl.startsWith('https:')
}
