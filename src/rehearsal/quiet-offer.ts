// libdatachannel as the offerer checks the DTLS fingerprint against a remote description that it stores only after
// ICE was told of it. When the other side is quick, its checks connect ICE in that very moment, the handshake runs
// before the description is there, and fails ("certificate verify failed"; about one connection in three on
// loopback). So neither side learns of a candidate before the description is in place. Browsers have no such race.

import type { PeerConnection } from 'node-datachannel'

/** `sdp` as if nothing had been gathered yet: a complete offer of an endpoint that trickles. */
export function withoutCandidates(sdp: string): string {
  return sdp.replaceAll(/a=(?:candidate:.*|end-of-candidates)\r\n/g, '')
}

/** What {@link withoutCandidates} takes out, as `candidate:…` (RFC 8839, section 5.1). */
export function candidatesIn(sdp: string): readonly string[] {
  return sdp
    .split(/\r?\n/)
    .filter((line) => line.startsWith('a=candidate:'))
    .map((line) => line.slice(2))
}

/** Applies the answer to an offer that was sent {@link withoutCandidates}: first the description, then the candidates. */
export function applyAnswer(connection: PeerConnection, answer: string): void {
  connection.setRemoteDescription(withoutCandidates(answer), 'answer')
  const mid = /^a=mid:(.*)\r?$/m.exec(answer)?.[1] ?? '0'
  for (const candidate of candidatesIn(answer)) connection.addRemoteCandidate(candidate, mid)
}
