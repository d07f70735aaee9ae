// Whose request it is. The socket tells, unless it is a trusted proxy's: then the proxy does, in X-Forwarded-For or
// Forwarded (RFC 7239). Each proxy appends the address that it saw, so the list is read from its right end, and the
// first address that isn't a trusted proxy's is the client: whatever stands left of it, the client may have written.

import { type IpPrefix, isWithin, parseIp } from './ip.ts'

/** What of a request tells where it came from. */
export interface RequestOrigin {
  /** Of the connection. */
  readonly socketAddress: string
  readonly forwardedFor: string | null
  readonly forwarded: string | null
}

export interface ClientAddress {
  readonly address: string
  /** The request has forwarding headers, and came from somebody who isn't trusted with them. */
  readonly isUnproven: boolean
}

/** Addresses of such a list that are looked at: no chain of proxies is longer. */
const HOPS_MAX = 16

export function clientAddress(origin: RequestOrigin, trusted: readonly IpPrefix[]): ClientAddress {
  const { socketAddress, forwardedFor, forwarded } = origin
  const hasHeaders = forwardedFor !== null || forwarded !== null
  const socket = parseIp(socketAddress)
  if (!hasHeaders) return { address: socketAddress, isUnproven: false }
  if (socket === undefined || !isWithin(socket, trusted)) return { address: socketAddress, isUnproven: true }
  const hops =
    forwardedFor === null ? forwardedHops(forwarded ?? '') : forwardedFor.split(',').map(bareAddress)
  let client = socketAddress
  for (const hop of hops.slice(-HOPS_MAX).reverse()) {
    const ip = parseIp(hop)
    // A proxy that hides the address (RFC 7239, section 6) hides all that is left of it too.
    if (ip === undefined) break
    client = hop
    if (!isWithin(ip, trusted)) break
  }
  return { address: client, isUnproven: false }
}

/** The `for` of each element, in their order. */
function forwardedHops(header: string): readonly string[] {
  return header.split(',').map((element) => {
    const pair = element.split(';').find((item) => /^\s*for=/i.test(item))
    return bareAddress(pair?.slice(pair.indexOf('=') + 1) ?? '')
  })
}

/** Without quotes, brackets and port. */
function bareAddress(text: string): string {
  const plain = text.trim().replace(/^"(.*)"$/, '$1')
  const bracketed = /^\[([^\]]+)\](?::\d+)?$/.exec(plain)
  if (bracketed !== null) return bracketed[1] as string
  return /^[\d.]+:\d+$/.test(plain) ? plain.slice(0, plain.indexOf(':')) : plain
}
