// The answer as the native library wrote it, made true for the world outside: behind NAT the library only knows the
// address of the machine, and browsers must be told the announced one.

import { isLiteralAddress, parseCandidate, writeCandidate } from './ice-candidate.ts'

/** RFC 8445, section 5.1.2.1: type preference 126, local preference 65535, component 1. */
const HOST_PRIORITY = 126 * 2 ** 24 + 65_535 * 2 ** 8 + 255

/**
 * The answer with its host candidates replaced by one at `announcedAddress` on the same port, which the router
 * forwards. Text that is not a literal address changes nothing.
 */
export function announceAddress(answer: string, announcedAddress: string): string {
  if (!isLiteralAddress(announcedAddress)) return answer
  const lines: string[] = []
  for (const line of answer.trimEnd().split(/\r?\n/)) {
    const announced = line.startsWith('a=candidate:') ? announce(line, announcedAddress) : line
    // One line for the copies of several interfaces.
    if (announced !== undefined && !(line !== announced && lines.includes(announced))) lines.push(announced)
  }
  return `${lines.join('\r\n')}\r\n`
}

function announce(line: string, address: string): string | undefined {
  const candidate = parseCandidate(line.slice(2))
  if (candidate?.type !== 'host') return undefined
  return `a=${writeCandidate({ ...candidate, foundation: '1', priority: HOST_PRIORITY, address })}`
}
