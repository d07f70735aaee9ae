// What the contract suite is run on.

import type { Engine } from '../ports.ts'

/** An engine on an empty folder. */
export interface Subject {
  readonly engine: Engine
  /** Ends the engine as a clean stop does and starts it again on the same data; `engine` is another one then. */
  restart(): Promise<void>
  stop(): Promise<void>
}

export interface SubjectOptions {
  /** How long parts that nobody kept outlive the end of their space. */
  readonly retentionMs?: number
}

export type MakeSubject = (options?: SubjectOptions) => Promise<Subject>

/** Runs `use` on a fresh subject and ends it, whatever happens. */
export async function withSubject(
  make: MakeSubject,
  use: (subject: Subject) => Promise<void>,
  options?: SubjectOptions,
): Promise<void> {
  const subject = await make(options)
  try {
    await use(subject)
  } finally {
    await subject.stop()
  }
}
