import { expect, test } from 'bun:test'
import type { SpaceId } from '../../base/ids.ts'
import { wallMillis } from '../../base/units.ts'
import { REPORT_FRESH_MS } from '../space/facts.ts'
import { ListenerCount } from './listener-count.ts'

const ROOM = 'room' as SpaceId

test('listeners are the sum of what each edge said last, and an edge that fell silent counts no longer', () => {
  const count = new ListenerCount()
  count.note({ edge: 'edge-0', atMs: wallMillis(1_000), listeners: { room: 5 } })
  count.note({ edge: 'edge-1', atMs: wallMillis(2_000), listeners: { room: 7, other: 1 } })
  count.note({ edge: 'edge-1', atMs: wallMillis(2_500), listeners: { room: 3 } })
  expect(count.of(ROOM, wallMillis(2_600))).toBe(8)
  expect(count.of('other' as SpaceId, wallMillis(2_600))).toBe(0)
  expect(count.of(ROOM, wallMillis(1_001 + REPORT_FRESH_MS))).toBe(3)
})
