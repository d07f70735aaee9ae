// Phones that go into a tunnel: clients of certain loopback addresses from whom, and to whom, from one moment on no
// packet passes any more. Neither side is told; their sockets stay as they were.

/** Of 127.0.0.0/8, what nobody else uses. */
const PREFIX = '127.9.0'
const TABLE = 'mimbar_bench'

export class Tunnel {
  /** Takes a table of nftables' own for it; needs root and `nft`, and is undefined without. */
  static open(): Tunnel | undefined {
    const rules = [
      `add table ip ${TABLE}`,
      `add set ip ${TABLE} gone { type ipv4_addr; }`,
      `add chain ip ${TABLE} out { type filter hook output priority 0; }`,
      `add rule ip ${TABLE} out ip saddr @gone drop`,
      `add rule ip ${TABLE} out ip daddr @gone drop`,
    ].join('; ')
    nft(`delete table ip ${TABLE}`) // of a run that was killed
    return nft(rules) ? new Tunnel() : undefined
  }

  private constructor() {}

  /** The address that the clients of group `n` (from 1) connect to. */
  addressOf(n: number): string {
    return `${PREFIX}.${n}`
  }

  /** From now on nothing passes to or from it. */
  swallow(n: number): void {
    if (!nft(`add element ip ${TABLE} gone { ${this.addressOf(n)} }`)) throw new Error('nft refuses')
  }

  close(): void {
    nft(`delete table ip ${TABLE}`)
  }
}

function nft(command: string): boolean {
  try {
    return Bun.spawnSync(['nft', command], { stdout: 'ignore', stderr: 'ignore' }).success
  } catch {
    return false // not installed
  }
}
