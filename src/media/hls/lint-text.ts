// What every playlist is as a text (RFC 8216bis, section 4.1), whatever it lists.

import type { LintFinding } from './lint-finding.ts'

/** Checks the characters and the first line. */
export function lintText(text: string): LintFinding[] {
  const findings: LintFinding[] = []
  if (text.startsWith('\ufeff')) findings.push(finding('4.1', 1, 'There is a byte order mark.'))
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there.
    if (/[\u0000-\u001f\u007f-\u009f]/.test(line)) {
      findings.push(finding('4.1', i + 1, 'There is a control character.'))
    }
    if (line !== line.trim()) findings.push(finding('4.1', i + 1, 'There is white space round the line.'))
  }
  if (!/^#EXTM3U\r?\n/.test(text)) findings.push(finding('4.4.1.1', 1, 'The first line is not #EXTM3U.'))
  return findings
}

function finding(section: string, line: number, message: string): LintFinding {
  return { section, line, message }
}
