// What an edge is started with.

import type { IpPrefix } from '../../core/address/ip.ts'
import type { EdgeShare } from '../../core/capacity/edge-share.ts'
import type { AddressBudget } from '../../core/door/address-limits.ts'
import type { Pages } from '../../core/page/page.ts'
import type { Engine } from '../../engine/ports.ts'
import type { TlsFiles } from '../../host/tls-files.ts'

export interface EdgeRoleOptions {
  /** Such as `edge-0`. */
  readonly edgeId: string
  readonly engine: Engine
  readonly pages: Pages
  readonly host: string
  /** 0 for any free one. */
  readonly port: number
  /** Several edges share the port; the kernel spreads connections among them. */
  readonly reusePort: boolean
  readonly tls?: TlsFiles
  /** Whether the door offers HTTP/2 as well; only with `tls`. */
  readonly http2?: boolean
  /** With a certificate by ACME: the plain port beside it, and the thumbprint of the account's key. */
  readonly plain?: { readonly port: number; readonly thumbprint: string; readonly publicUrl: string }
  /** Unix socket on which control serves `/api/v1`. */
  readonly controlSocket: string
  /** How people reach the studio door; without a trailing slash. */
  readonly studioUrl: string
  /** How people reach the public door, likewise: what links lead to. Where it listens by default. */
  readonly publicUrl?: string
  /** How often a listener is written to while there is no load: 200 to 2000. */
  readonly flushMs: number
  /** How long that interval may get under load; by default `FLUSH_MS_MAX`. */
  readonly flushMsMax?: number
  /** Streams at the same time; by default what the descriptor limit allows. */
  readonly streamsMax?: number
  /** What the whole node may send; 0, the default: unknown. */
  readonly egressBpsMax?: number
  /** Edges that say the same share one machine's capacity; by default its host name. */
  readonly node?: string
  /** Share of a core that writing to listeners may take before the flush interval grows; see `FlushLaw`. */
  readonly cpuTarget?: number
  /** How long a listener who came or was asked to move is left alone; see `MOVE_REST`. */
  readonly moveRestMs?: number
  /** What this edge may take on now; by default `streamsMax`, and joins as fast as `JOINS_PER_S`. */
  readonly share?: () => EdgeShare
  /** Listeners that the node may have, on all its edges; 0, the default: what the machine allows. */
  readonly listenersMax?: number
  /** The node's door keys, the same for all its edges: the first signs places and tickets, all verify. */
  readonly doorKeys?: readonly Uint8Array[]
  /** What one address may do; by default `ADDRESS_BUDGET`. */
  readonly addresses?: AddressBudget
  /** Proxies whose word about a client's address is believed; by default none. */
  readonly trustedProxies?: readonly IpPrefix[]
  /** Requests held for the live edge at the same time. */
  readonly heldMax?: number
  /** Whether HLS players that come now are told of Partial Segments; by default they are. */
  readonly listParts?: () => boolean
  /** Whether who begins now gets the low-bitrate sound (`EdgeShare.prefersLow`); by default they don't. */
  readonly prefersLow?: () => boolean
  /** Rehearsals that know it are welcome; without one, none is. */
  readonly rehearsalKey?: string
  /** Known to every edge of this node: a device that comes to two of them is one. Its own by default. */
  readonly deviceSecret?: string
  /** How long listeners may take to move when this edge stops. */
  readonly drainMs?: number
  /** How fast an announced longer flush interval may be approached, per elapsed time; see `FlushPace`. */
  readonly lengtheningMax?: number
  /** One line per event that a person would act on; `announce` by default. */
  readonly log?: (line: string) => void
}
