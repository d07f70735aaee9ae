// A role's standard input is a pipe that its supervisor holds and never writes to. When the supervisor is gone,
// however it went, the pipe ends, and so does the role: there are never two of anything.

/** Resolves when the supervisor at the other end of standard input is gone. */
export async function supervisorGone(): Promise<void> {
  const reader = Bun.stdin.stream().getReader()
  try {
    while (!(await reader.read()).done);
  } catch {
    // A pipe that broke is a pipe that ended.
  }
}
