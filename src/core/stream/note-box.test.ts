import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { encodeUtf8 } from '../../base/bytes.ts'
import { epoch, sequence, wallMillis } from '../../base/units.ts'
import { uuidBox } from '../../media/cmaf/between.ts'
import { BoxReader } from '../../media/cmaf/reader.ts'
import { decodeNote, encodeNote, parseNote } from './note-box.ts'
import { type EdgeNote, NOTE_UUID } from './notes.ts'

const anyNote: fc.Arbitrary<EdgeNote> = fc.oneof(
  fc
    .record(
      {
        kind: fc.constant('hello' as const),
        flushMs: fc.integer({ min: 1, max: 60_000 }),
        epoch: fc.nat().map(epoch),
        next: fc.nat().map(sequence),
        newest: fc.nat().map(sequence),
        gridStartMs: fc.maxSafeNat().map(wallMillis),
        track: fc.constant('low.mp4' as const),
      },
      { requiredKeys: ['kind', 'flushMs', 'epoch'] },
    )
    .map((note) => ({ ...note })),
  fc.record({ kind: fc.constant('flush' as const), flushMs: fc.integer({ min: 1, max: 60_000 }) }),
  fc.record({ kind: fc.constant('skipped' as const), parts: fc.nat() }),
  fc.constant({ kind: 'move' as const }),
  fc.constant({ kind: 'ended' as const }),
)

test('any note that an edge says is what a page hears', () => {
  fc.assert(
    fc.property(anyNote, (note) => {
      const [box] = new BoxReader().push(encodeNote(note))
      expect(box?.kind).toBe('uuid')
      expect(decodeNote((box as { bytes: Uint8Array }).bytes)).toEqual(note)
    }),
  )
})

test('a note from the future, or with words that cannot be, is passed over', () => {
  for (const value of [
    null,
    7,
    'hello',
    [],
    {},
    { kind: 'dance' },
    { kind: 'hello', flushMs: 200 },
    { kind: 'hello', flushMs: '200', epoch: 1 },
    { kind: 'hello', flushMs: 0, epoch: 1 },
    { kind: 'flush', flushMs: -1 },
    { kind: 'flush', flushMs: null },
    { kind: 'skipped', parts: 0.5 },
    { kind: 'skipped' },
  ]) {
    expect(parseNote(value)).toBeUndefined()
  }
})

test('words that a note has gained since are left out', () => {
  expect(parseNote({ kind: 'move', to: 'edge-9' })).toEqual({ kind: 'move' })
  expect(parseNote({ kind: 'hello', flushMs: 200, epoch: 1, next: 'soon' })).toEqual({
    kind: 'hello',
    flushMs: 200,
    epoch: epoch(1),
  })
})

test('nothing in a uuid box makes the reader throw', () => {
  fc.assert(
    fc.property(fc.oneof(fc.json().map(encodeUtf8), fc.uint8Array()), (payload) => {
      decodeNote(uuidBox(NOTE_UUID, payload))
      expect(decodeNote(uuidBox(NOTE_UUID.toReversed(), payload))).toBeUndefined()
      decodeNote(payload)
    }),
  )
})
