// Tests wait for what they want to see, with a deadline; never for a time.

const LOOK_EVERY_MS = 10

/** Resolves with the first truthy answer of `look`; throws, naming `what`, when there is none within `withinMs`. */
export async function until<T>(
  what: string,
  look: () => T | Promise<T>,
  withinMs = 10_000,
): Promise<Exclude<T, false | null | undefined>> {
  const deadline = performance.now() + withinMs
  while (true) {
    const found = await look()
    if (found) return found as Exclude<T, false | null | undefined>
    if (performance.now() > deadline) throw new Error(`waited ${withinMs} ms in vain for: ${what}`)
    await Bun.sleep(LOOK_EVERY_MS)
  }
}
