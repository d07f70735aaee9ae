// How late the machine itself was: what a test asserts of times holds only as far as timers fired in time.

const EVERY_MS = 20
/** Timers are late by a little on every machine. */
const USUAL_MS = 60

/** Counts from now on; `stop` answers by how many ms in all timers of this process were later than usual. */
export function watchLateness(): { stop(): number } {
  let lateMs = 0
  let dueAt = performance.now() + EVERY_MS
  const timer = setInterval(() => {
    const late = performance.now() - dueAt
    if (late > USUAL_MS) lateMs += late
    dueAt = performance.now() + EVERY_MS
  }, EVERY_MS)
  return {
    stop: () => {
      clearInterval(timer)
      return lateMs
    },
  }
}
