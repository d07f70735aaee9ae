// ICE candidates as SDP writes them (RFC 8839, section 5.1), limited to what the stage can use: UDP, component 1,
// a literal address.
//
//     candidate:<foundation> <component> <transport> <priority> <address> <port> typ <type> …

/** One UDP candidate. */
export interface IceCandidate {
  readonly foundation: string
  readonly priority: number
  /** IPv4 or IPv6, never a name. */
  readonly address: string
  readonly port: number
  readonly type: 'host' | 'srflx' | 'prflx' | 'relay'
}

const CANDIDATE =
  /^candidate:([A-Za-z0-9+/]{1,32}) 1 udp (\d{1,10}) ([0-9A-Fa-f.:]{3,45}) (\d{1,5}) typ (host|srflx|prflx|relay)(?: |$)/i

/** The candidate in `text` (without `a=`), or undefined when it is of a kind the stage does not use. */
export function parseCandidate(text: string): IceCandidate | undefined {
  const found = CANDIDATE.exec(text)
  if (!found) return undefined
  const [, foundation, priority, address, port, type] = found as unknown as [
    string,
    string,
    string,
    string,
    string,
    string,
  ]
  if (
    !isLiteralAddress(address) ||
    Number(port) < 1 ||
    Number(port) > 65_535 ||
    Number(priority) >= 2 ** 32
  ) {
    return undefined
  }
  return {
    foundation,
    priority: Number(priority),
    address,
    port: Number(port),
    type: type.toLowerCase() as IceCandidate['type'],
  }
}

/** Without `a=` in front. */
export function writeCandidate(candidate: IceCandidate): string {
  const { foundation, priority, address, port, type } = candidate
  return `candidate:${foundation} 1 UDP ${priority} ${address} ${port} typ ${type}`
}

/** True for an IPv4 address in dotted decimal and for anything written like an IPv6 address. */
export function isLiteralAddress(text: string): boolean {
  const four = text.split('.')
  if (!text.includes(':')) {
    return four.length === 4 && four.every((octet) => /^\d{1,3}$/.test(octet) && Number(octet) <= 255)
  }
  const groups = text.split(':')
  return (
    groups.length >= 3 &&
    groups.length <= 8 &&
    text.split('::').length <= 2 &&
    groups.every((group) => /^[0-9A-Fa-f]{0,4}$/.test(group))
  )
}
