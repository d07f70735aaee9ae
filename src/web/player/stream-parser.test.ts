import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { concatBytes, encodeUtf8 } from '../../base/bytes.ts'
import { epoch, sequence } from '../../base/units.ts'
import type { PartEvent } from '../../core/part/events.ts'
import { packagePart } from '../../core/part/packager.ts'
import { encodeNote } from '../../core/stream/note-box.ts'
import { HEARTBEAT_BOX } from '../../media/cmaf/between.ts'
import { encodeId3Text } from '../../media/cmaf/id3.ts'
import { initSegment } from '../../media/cmaf/init.ts'
import { SILENT_PACKET } from '../../media/opus/program.ts'
import { eventsOfId3, parsePartEvents, type StreamItem, StreamParser } from './stream-parser.ts'

const SNAPSHOT: PartEvent = {
  kind: 'snapshot',
  epoch: epoch(7),
  phase: 'live',
  recorded: false,
  listeners: 3,
  slate: false,
  seats: [],
}

function partBytes(at: number, events: readonly PartEvent[]): Uint8Array {
  const packets = Array.from({ length: 10 }, () => SILENT_PACKET)
  const part = packagePart({ sequence: sequence(at), epoch: epoch(7), packets, events })
  return part.tracks.get('opus.mp4') as Uint8Array
}

const STREAM = concatBytes([
  initSegment(),
  encodeNote({ kind: 'hello', flushMs: 200, epoch: epoch(7) }),
  partBytes(40, [SNAPSHOT]),
  HEARTBEAT_BOX,
  partBytes(41, []),
  encodeNote({ kind: 'move' }),
  partBytes(45, [{ kind: 'listeners', listeners: 4 }]),
])

function brief(items: readonly StreamItem[]): unknown[] {
  return items.map((item) => {
    if (item.kind === 'part')
      return [item.part.sequence, item.part.epoch, item.part.events.map(({ kind }) => kind)]
    return item.kind === 'note' ? item.note.kind : item.kind
  })
}

test('a stream cut anywhere gives the same parts, events and notes', () => {
  const whole = brief(new StreamParser().push(STREAM))
  expect(whole).toEqual([
    'init',
    'hello',
    [40, 7, ['snapshot']],
    'heartbeat',
    [41, undefined, []],
    'move',
    [45, undefined, ['listeners']],
  ])
  fc.assert(
    fc.property(fc.array(fc.nat(STREAM.length), { maxLength: 20 }), (cuts) => {
      const parser = new StreamParser()
      const edges = [0, ...cuts.sort((a, b) => a - b), STREAM.length]
      const items = edges.slice(1).flatMap((end, i) => parser.push(STREAM.slice(edges[i], end)))
      expect(brief(items)).toEqual(whole)
    }),
  )
})

test('the decoder gets moof and mdat, and nothing of ours', () => {
  const [item] = new StreamParser().push(partBytes(40, [SNAPSHOT]))
  if (item?.kind !== 'part') throw new Error('no part')
  expect(item.part.media).toEqual(partBytes(40, []))
})

test('events that are not JSON, not a list, or from the future are left out', () => {
  for (const text of [undefined, '', '{', '{}', 'null', '[null, 3, {"kind":"constructor"}, {}]']) {
    expect(parsePartEvents(text)).toEqual([])
  }
  const mixed = '[{"kind":"poll"},{"kind":"slate","slate":true}]'
  expect(parsePartEvents(mixed)).toEqual([{ kind: 'slate', slate: true }])
  expect(eventsOfId3(encodeId3Text('mimbar', mixed))).toEqual([{ kind: 'slate', slate: true }])
})

test('bytes that are no stream of ours are refused, not guessed at', () => {
  expect(() => new StreamParser().push(encodeUtf8('<!doctype html><title>Login</title>'))).toThrow()
})
