// The answer as the native library wrote it, made true for the world outside: behind NAT the library only knows the
// address of the machine, and browsers must be told the announced one.

import { type IceCandidate, isLiteralAddress, parseCandidate, writeCandidate } from './ice-candidate.ts'

/** RFC 8445, section 5.1.2.1: type preference 126. */
const HOST_TYPE_PRIORITY = 126 * 2 ** 24
/** Local preference 65535, component 1. */
const HOST_PRIORITY = HOST_TYPE_PRIORITY + 65_535 * 2 ** 8 + 255

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

/** The addresses of an answer's host candidates, each once. */
export function hostAddresses(answer: string): readonly string[] {
  const found = candidateLines(answer).map((line) => parseCandidate(line.slice(2)))
  return [...new Set(found.filter((one) => one?.type === 'host').map((one) => (one as IceCandidate).address))]
}

/** The answer with further host candidates at `port`, to be tried after all that it has; earlier addresses first. */
export function addHostCandidates(answer: string, addresses: readonly string[], port: number): string {
  const last = candidateLines(answer).at(-1)
  if (last === undefined) return answer
  const added = addresses.map((address, index) => {
    const priority = HOST_TYPE_PRIORITY + (addresses.length - index) * 2 ** 8 + 255
    return `a=${writeCandidate({ foundation: `${index + 1}00`, priority, address, port, type: 'host' })}`
  })
  return answer.replace(last, () => [last, ...added].join('\r\n'))
}

/** How checks that come to us prove themselves (RFC 8839, section 5.4). Undefined for what is no whole answer. */
export function iceCredentials(
  answer: string,
): { readonly ufrag: string; readonly password: string } | undefined {
  const ufrag = /^a=ice-ufrag:([A-Za-z0-9+/]{4,256})\r?$/m.exec(answer)?.[1]
  const password = /^a=ice-pwd:([A-Za-z0-9+/]{22,256})\r?$/m.exec(answer)?.[1]
  return ufrag === undefined || password === undefined ? undefined : { ufrag, password }
}

function candidateLines(answer: string): readonly string[] {
  return answer.split(/\r?\n/).filter((line) => line.startsWith('a=candidate:'))
}

function announce(line: string, address: string): string | undefined {
  const candidate = parseCandidate(line.slice(2))
  if (candidate?.type !== 'host') return undefined
  return `a=${writeCandidate({ ...candidate, foundation: '1', priority: HOST_PRIORITY, address })}`
}
