// An exception that leaves a callback of the native library aborts the process without `uncaughtException`. So it is
// caught here, and thrown again from the event loop, where the role ends as it does for any other bug.

/** `callback`, safe to hand to native code. */
export function guarded<Arguments extends unknown[]>(
  what: string,
  callback: (...values: Arguments) => void,
): (...values: Arguments) => void {
  return (...values) => {
    try {
      callback(...values)
    } catch (cause) {
      queueMicrotask(() => {
        throw new Error(`bug in the ${what} callback`, { cause })
      })
    }
  }
}
