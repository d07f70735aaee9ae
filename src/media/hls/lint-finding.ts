// What the linter says of a playlist.

/** One broken rule. */
export interface LintFinding {
  /** Section of RFC 8216bis, such as `4.4.3.1`; `ours` for a promise of this project. */
  readonly section: string
  /** From 1; 0 where it concerns the whole. */
  readonly line: number
  readonly message: string
}
