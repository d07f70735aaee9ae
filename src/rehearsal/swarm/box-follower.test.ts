import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { concatBytes } from '../../base/bytes.ts'
import { hasCode } from '../../base/errors.ts'
import { epoch, sequence } from '../../base/units.ts'
import { packagePart, programHeaders } from '../../core/part/packager.ts'
import { encodeNote } from '../../core/stream/note-box.ts'
import type { EdgeNote } from '../../core/stream/notes.ts'
import { HEARTBEAT_BOX } from '../../media/cmaf/between.ts'
import { SILENT_PACKET } from '../../media/opus/program.ts'
import { BoxFollower } from './box-follower.ts'

const header = programHeaders().find(({ id }) => id === 'opus.mp4')?.header as Uint8Array

function part(n: number, listeners = n): Uint8Array {
  const made = packagePart({
    sequence: sequence(n),
    epoch: epoch(1),
    packets: new Array<Uint8Array>(10).fill(SILENT_PACKET),
    events: [{ kind: 'listeners', listeners }],
  })
  return made.tracks.get('opus.mp4') as Uint8Array
}

function follow(bytes: Uint8Array, cuts: readonly number[] = []) {
  const follower = new BoxFollower()
  const parts: [number, number][] = []
  const notes: EdgeNote[] = []
  const sink = {
    part: (at: number, checksum: number) => parts.push([at, checksum]),
    note: (note: EdgeNote) => notes.push(note),
  }
  let from = 0
  for (const cut of [...cuts.toSorted((a, b) => a - b), bytes.length]) {
    follower.push(bytes, from, cut, sink)
    from = Math.max(from, cut)
  }
  return { parts, notes, follower }
}

test('every part and note is found, and has the same checksum however it was cut', () => {
  const note: EdgeNote = { kind: 'skipped', parts: 3 }
  const bytes = concatBytes([header, part(7), HEARTBEAT_BOX, encodeNote(note), part(8), part(9)])
  const whole = follow(bytes)
  expect(whole.parts.map(([at]) => at)).toEqual([7, 8, 9])
  expect(whole.notes).toEqual([note])
  fc.assert(
    fc.property(fc.array(fc.nat(bytes.length), { maxLength: 20 }), (cuts) => {
      const cut = follow(bytes, cuts)
      expect(cut.parts).toEqual(whole.parts)
      expect(cut.notes).toEqual(whole.notes)
    }),
  )
})

test('any changed byte of a part changes its checksum, or is not a part any more', () => {
  const bytes = part(7)
  const [[, checksum]] = follow(bytes).parts as [[number, number]]
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const changed = bytes.slice()
      changed[at] = (changed[at] as number) ^ flip
      let found: [number, number][] = []
      try {
        found = follow(changed).parts
      } catch (error) {
        expect(hasCode(error, 'corrupt') || hasCode(error, 'unsupported')).toBe(true)
      }
      expect(found.some(([, sum]) => sum === checksum)).toBe(false)
    }),
  )
})

test('it knows when it is between parts', () => {
  expect(follow(concatBytes([header, part(7)])).follower.isBetweenParts).toBe(true)
  const bytes = part(7)
  fc.assert(
    fc.property(fc.integer({ min: 1, max: bytes.length - 1 }), (length) => {
      expect(follow(bytes.subarray(0, length)).follower.isBetweenParts).toBe(false)
    }),
  )
})
