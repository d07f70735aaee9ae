// Whose network is gone. A kernel takes tens of KB for a phone that has vanished before its socket is full, but it
// knows within seconds that nothing is acknowledged: it sends the same again, and again. Linux tells so for every
// connection of the machine in one table; reading it every two seconds is cheaper than asking any socket.
//
//   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode …
//    7: 0100007F:1F90 0200007F:A3C1 01 00001A2B:00000000 01:00000010 00000003     0        0 1230551 …

import { readFile } from 'node:fs/promises'

/** Timeouts in a row without a word from the other end: 1.4 s at least, 3.5 s on a mobile network. */
const RETRANSMITS_SILENT = 3
export const LOOK_EVERY_MS = 2_000
/** With very many connections a look takes long; then fewer are made, so that they cost at most 2 % of a core. */
const COST_MAX = 0.02
const ESTABLISHED = '01'

export class SilentPeers {
  readonly #port: number
  #silent: ReadonlySet<string> = new Set()
  #timer: ReturnType<typeof setTimeout> | undefined
  #isStopped = false

  /** Watches the connections to our own `port`, until `stop`. Where there is no such table, nobody is ever silent. */
  constructor(port: number) {
    this.#port = port
    this.#timer = setTimeout(() => void this.#lookAgain(), LOOK_EVERY_MS)
  }

  /** True when nothing that was sent there has arrived for a while. */
  has(address: string, port: number): boolean {
    return this.#silent.size > 0 && this.#silent.has(peerKey(address, port))
  }

  stop(): void {
    this.#isStopped = true
    clearTimeout(this.#timer)
  }

  async #lookAgain(): Promise<void> {
    const startedAt = performance.now()
    try {
      const tables = await Promise.all(['tcp', 'tcp6'].map((name) => readFile(`/proc/self/net/${name}`)))
      this.#silent = new Set(tables.flatMap((table) => silentIn(table, this.#port)))
    } catch (error) {
      // Not Linux, or hidden: then a vanished listener is noticed when its socket is full. Whatever else it is, such as
      // a process at the end of its descriptors, may pass.
      if (isNever(error)) return
    }
    if (this.#isStopped) return
    const tookMs = performance.now() - startedAt
    this.#timer = setTimeout(() => void this.#lookAgain(), Math.max(LOOK_EVERY_MS, tookMs / COST_MAX))
  }
}

function isNever(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException
  return code === 'ENOENT' || code === 'EACCES' || code === 'EPERM'
}

/** The peers of `localPort` in one table that do not acknowledge, as {@link peerKey} has them. */
export function silentIn(table: Uint8Array, localPort: number): readonly string[] {
  const bytes = Buffer.from(table.buffer, table.byteOffset, table.byteLength)
  const wanted = hexPort(localPort)
  const silent: string[] = []
  // Nearly every line ends the look at its first test, and none becomes a string before.
  for (let start = bytes.indexOf(10) + 1; start > 0 && start < bytes.length; ) {
    const end = bytes.indexOf(10, start)
    if (end < 0) break
    const line = readLine(bytes, start, end)
    if (line !== undefined) {
      const [, local = '', remote = '', state, , , retransmits = ''] = line
      const isOurs = state === ESTABLISHED && local.endsWith(wanted)
      if (isOurs && Number.parseInt(retransmits, 16) >= RETRANSMITS_SILENT) silent.push(keyOf(remote))
    }
    start = end + 1
  }
  return silent
}

// Columns before `retrnsmt` are of fixed width after the remote address, so it is found from the state's colon pairs:
// address:port (13 or 37 characters) twice, each after a space, then ` 01 8:8 2:8 8`.
function readLine(bytes: Buffer, start: number, end: number): readonly string[] | undefined {
  const colon = bytes.indexOf(58, start)
  const isWide = bytes[colon + 2 + 32] === 58
  const endpoint = isWide ? 37 : 13
  const retransmits = colon + 2 + 2 * (endpoint + 1) + 3 + 18 + 12
  if (retransmits + 8 > end || isZero(bytes, retransmits)) return undefined
  return bytes.toString('latin1', start, end).trim().split(/\s+/)
}

function isZero(bytes: Buffer, at: number): boolean {
  for (let i = at; i < at + 8; i++) if (bytes[i] !== 48) return false
  return true
}

const hexPort = (port: number): string => `:${port.toString(16).toUpperCase().padStart(4, '0')}`

/** An address and port as text; an IPv4 address that came over an IPv6 socket is that IPv4 address. */
function peerKey(address: string, port: number): string {
  return `${address.replace(/^::ffff:(?=\d+\.)/i, '')} ${port}`
}

/** `0200007F:A3C1` → `127.0.0.2 41921`. Words of an address are in the machine's order, which is little-endian here. */
function keyOf(endpoint: string): string {
  const [address = '', port = ''] = endpoint.split(':')
  const octets = (address.match(/.{8}/g) ?? []).flatMap((word) =>
    (word.match(/../g) ?? []).map((hex) => Number.parseInt(hex, 16)).reverse(),
  )
  const at = Number.parseInt(port, 16)
  const isMapped =
    octets.length === 16 && octets.slice(0, 10).every((octet) => octet === 0) && octets[10] === 255
  if (octets.length === 4 || isMapped) return peerKey(octets.slice(-4).join('.'), at)
  const groups = octets.flatMap((octet, i) =>
    i % 2 === 0 ? [((octet << 8) | (octets[i + 1] ?? 0)).toString(16)] : [],
  )
  // URLs print an IPv6 address in its one canonical form (RFC 5952), as sockets do.
  return peerKey(new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1), at)
}
