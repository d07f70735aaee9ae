import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { concatBytes } from '../../base/bytes.ts'
import { sequence } from '../../base/units.ts'
import { encodeOpusTags } from '../opus/headers.ts'
import { PROGRAM_HEAD, SILENT_PACKET } from '../opus/program.ts'
import { readOpusFile } from './opus-file.ts'
import { oggCrc, rewritePage, writePage } from './page.ts'
import { oggHeaderPages, oggPartPage, PROGRAM_SERIAL, rebasePartPage } from './program.ts'
import { type OggPacket, OggReader, parsePage } from './reader.ts'

const SILENT_PART = new Array<Uint8Array>(10).fill(SILENT_PACKET)

describe('a page', () => {
  test('has the checksum of the polynomial without reflection', () => {
    // Of "123456789" with no checksum field in the way: CRC-32 as in POSIX cksum, before length and inversion.
    const page = new Uint8Array(26 + 9)
    page.set(Buffer.from('123456789'), 26)
    expect(oggCrc(page)).toBe(0x89a1897f)
  })

  test('gives back any packets and any place in the stream', () => {
    const packets = fc.array(
      fc.uint8Array({ maxLength: 600 }).map((bytes) => Uint8Array.from(bytes)),
      {
        minLength: 1,
        maxLength: 20,
      },
    )
    fc.assert(
      fc.property(
        packets,
        fc.maxSafeNat(),
        fc.nat(0xffff_fff),
        fc.boolean(),
        fc.boolean(),
        (packets, granule, n, isBos, isEos) => {
          const bytes = writePage(packets, { granule, serial: 0xfedcba98, pageNumber: n, isBos, isEos })
          const page = parsePage(bytes)
          expect(page).toMatchObject({
            granule,
            serial: 0xfedcba98,
            pageNumber: n,
            isBos,
            isEos,
            isContinued: false,
          })
          expect(page?.length).toBe(bytes.length)
          expect(page?.pieces).toEqual(packets.map((packet) => ({ bytes: packet, isEnd: true })))
        },
      ),
    )
  })

  test('with a changed bit anywhere is refused, or not a whole page', () => {
    const bytes = oggPartPage(sequence(7), SILENT_PART)
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const damaged = bytes.slice()
      damaged[bit >> 3] = (damaged[bit >> 3] as number) ^ (1 << (bit & 7))
      expect(() => {
        if (parsePage(damaged) === undefined) throw new Error('incomplete')
      }).toThrow()
    }
  })

  test('does not take more packets than its lacing has room for', () => {
    expect(() =>
      writePage(new Array(256).fill(SILENT_PACKET), { granule: 0, serial: 1, pageNumber: 0 }),
    ).toThrow()
  })
})

