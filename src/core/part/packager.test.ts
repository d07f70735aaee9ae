import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { decodeUtf8 } from '../../base/bytes.ts'
import type { SeatId } from '../../base/ids.ts'
import { dbov, epoch, samples, sequence } from '../../base/units.ts'
import { parseEmsg } from '../../media/cmaf/emsg.ts'
import { BoxReader } from '../../media/cmaf/reader.ts'
import { parsePartTime } from '../../media/cmaf/walk.ts'
import { OggReader } from '../../media/ogg/reader.ts'
import { type PartEvent, SNAPSHOT_BYTES_MAX, type Snapshot, type SnapshotSeat } from './events.ts'
import { EVENT_SCHEME, packagePart, programHeaders } from './packager.ts'
import { RECORD_BYTES_MAX } from './part.ts'
import { fitSnapshot, isSnapshotDue } from './snapshot.ts'

const packets = Array.from({ length: 10 }, (_, i) => Uint8Array.of(0xf8, 0xff, 0xfe, i))
const speaking: PartEvent = { kind: 'speaking', seat: 'abcdef' as SeatId, speaking: true, level: dbov(-20) }

describe('a packaged part', () => {
  const part = packagePart({
    sequence: sequence(77),
    epoch: epoch(3),
    gap: 'takeover',
    packets,
    events: [speaking],
  })

  test('has the same sound and the same events in each of its tracks', () => {
    const [emsg, moof, mdat] = new BoxReader().push(part.tracks.get('opus.mp4') as Uint8Array)
    const text = decodeUtf8(part.tracks.get('events') as Uint8Array)
    expect(JSON.parse(text)).toEqual([speaking])
    expect(parseEmsg((emsg as { bytes: Uint8Array }).bytes, EVENT_SCHEME)).toEqual({
      at: samples(77 * 9600),
      text,
    })
    expect(parsePartTime((moof as { bytes: Uint8Array }).bytes).start).toBe(samples(77 * 9600))
    expect(mdat?.bytes.subarray(8)).toEqual(Uint8Array.from(packets.flatMap((packet) => [...packet])))
    const onPage = new OggReader().push(part.tracks.get('opus.ogg') as Uint8Array)
    expect(onPage.map((packet) => packet.bytes)).toEqual(packets)
    expect(onPage.at(-1)?.granule).toBe(78 * 9600)
    expect([part.sequence, part.epoch, part.gap]).toEqual([sequence(77), epoch(3), 'takeover'])
  })

  test('in which nothing happened carries no event box, and an empty list', () => {
    const quiet = packagePart({ sequence: sequence(78), epoch: epoch(3), packets, events: [] })
    expect(new BoxReader().push(quiet.tracks.get('opus.mp4') as Uint8Array).map((box) => box.kind)).toEqual([
      'moof',
      'mdat',
    ])
    expect(decodeUtf8(quiet.tracks.get('events') as Uint8Array)).toBe('[]')
    expect(quiet).not.toHaveProperty('gap')
  })

  test('is refused when it is not ten packets of 20 ms mono', () => {
    const packaged = (packets: readonly Uint8Array[]) => () =>
      packagePart({ sequence: sequence(1), epoch: epoch(1), packets, events: [] })
    expect(packaged(packets.slice(1))).toThrow('ten packets')
    expect(packaged(packets.with(3, Uint8Array.of(0xfc, 0xff, 0xfe)))).toThrow('mono')
    expect(packaged(packets.with(3, Uint8Array.of(0xf0, 0xff, 0xfe)))).toThrow('960')
    expect(packaged(packets.with(3, new Uint8Array(0)))).toThrow('at least one byte')
  })

  test('is far below the limit of a record even with the largest packets that Opus has', () => {
    const largest = new Uint8Array(1275).fill(0xf8)
    const part = packagePart({
      sequence: sequence(1),
      epoch: epoch(1),
      packets: Array(10).fill(largest),
      events: [],
    })
    const bytes = [...part.tracks.values()].reduce((sum, track) => sum + track.length, 0)
    expect(bytes).toBeLessThan(RECORD_BYTES_MAX / 8)
  })
})

test('the headers of every program are the same bytes', () => {
  expect(programHeaders()).toEqual(programHeaders())
  expect(programHeaders().map((header) => [header.id, header.contentType])).toEqual([
    ['events', 'application/json'],
    ['opus.mp4', 'audio/mp4; codecs="opus"'],
    ['opus.ogg', 'audio/ogg; codecs=opus'],
    ['low.mp4', 'audio/mp4; codecs="opus"'],
    ['aac.mp4', 'audio/mp4; codecs="mp4a.40.2"'],
  ])
})

test('a snapshot is due in the first part of each segment', () => {
  const due = Array.from({ length: 31 }, (_, i) => i).filter((i) => isSnapshotDue(sequence(i)))
  expect(due).toEqual([0, 10, 20, 30])
})

describe('a snapshot', () => {
  const seat: fc.Arbitrary<SnapshotSeat> = fc.record({
    id: fc.stringMatching(/^[a-z0-9]{6,24}$/).map((id) => id as SeatId),
    name: fc.string({ unit: 'binary', maxLength: 400 }),
    role: fc.constantFrom('host' as const, 'speaker' as const),
    muted: fc.boolean(),
    speaking: fc.boolean(),
  })
  const snapshotOf = (seats: readonly SnapshotSeat[]): Snapshot => ({
    kind: 'snapshot',
    epoch: epoch(4_000_000_000),
    phase: 'live',
    startedAtMs: 1_763_836_800_000,
    recorded: true,
    listeners: 12_345_678,
    slate: false,
    seats,
  })
  const bytesOf = (value: unknown) => new TextEncoder().encode(JSON.stringify(value)).length

  test('never exceeds its limit, and loses names before seats, for any seats', () => {
    fc.assert(
      fc.property(fc.array(seat, { maxLength: 40 }), (seats) => {
        const whole = snapshotOf(seats)
        const fitted = fitSnapshot(whole)
        expect(bytesOf(fitted)).toBeLessThanOrEqual(SNAPSHOT_BYTES_MAX)
        if (bytesOf(whole) <= SNAPSHOT_BYTES_MAX) expect(fitted).toBe(whole)
        expect(fitted.seats.map((seat) => seat.id)).toEqual(
          seats.slice(0, fitted.seats.length).map((seat) => seat.id),
        )
        const isNameWhole = fitted.seats.some(
          (seat, i) => Array.from(seat.name).length > 4 && seat.name === seats[i]?.name,
        )
        if (fitted.seats.length < seats.length) expect(isNameWhole).toBe(false)
      }),
    )
  })

  test('of a full stage keeps every seat', () => {
    const seats = Array.from(
      { length: 16 },
      (_, i): SnapshotSeat => ({
        id: `seat${String(i).padStart(8, '0')}` as SeatId,
        name: '𝕬'.repeat(60),
        role: 'speaker',
        muted: false,
        speaking: false,
      }),
    )
    const fitted = fitSnapshot(snapshotOf(seats))
    expect(fitted.seats.length).toBe(16)
    expect(fitted.seats[0]?.name).toEndWith('𝕬…')
  })
})
