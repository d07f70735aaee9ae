// One line per event that a person would act on, on stderr: what a command prints on stdout stays clean. Every
// process of a node writes its lines here, so that they read as one log.

/** Where a role's lines go when it is given nothing else: to stderr, with the wall clock in front (ISO 8601, UTC). */
export function announce(line: string): void {
  console.error(`${new Date().toISOString()} ${line}`)
}

/** A bug for a line of the log: with its stack, which is all that its finder has. */
export function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
