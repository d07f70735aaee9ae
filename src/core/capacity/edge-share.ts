// What one edge may take on. A node's capacity is the least of its CPU, memory, descriptors and egress, shared out
// among its edges once a second; the door asks the share before it lets anybody in, and asks nothing else.

/** In force until the next one, a second later. It binds those who arrive: who is listening stays. */
export interface EdgeShare {
  /** Streams and HLS players that this edge may carry at the same time. */
  readonly streamsMax: number
  /**
   * The same for those who come back: what its descriptors allow, and its core at the longest flush interval. They were
   * let in before, so what they need of the node is theirs, and reports that still count them elsewhere do not matter.
   */
  readonly returningMax?: number
  /** Joins that it may let in per second, handshakes and bursts included. */
  readonly joinsPerSecond: number
  /** Who joins now gets the low-bitrate track: egress is nearly spent. */
  readonly prefersLow: boolean
  /** HLS players that come now get playlists without Partial Segments: requests are nearly spent. */
  readonly plainPlaylists: boolean
}
