// One line per event that a person would act on, on stderr: what a command prints on stdout stays clean.

/** Writes one line with the wall clock in front. */
export function announce(line: string): void {
  console.error(`${new Date().toISOString()} ${line}`)
}
