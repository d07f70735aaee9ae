import { expect, test } from 'bun:test'
import { silentIn } from './silent-peers.ts'

const head =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode'
const rest = '     0        0 1230551 2 0000000000000000 100 0 0 10 0'
const line = (n: number, local: string, remote: string, state: string, retransmits: string) =>
  `${String(n).padStart(4)}: ${local} ${remote} ${state} 00001A2B:00000000 01:00000010 ${retransmits}${rest}`
const table = (...lines: string[]) => new TextEncoder().encode(`${[head, ...lines].join('\n')}\n`)
const V6 = '0000000000000000FFFF00000200007F'

test('who has acknowledged nothing through three timeouts is silent, and nobody else', () => {
  const bytes = table(
    line(0, '0100007F:1F90', '00000000:0000', '0A', '00000000'),
    line(1, '0100007F:1F90', '0200007F:A3C1', '01', '00000003'),
    line(2, '0100007F:1F90', '0300007F:A3C2', '01', '00000002'),
    line(3, '0100007F:1F90', '0400007F:A3C3', '01', '00000000'),
    line(4, '0100007F:1F91', '0500007F:A3C4', '01', '00000009'),
    line(5, '0100007F:1F90', '0600007F:A3C5', '04', '00000009'),
    line(12_345, '0100007F:1F90', '0700007F:A3C6', '01', '0000000A'),
  )
  expect(silentIn(bytes, 8080)).toEqual(['127.0.0.2 41921', '127.0.0.7 41926'])
})

test('addresses of IPv6 are read as sockets print them, and mapped ones as IPv4', () => {
  const local = '00000000000000000000000001000000:1F90'
  const bytes = table(
    line(0, local, `${V6}:A3C1`, '01', '00000003'),
    line(1, local, 'B80D012000000000000000000100000F:0050', '01', '00000004'),
    line(2, local, '00000000000000000000000001000000:0051', '01', '00000000'),
  )
  expect(silentIn(bytes, 8080)).toEqual(['127.0.0.2 41921', '2001:db8::f00:1 80'])
})

test('a torn or an empty table has nobody in it', () => {
  for (const text of ['', head, `${head}\n`, `${head}\n   0: 01`, `${head}\n   0: 0100007F:1F90 0200\n`]) {
    expect(silentIn(new TextEncoder().encode(text), 8080)).toEqual([])
  }
})
