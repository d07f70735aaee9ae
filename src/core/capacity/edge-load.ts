// What an edge tells its neighbours of itself, once a second, so that all of them share one node without asking anybody.

/** Part of an `EdgeReport`. */
export interface EdgeLoad {
  /** The machine that the edge runs on: edges with the same one share its capacity. */
  readonly node: string
  /** Streams and HLS players, synthetic ones too: they cost the same. */
  readonly streams: number
  /** What its share allowed when it reported; no more than `streams` when it lets nobody in. */
  readonly streamsMax: number
  /** On the wire, estimated: see `egress-meter.ts`. */
  readonly egressBps: number
  /** Of one core, 0…1. */
  readonly cpu: number
  /** Resident. */
  readonly memoryBytes: number
  /** How often it writes to its listeners. Absent from an edge that does not tell. */
  readonly flushMs?: number
}
