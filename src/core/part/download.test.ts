import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { concatBytes } from '../../base/bytes.ts'
import { epoch, samples, sequence } from '../../base/units.ts'
import { BoxReader } from '../../media/cmaf/reader.ts'
import { parsePartTime } from '../../media/cmaf/walk.ts'
import { OggReader } from '../../media/ogg/reader.ts'
import { SILENT_PACKET } from '../../media/opus/program.ts'
import { type DownloadTrack, PartDownload } from './download.ts'
import { packagePart, programHeaders } from './packager.ts'
import type { Part, TrackHeader } from './part.ts'

const packetsOf = (n: number) => Array.from({ length: 10 }, (_, k) => Uint8Array.of(0xf8, n >> 8, n & 255, k))

/** Parts at the given distances from `from`, each with its own packets and some events. */
function partsAt(from: number, offsets: readonly number[]): Part[] {
  return offsets.map((offset) =>
    packagePart({
      sequence: sequence(from + offset),
      epoch: epoch(1),
      packets: packetsOf(offset),
      events: [{ kind: 'listeners', listeners: offset }],
    }),
  )
}

function startFile(track: DownloadTrack, from: number): PartDownload {
  const header = programHeaders().find((header) => header.id === track) as TrackHeader
  return new PartDownload({ ...header, id: track }, sequence(from))
}

function download(track: DownloadTrack, from: number, parts: readonly Part[]): Uint8Array {
  const file = startFile(track, from)
  return concatBytes([file.header, ...parts.flatMap((part) => [...file.push(part)]), ...file.finish()])
}

const anyOffsets = fc
  .uniqueArray(fc.nat(60), { minLength: 1, maxLength: 20 })
  .map((offsets) => offsets.toSorted((a, b) => a - b))
const anyFrom = fc.integer({ min: 0, max: 2 ** 33 })

/** The sound that a file must have: what was on air, and silence for what was not. */
function expectedPackets(offsets: readonly number[]): Uint8Array[] {
  const length = (offsets.at(-1) as number) + 1
  return Array.from({ length }, (_, n) =>
    offsets.includes(n) ? packetsOf(n) : Array(10).fill(SILENT_PACKET),
  ).flat()
}

test('an mp4 file starts at zero and has no hole, whatever was missing', () => {
  fc.assert(
    fc.property(anyFrom, anyOffsets, (from, offsets) => {
      const boxes = new BoxReader().push(download('opus.mp4', from, partsAt(from, offsets)))
      const moofs = boxes.filter((box) => box.kind === 'moof')
      const mdats = boxes.filter((box) => box.kind === 'mdat')
      expect(moofs.map((moof) => parsePartTime(moof.bytes).start)).toEqual(
        moofs.map((_, n) => samples(n * 9600)),
      )
      expect(concatBytes(mdats.map((mdat) => mdat.bytes.subarray(8)))).toEqual(
        concatBytes(expectedPackets(offsets)),
      )
      expect(boxes.length).toBe(2 + moofs.length + mdats.length)
    }),
  )
})

test('an Ogg file counts its pages and granules from zero, and ends with its last packet', () => {
  fc.assert(
    fc.property(anyFrom, anyOffsets, (from, offsets) => {
      const [, , ...audio] = new OggReader().push(download('opus.ogg', from, partsAt(from, offsets)))
      expect(audio.map((packet) => packet.bytes)).toEqual(expectedPackets(offsets))
      expect(audio.some((packet) => packet.isAfterLoss)).toBe(false)
      const granules = audio.flatMap((packet) => packet.granule ?? [])
      expect(granules).toEqual(granules.map((_, n) => (n + 1) * 9600))
      expect(audio.map((packet) => packet.isLast).indexOf(true)).toBe(audio.length - 1)
    }),
  )
})

test('a gap of a day is filled bit by bit, not all at once', () => {
  const file = startFile('opus.ogg', 0)
  const [first, last] = partsAt(0, [0, 432_000]) as [Part, Part]
  expect([...file.push(first)]).toEqual([])
  let taken = 0
  for (const page of file.push(last)) {
    expect(page.length).toBeLessThan(300)
    taken += 1
    if (taken === 5) break
  }
  expect([...file.finish()].length).toBe(1)
})

test('parts that go back, or lack the track, are refused', () => {
  const file = startFile('opus.mp4', 5)
  expect(() => file.push(partsAt(0, [4])[0] as Part)).toThrow('in order')
  expect(() => file.push({ sequence: sequence(5), epoch: epoch(1), tracks: new Map() })).toThrow(
    'no opus.mp4',
  )
})

test('a file without parts is its header', () => {
  const file = startFile('opus.mp4', 5)
  expect([...file.finish()]).toEqual([])
  expect(file.header).toEqual(programHeaders()[1]?.header as Uint8Array)
})