describe('the reader', () => {
  /** Packets laid over pages of at most `room` segments, as encoders with long packets do. */
  function layOver(packets: readonly Uint8Array[], room: number): Uint8Array {
    const segments = packets.flatMap((packet) => {
      const count = Math.floor(packet.length / 255) + 1
      return Array.from({ length: count }, (_, i) => packet.subarray(255 * i, 255 * (i + 1)))
    })
    const pages: Uint8Array[] = []
    for (let at = 0; at < segments.length; at += room) {
      const here = segments.slice(at, at + room)
      const isContinued = at > 0 && (segments[at - 1] as Uint8Array).length === 255
      pages.push(rawPage(here, pages.length, isContinued))
    }
    return concatBytes(pages)
  }

  /** A page from lacing segments, the last of which may end no packet; sealed by the code under test's writer. */
  function rawPage(segments: readonly Uint8Array[], pageNumber: number, isContinued: boolean): Uint8Array {
    const header = new Uint8Array(27 + segments.length)
    header.set(Buffer.from('OggS'))
    header[5] = isContinued ? 1 : 0
    header[14] = 1
    header[26] = segments.length
    for (const [i, segment] of segments.entries()) header[27 + i] = segment.length
    return rewritePage(concatBytes([header, ...segments]), { granule: pageNumber, pageNumber })
  }

  const longPackets = fc.array(
    fc.tuple(fc.nat(1200), fc.nat(255)).map(([length, fill]) => new Uint8Array(length).fill(fill)),
    { minLength: 1, maxLength: 12 },
  )

  test('puts packets together across pages, for any page size and any split of the bytes', () => {
    const splits = fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 10 })
    fc.assert(
      fc.property(longPackets, fc.integer({ min: 1, max: 6 }), splits, (packets, room, splits) => {
        const found = readInPieces(layOver(packets, room), splits)
        expect(found.map((packet) => packet.bytes)).toEqual(packets)
        expect(found.some((packet) => packet.isAfterLoss)).toBe(false)
      }),
    )
  })

  test('drops the torn packets round a lost page, and says so once', () => {
    const packets = [300, 600, 10, 700, 20].map((length, i) => new Uint8Array(length).fill(i))
    // Segments of 255: 300 = 2, 600 = 3, 10 = 1, 700 = 3, 20 = 1; pages of two.
    const pages = splitPages(layOver(packets, 2))
    expect(pages.length).toBe(5)
    const found = new OggReader().push(concatBytes(pages.filter((_, i) => i !== 1)))
    expect(found.map((packet) => [packet.bytes[0], packet.isAfterLoss])).toEqual([
      [0, false],
      [2, true],
      [3, false],
      [4, false],
    ])
  })

  test('passes over another logical stream', () => {
    const other = writePage([Uint8Array.of(9)], { granule: 0, serial: 2, pageNumber: 0, isBos: true })
    const mine = [0, 1].map((n) => writePage([Uint8Array.of(n)], { granule: n, serial: 1, pageNumber: n }))
    const found = new OggReader().push(concatBytes([mine[0] as Uint8Array, other, mine[1] as Uint8Array]))
    expect(found.map((packet) => packet.bytes[0])).toEqual([0, 1])
  })

  test('refuses bytes that are no Ogg', () => {
    expect(() => new OggReader().push(new Uint8Array(40))).toThrow('OggS')
  })

  test('refuses a packet without end', () => {
    const page = (n: number) => rawPage(new Array(255).fill(new Uint8Array(255)), n, n > 0)
    const reader = new OggReader()
    expect(() => {
      for (let n = 0; n < 20; n++) reader.push(page(n))
    }).toThrow('1 MiB')
  })
})

describe('a program', () => {
  test('read as a file is what was packaged', () => {
    const bytes = concatBytes([
      oggHeaderPages(),
      ...[0, 1, 2].map((n) => oggPartPage(sequence(n), SILENT_PART)),
    ])
    const file = readOpusFile(bytes)
    expect(file.head).toEqual(PROGRAM_HEAD)
    expect(file.packets.length).toBe(30)
    expect(file.duration as number).toBe(3 * 9600 - 312)
  })

  test('counts granules and pages on the grid of its log, from sequence alone', () => {
    const page = parsePage(oggPartPage(sequence(13_000_000), SILENT_PART))
    expect(page).toMatchObject({ granule: 13_000_001 * 9600, pageNumber: 13_000_002, serial: PROGRAM_SERIAL })
  })

  test('moves along the grid without a change to its sound', () => {
    const page = oggPartPage(sequence(13_000_000), SILENT_PART)
    expect(rebasePartPage(page, sequence(4), { isEos: false })).toEqual(oggPartPage(sequence(4), SILENT_PART))
    expect(parsePage(rebasePartPage(page, sequence(4), { isEos: true }))?.isEos).toBe(true)
  })

  test('has nothing to read where a header is missing', () => {
    expect(() => readOpusFile(writePage([encodeOpusTags({ vendor: '', comments: [] })], PLACE))).toThrow(
      'two header',
    )
  })
})

const PLACE = { granule: 0, serial: 1, pageNumber: 0 }

function readInPieces(bytes: Uint8Array, splits: readonly number[]): OggPacket[] {
  const reader = new OggReader()
  const packets: OggPacket[] = []
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const length = splits[i % splits.length] as number
    packets.push(...reader.push(bytes.subarray(at, at + length)))
    at += length
  }
  return packets
}

function splitPages(bytes: Uint8Array): Uint8Array[] {
  const pages: Uint8Array[] = []
  for (let at = 0; at < bytes.length; ) {
    const length = parsePage(bytes.subarray(at))?.length as number
    pages.push(bytes.subarray(at, at + length))
    at += length
  }
  return pages
}
