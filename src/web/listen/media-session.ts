// The lock screen, the headphones' buttons, the car: they show what is playing and may pause it.

export interface MediaSessionActions {
  readonly play: () => void
  readonly pause: () => void
  /** Relative, in seconds; only a replay can be sought. */
  readonly skip?: (seconds: number) => void
  /** Absolute, in seconds. */
  readonly seek?: (toSeconds: number) => void
}

/** Tells the system what plays here, and that this page is for listening (iOS: sounds with the switch on silent). */
export function describeSound(title: string, artist: string, actions: MediaSessionActions): void {
  const audioSession = (navigator as { audioSession?: { type: string } }).audioSession
  if (audioSession) audioSession.type = 'playback'
  const { mediaSession } = navigator
  if (!mediaSession) return
  mediaSession.metadata = new MediaMetadata({ title, artist, album: 'Mimbar' })
  const { skip, seek } = actions
  on('play', actions.play)
  on('pause', actions.pause)
  on('stop', actions.pause)
  on('seekbackward', skip && (({ seekOffset }) => skip(-(seekOffset ?? 15))))
  on('seekforward', skip && (({ seekOffset }) => skip(seekOffset ?? 15)))
  on('seekto', seek && (({ seekTime }) => seek(seekTime ?? 0)))
}

function on(action: MediaSessionAction, handler: MediaSessionActionHandler | undefined): void {
  try {
    navigator.mediaSession.setActionHandler(action, handler ?? null)
  } catch {
    // A browser that does not know the action throws; its button is just not there.
  }
}
