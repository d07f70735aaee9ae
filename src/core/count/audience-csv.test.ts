import { describe, expect, test } from 'bun:test'
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

const csv = new AudienceCsv({
  gridStartMs: wallMillis(Date.UTC(2026, 10, 22, 20)),
  programStart: sequence(100),
  definitionUrl: 'https://example.org/about/count',
  remarks: ['A remark.'],
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

  test('reads old logs as far as they go', () => {
    const line = csv.push(partOf(95, [{ kind: 'listeners', listeners: 5 }]))
    expect(line).toBe('2026-11-22T20:00:19.000Z,-1.0,5,,,,,,,,\r\n')
    expect(line.split(',')).toHaveLength(CSV_COLUMNS.length)
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
