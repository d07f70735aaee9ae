// One seat, one tab. The stage gives a seat to its newest connection, so two tabs that both reconnected would
// throw each other out for ever. A Web Lock settles it in the browser: the newest tab takes it, the older is told.

import type { SeatId } from '../../base/ids.ts'

/** Takes the seat for this tab; `onTaken` runs once when a newer tab takes it. Returns the way to let go. */
export function claimSeat(seat: SeatId, onTaken: () => void): () => void {
  // Without Web Locks (an insecure page) there is no microphone either, and nothing to fight over.
  if (navigator.locks === undefined) return () => {}
  let release: () => void = () => {}
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  navigator.locks
    .request(`mimbar-seat-${seat}`, { steal: true }, () => held)
    .catch(() => {
      // The only way for a lock that is held to fail: it was stolen.
      onTaken()
    })
  return release
}
