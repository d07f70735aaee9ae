// How this browser can play a program. Probed once; the choice itself is a pure function.

/** What the browser says of itself. */
export interface Capabilities {
  /** Types that `MediaSource.isTypeSupported` accepted; absent without Media Source Extensions. */
  readonly mediaSource?: readonly string[]
  /** The same for `ManagedMediaSource` (iPhone from 17.1). */
  readonly managedMediaSource?: readonly string[]
  /** `canPlayType` of an HLS playlist was not empty. */
  readonly nativeHls: boolean
  readonly isIos: boolean
  /** `fetch` hands out bodies as they arrive. */
  readonly streams: boolean
}

/**
 * - `push`: our own stream into a (managed) media source: the shortest way to the ear.
 * - `native-hls`: the browser follows the playlist itself.
 * - `hls-js`: a library loaded for the purpose does.
 * - `none`: only the plain Ogg link is left.
 */
export type PlaybackKind =
  | { readonly kind: 'push'; readonly managed: boolean; readonly mimeType: string }
  | { readonly kind: 'native-hls' }
  | { readonly kind: 'hls-js' }
  | { readonly kind: 'none' }

/** Safari wants the registered spelling with a capital, everyone else takes either. */
export const OPUS_TYPES = ['audio/mp4; codecs="opus"', 'audio/mp4; codecs="Opus"'] as const

/** For the live program. */
export function choosePlayback(can: Capabilities): PlaybackKind {
  // Until a person has heard Media Source Extensions on a locked iPhone, iOS follows the playlist itself.
  if (can.isIos && can.nativeHls) return { kind: 'native-hls' }
  const plain = can.mediaSource?.[0]
  const managed = can.managedMediaSource?.[0]
  if (can.streams && plain !== undefined) return { kind: 'push', managed: false, mimeType: plain }
  if (can.streams && managed !== undefined) return { kind: 'push', managed: true, mimeType: managed }
  return chooseReplay(can)
}

/** For the replay, and for live where pushing is not possible: a playlist, by whoever can follow it. */
export function chooseReplay(can: Capabilities): PlaybackKind {
  if (can.isIos && can.nativeHls) return { kind: 'native-hls' }
  // Chrome says "maybe" to HLS and then plays late: a library on Media Source Extensions comes first.
  if (can.mediaSource !== undefined || can.managedMediaSource !== undefined) return { kind: 'hls-js' }
  return can.nativeHls ? { kind: 'native-hls' } : { kind: 'none' }
}

/** The constructor that {@link choosePlayback} meant. */
export function mediaSourceOf(managed: boolean): typeof MediaSource {
  const scope = globalThis as { ManagedMediaSource?: typeof MediaSource }
  return managed && scope.ManagedMediaSource ? scope.ManagedMediaSource : MediaSource
}

/** Asks this browser. */
export function probeCapabilities(audio: HTMLAudioElement): Capabilities {
  const scope = globalThis as { MediaSource?: typeof MediaSource; ManagedMediaSource?: typeof MediaSource }
  const plain = supportedTypes(scope.MediaSource)
  const managed = supportedTypes(scope.ManagedMediaSource)
  return {
    ...(plain === undefined ? {} : { mediaSource: plain }),
    ...(managed === undefined ? {} : { managedMediaSource: managed }),
    nativeHls: audio.canPlayType('application/vnd.apple.mpegurl') !== '',
    isIos: isIos(),
    streams: typeof ReadableStream === 'function' && 'body' in Response.prototype,
  }
}

function supportedTypes(source: typeof MediaSource | undefined): readonly string[] | undefined {
  return source === undefined ? undefined : OPUS_TYPES.filter((type) => source.isTypeSupported(type))
}

/** An iPad calls itself a Mac, but no Mac has a touch screen. */
function isIos(): boolean {
  const { userAgent, maxTouchPoints } = navigator
  return /iPhone|iPad|iPod/.test(userAgent) || (/Macintosh/.test(userAgent) && maxTouchPoints > 1)
}
