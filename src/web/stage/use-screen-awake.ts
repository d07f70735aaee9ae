// A phone on stage must not fall asleep: with the screen goes the microphone.

import { useEffect } from 'preact/hooks'

/** Keeps the screen on while the component is there. Browsers let go when the page is hidden, so it asks again. */
export function useScreenAwake(): void {
  useEffect(() => {
    let sentinel: WakeLockSentinel | undefined
    let isOver = false
    const ask = async () => {
      if (document.visibilityState !== 'visible' || navigator.wakeLock === undefined) return
      // Refused on low battery, for one: then the screen sleeps as it always did.
      const got = await navigator.wakeLock.request('screen').catch(() => undefined)
      if (isOver) void got?.release()
      else sentinel = got
    }
    void ask()
    document.addEventListener('visibilitychange', ask)
    return () => {
      isOver = true
      document.removeEventListener('visibilitychange', ask)
      void sentinel?.release()
    }
  }, [])
}
