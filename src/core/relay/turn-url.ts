// Addresses of relays (RFC 7065): turn:host, turns:host:5349?transport=tcp.

export interface RelayAddress {
  readonly host: string
  readonly port: number
  /** How one talks to the relay; what it relays is UDP. */
  readonly transport: 'udp' | 'tcp' | 'tls'
}

const TURN_URL = /^(turns?):(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::(\d{1,5}))?(?:\?transport=(udp|tcp))?$/i
/** RFC 7065, section 3.2. */
const PORT = 3478
const TLS_PORT = 5349

/** Undefined for what is no address of a relay that browsers take: one such keeps a page from connecting at all. */
export function parseTurnUrl(url: string): RelayAddress | undefined {
  const found = TURN_URL.exec(url)
  if (found === null) return undefined
  const isSecure = found[1]?.toLowerCase() === 'turns'
  const port = found[3] === undefined ? (isSecure ? TLS_PORT : PORT) : Number(found[3])
  if (port < 1 || port > 65_535) return undefined
  // Without a word about it: UDP, and TLS over TCP.
  const isTcp = (found[4]?.toLowerCase() ?? (isSecure ? 'tcp' : 'udp')) === 'tcp'
  if (isSecure && !isTcp) return undefined // DTLS: no browser talks to a relay like that
  const transport = isSecure ? 'tls' : isTcp ? 'tcp' : 'udp'
  return { host: (found[2] as string).replace(/^\[|\]$/g, ''), port, transport }
}
