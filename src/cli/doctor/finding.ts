// What a check of the doctor says.

/** `ok` needs nothing; `warn` works, but not as well as it could; `fail` will not work. */
export interface Finding {
  readonly verdict: 'ok' | 'warn' | 'fail'
  readonly what: string
  /** What to do about it; absent when nothing is to be done. */
  readonly mend?: string
}
