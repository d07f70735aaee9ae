import { beforeEach, describe, expect, test } from 'bun:test'
import { epoch, sequence, wallMillis } from '../../base/units.ts'
import { SILENT_PACKET } from '../../media/opus/program.ts'
import type { PartEvent } from '../part/events.ts'
import { packagePart } from '../part/packager.ts'
import type { AudienceRecord } from './audience.ts'
import { AudienceCsv, CSV_COLUMNS } from './audience-csv.ts'
import { lastAudience } from './audience-log.ts'

const packets = new Array<Uint8Array>(10).fill(SILENT_PACKET)
const partOf = (n: number, events: readonly PartEvent[], recorded: readonly AudienceRecord[] = []) =>
  packagePart({ sequence: sequence(n), epoch: epoch(1), packets, events, recorded })

const record: AudienceRecord = {
  kind: 'audience',
  ...{ listeners: 7, peak: 9, unique: 21, turnedAway: 1, gaveUp: 2, couldNotPlay: 3, replaying: 4 },
  reported: [{ source: 'cdn.example', listeners: 500 }],
  edges: [
    ['edge-0', 3],
    ['edge-1', 4],
  ],
}

const newCsv = () =>
  new AudienceCsv({
    gridStartMs: wallMillis(Date.UTC(2026, 10, 22, 20)),
    programStart: sequence(100),
    definitionUrl: 'https://example.org/about/count',
    remarks: ['A remark.'],
  })
let csv = newCsv()
beforeEach(() => {
  csv = newCsv()
})

describe('the table of an audience', () => {
  test('begins with what it is', () => {
    expect(csv.header).toBe(
      `# What is counted, and how well: https://example.org/about/count\r\n# A remark.\r\n${CSV_COLUMNS.join(',')}\r\n`,
    )
  })

  test('has a line for a part with a record, and none for one that says nothing', () => {
    expect(csv.push(partOf(110, [], [record]))).toBe(
      '2026-11-22T20:00:22.000Z,2.0,7,9,21,1,2,3,4,cdn.example=500,edge-0=3;edge-1=4\r\n',
    )
    expect(csv.push(partOf(111, []))).toBe('')
    expect(csv.push(partOf(112, [{ kind: 'slate', slate: true }]))).toBe('')
  })

  test('names edges beyond the limit as others, so that a line adds up', () => {
    const line = csv.push(partOf(115, [], [{ ...record, listeners: 12, others: 5 }]))
    expect(line.trim().split(',').at(-1)).toBe('edge-0=3;edge-1=4;others=5')
  })

  test('reads old logs as far as they go, once a second', () => {
    let text = ''
    for (let n = 90; n < 110; n++) text += csv.push(partOf(n, [{ kind: 'listeners', listeners: n }]))
    const lines = (text + csv.finish()).trim().split('\r\n')
    expect(lines[0]).toBe('2026-11-22T20:00:18.000Z,-2.0,90,,,,,,,,')
    expect(lines.map((line) => line.split(',')[2])).toEqual(['90', '95', '100', '105'])
    for (const line of lines) expect(line.split(',')).toHaveLength(CSV_COLUMNS.length)
  })

  test('has one line for each second of a log with records, whatever else its parts say', () => {
    let text = csv.push(partOf(108, [{ kind: 'listeners', listeners: 5 }]))
    text += csv.push(partOf(110, [{ kind: 'listeners', listeners: 5 }], [record]))
    text += csv.push(partOf(130, [{ kind: 'listeners', listeners: 6 }]))
    expect(`${text}${csv.finish()}`.split('\r\n')).toHaveLength(2)
    expect(text).toContain(',7,9,')
  })

  test('of a short old log is what it has', () => {
    expect(csv.push(partOf(100, [{ kind: 'listeners', listeners: 5 }]))).toBe('')
    expect(csv.finish()).toBe('2026-11-22T20:00:20.000Z,0.0,5,,,,,,,,\r\n')
  })

  test('leaves out what is damaged, or of a shape that only a newer version knows', () => {
    const part = partOf(110, [])
    for (const text of [
      '{',
      '7',
      '[{"kind":"audience"}]',
      '[null,{"kind":"audience","edges":7,"listeners":"x"}]',
    ]) {
      const tracks = new Map([...part.tracks, ['events' as const, new TextEncoder().encode(text)]])
      expect(csv.push({ ...part, tracks })).toBe('')
    }
  })
})

test('records are in the events track alone: nobody who listens is sent them', () => {
  const [plain, recorded] = [partOf(110, []), partOf(110, [], [record])]
  expect(recorded.tracks.get('opus.mp4')).toEqual(plain.tracks.get('opus.mp4') as Uint8Array)
  expect(recorded.tracks.get('opus.ogg')).toEqual(plain.tracks.get('opus.ogg') as Uint8Array)
})

test('the last record of a log is where a successor goes on', () => {
  const parts = [partOf(110, [], [{ ...record, peak: 8 }]), partOf(115, [], [record]), partOf(116, [])]
  expect(lastAudience(parts)).toMatchObject({ at: 115, audience: { peak: 9 } })
  expect(lastAudience([partOf(1, [{ kind: 'listeners', listeners: 5 }])])).toBeUndefined()
})
