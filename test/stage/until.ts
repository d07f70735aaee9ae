// Tests wait for what they want to see, with a deadline; never for a time.

/** Resolves with the first truthy answer of `look`; throws when there is none within `withinMs`. */
export async function until<T>(
  what: string,
  look: () => T | Promise<T>,
  withinMs: number,
): Promise<NonNullable<T>> {
  const deadline = performance.now() + withinMs
  while (true) {
    const found = await look()
    if (found) return found
    if (performance.now() > deadline) throw new Error(`waited ${withinMs} ms for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
