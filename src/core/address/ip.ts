// IP addresses and prefixes as numbers, from text: what limits are counted by, and which proxies are believed.
// RFC 4291 (IPv6 text, section 2.2), RFC 4632 (prefixes). IPv4 inside IPv6 (::ffff:0:0/96) is IPv4.

import { MimbarError } from '../../base/errors.ts'

/** Most significant part first: 4 bytes of IPv4, or 8 groups of IPv6. */
export interface Ip {
  readonly version: 4 | 6
  readonly words: readonly number[]
}

export interface IpPrefix {
  readonly ip: Ip
  /** Leading bits that count. */
  readonly bits: number
}

/** The address in `text`; undefined when there is none. Brackets, ports and zones are not part of one. */
export function parseIp(text: string): Ip | undefined {
  if (!text.includes(':')) {
    const bytes = parseIpv4(text)
    return bytes === undefined ? undefined : { version: 4, words: bytes }
  }
  const groups = parseIpv6(text)
  if (groups === undefined) return undefined
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff
  if (!isMapped) return { version: 6, words: groups }
  const [high, low] = [groups[6] as number, groups[7] as number]
  return { version: 4, words: [high >> 8, high & 255, low >> 8, low & 255] }
}

function parseIpv4(text: string): readonly number[] | undefined {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part))) return undefined
  const bytes = parts.map(Number)
  return bytes.every((byte) => byte <= 255) ? bytes : undefined
}

function parseIpv6(text: string): readonly number[] | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const [head, tail] = halves.map((half) => (half === '' ? [] : half.split(':').flatMap(groupsOf)))
  if (head === undefined) return undefined
  const zeros = tail === undefined ? 0 : 8 - head.length - tail.length
  if (tail !== undefined && zeros < 1) return undefined
  const groups = [...head, ...new Array<number>(zeros).fill(0), ...(tail ?? [])]
  return groups.length === 8 && !groups.some(Number.isNaN) ? groups : undefined
}

/** One group of hexadecimal digits, or the two that an IPv4 address at the end stands for. */
function groupsOf(text: string): readonly number[] {
  if (/^[0-9a-f]{1,4}$/i.test(text)) return [Number.parseInt(text, 16)]
  const bytes = parseIpv4(text)
  if (bytes === undefined) return [Number.NaN]
  const [a, b, c, d] = bytes as [number, number, number, number]
  return [a * 256 + b, c * 256 + d]
}

/** The first `bits` of an address, as a key: the same for all addresses that share them. */
export function prefixKey({ version, words }: Ip, bits: number): string {
  const wordBits = version === 4 ? 8 : 16
  const kept = words.map((word, index) => {
    const left = Math.min(wordBits, Math.max(0, bits - index * wordBits))
    return left === wordBits ? word : word & ~((1 << (wordBits - left)) - 1)
  })
  return `${version}/${bits}/${kept.map((word) => word.toString(16)).join('.')}`
}

/** `10.0.0.0/8`, `2001:db8::/32`, or a single address. Throws `bad-request` for anything else. */
export function parsePrefix(text: string): IpPrefix {
  const [address = '', length] = text.split('/')
  const ip = parseIp(address)
  const bitsMax = ip?.version === 4 ? 32 : 128
  const bits = length === undefined ? bitsMax : /^\d{1,3}$/.test(length) ? Number(length) : Number.NaN
  if (ip === undefined || text.split('/').length > 2 || !(bits <= bitsMax)) {
    throw new MimbarError('bad-request', `"${text}" is not an address or a prefix such as 10.0.0.0/8.`)
  }
  return { ip, bits }
}

/** True when `ip` is within one of `prefixes`. */
export function isWithin(ip: Ip, prefixes: readonly IpPrefix[]): boolean {
  return prefixes.some(
    (prefix) =>
      prefix.ip.version === ip.version && prefixKey(prefix.ip, prefix.bits) === prefixKey(ip, prefix.bits),
  )
}

const LOOPBACK: readonly IpPrefix[] = [parsePrefix('127.0.0.0/8'), parsePrefix('::1/128')]

/** True for an address of this machine itself. */
export function isLoopback(ip: Ip): boolean {
  return isWithin(ip, LOOPBACK)
}

/** In network order: 4 bytes or 16. */
export function ipBytes({ version, words }: Ip): Uint8Array {
  return Uint8Array.from(version === 4 ? words : words.flatMap((word) => [word >> 8, word & 255]))
}
