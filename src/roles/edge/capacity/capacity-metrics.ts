// The laws' inputs and decisions, for whoever wants to know why an edge behaves as it does.

import type { EdgeShare } from '../../../core/capacity/edge-share.ts'
import { counter, gauge } from '../metrics.ts'

export interface CapacityGauges {
  readonly flushMs: { readonly used: number; readonly announced: number; readonly newcomers: number }
  readonly share: EdgeShare
  readonly egressBps: number
  readonly writeUs: number
  readonly joinUs: number
  readonly slipMs: number
  readonly movesAsked: number
}

/** Families for `writeMetrics`. */
export function capacityFamilies(gauges: CapacityGauges): readonly string[] {
  const { flushMs, share } = gauges
  return [
    gauge('mimbar_edge_flush_interval_seconds', 'How often listeners are written to.', [
      ['{kind="used"}', flushMs.used / 1_000],
      ['{kind="announced"}', flushMs.announced / 1_000],
      ['{kind="newcomers"}', flushMs.newcomers / 1_000],
    ]),
    gauge('mimbar_edge_write_cpu_seconds', 'Measured cost of one write to a listener.', [
      ['', gauges.writeUs / 1e6],
    ]),
    gauge('mimbar_edge_join_cpu_seconds', 'Measured cost of one join.', [['', gauges.joinUs / 1e6]]),
    gauge('mimbar_edge_sweep_slip_seconds', 'How late a sweep ended, or a tick came, in the last second.', [
      ['', gauges.slipMs / 1_000],
    ]),
    gauge('mimbar_edge_egress_bits_per_second', 'Sent, with an estimate of what the network adds.', [
      ['', gauges.egressBps],
    ]),
    gauge('mimbar_edge_share_streams', 'Streams and players that this edge may carry now.', [
      ['', share.streamsMax],
    ]),
    gauge('mimbar_edge_share_joins_per_second', 'Joins that it may let in.', [['', share.joinsPerSecond]]),
    gauge('mimbar_edge_share_prefers_low', '1 while who joins gets the low-bitrate track.', [
      ['', Number(share.prefersLow)],
    ]),
    gauge('mimbar_edge_share_plain_playlists', '1 while HLS players that come get plain playlists.', [
      ['', Number(share.plainPlaylists)],
    ]),
    counter('mimbar_edge_moves_asked', 'Listeners asked to connect to another edge for balance.', [
      ['', gauges.movesAsked],
    ]),
  ]
}
