// Everything on the public door has a limit, and here are their names. What a full one does stands beside it.

import { PARTS_PER_SEGMENT } from '../../base/units.ts'
import { DELIVERY_LIMITS } from '../../core/delivery/listener-delivery.ts'
import type { AddressBudget } from '../../core/door/address-limits.ts'
import { descriptorLimit } from '../../host/descriptors.ts'

/** Parts of a space that an edge holds: 50 s to resume from, which is also the HLS window with room to spare. */
export const WINDOW_PARTS = DELIVERY_LIMITS.resumeParts
/** Segments that a live playlist lists; RFC 8216, section 6.2.2, asks for three target durations at least. */
export const PLAYLIST_SEGMENTS = 8
/** Requests for a playlist or a part that does not exist yet, held at the same time; beyond it, 503. */
export const HELD_REQUESTS_MAX = 20_000
/**
 * Partial Segments beyond the hinted one that may be asked for early: the playlist may have come from another edge,
 * which had its part a moment before this one.
 */
export const HINT_AHEAD_MAX = 1
/** A segment that lacks at most this many Partial Segments may be listed by another edge already: it is waited for. */
export const SEGMENT_AHEAD_MAX = 2
/** A tail is kept this long after the last need of it, so that a reload finds it. */
export const READER_LINGER_MS = 10_000
/** An engine that has not even said `idle` for this long is taken for dead, and tailed anew. */
export const TAIL_SILENCE_MAX_MS = 3_000
/** After the program's last part is due, its writer has this long to append it; then streams end without. */
export const ENDING_GRACE_MS = 3_000
/** A live playlist is served with ENDLIST for this long after the end; later players are told of the replay. */
export const ENDED_PLAYLIST_MS = 60_000

/** Listeners written to before others get a turn: about 4 ms, so that accepts and handshakes are not starved. */
export const SWEEP_SLICE = 500
/** A stream without parts gets its heartbeat once it was silent for this long; the tick adds at most its period. */
export const HEARTBEAT_AFTER_MS = 750
export const TICK_MS = 200
/** Parts come a little early or late: newcomers are not flushed a round early for so little. */
export const SWEEP_JITTER_MS = 50

/** Longer targets are refused: every path of ours is short. */
export const TARGET_CHARACTERS_MAX = 1_024
/** The public door takes no bodies; what arrives all the same is cut off here. */
export const REQUEST_BYTES_MAX = 64 * 1024
/**
 * A connection is closed this long (and up to 2 s more) after its last whole request was answered, or after it began:
 * neither single bytes of a header or a body nor an answer that isn't ready count as movement. Streams are exempt.
 */
export const CONNECTION_IDLE_S = 10

/** Requests to control at the same time, and how many may wait for their turn; beyond it, 503 with Retry-After. */
export const PROXY_CONCURRENT_MAX = 64
export const PROXY_WAITING_MAX = 128
export const PROXY_TIMEOUT_MS = 5_000
export const PROXY_RESPONSE_BYTES_MAX = 1024 * 1024
/** One question in a second reaches control, however large the crowd that asks it. */
export const PROXY_CACHE_MS = 1_000
export const PROXY_CACHE_ENTRIES_MAX = 256

/** Link cards (about 60 KB each) kept in memory; the one asked for longest ago goes. A changed card is another one. */
export const CARD_CACHE_ENTRIES_MAX = 64
export const CARD_CACHE_MS = 300_000

/**
 * Cards and pictures that are asked of control at the same time, and how many may wait for their turn; beyond it, 503. Few,
 * since a card that is not drawn yet takes its time, in which the API must get through.
 */
export const CARD_CONCURRENT_MAX = 4
export const CARD_WAITING_MAX = 32
/** Announced pictures (at most 512 KB each) kept in memory likewise. */
export const PICTURE_CACHE_ENTRIES_MAX = 16

/** Pages are filled anew at most once a second. */
export const PAGE_CACHE_MS = 1_000
export const PAGE_CACHE_ENTRIES_MAX = 64

/** Replay segments (about 14 KB each) and playlists kept in memory; the one used longest ago goes. */
export const SEGMENT_CACHE_ENTRIES_MAX = 1_024
export const REPLAY_SPACES_MAX = 32
/** Reads of the log at the same time for replays; the others wait, then 503. */
export const REPLAY_READS_MAX = 8
export const REPLAY_WAITING_MAX = 256

/** What the head of an answer is taken to weigh on the network. */
export const ANSWER_HEAD_BYTES = 400

/** Drain: how long listeners have to move elsewhere. */
export const DRAIN_MS = 5_000

/** What one address may do at one edge, unless it is set otherwise; see `core/door/address-limits.ts`. */
export const ADDRESS_BUDGET: AddressBudget = {
  joinsPerSecond: 50,
  requestsPerSecond: 500,
  streamsMax: 10_000,
}
/** Joins per second on one edge, handshakes and bursts included, unless its share says otherwise. */
export const JOINS_PER_S = 2_000

/** What a descriptor table leaves for streams: a tenth, and 64, are kept for everything else. */
export function streamsMaxByDescriptors(): number {
  return Math.max(16, Math.floor(descriptorLimit() * 0.9) - 64)
}

/** How many parts a live playlist needs in memory. */
export const PLAYLIST_PARTS = PLAYLIST_SEGMENTS * PARTS_PER_SEGMENT
