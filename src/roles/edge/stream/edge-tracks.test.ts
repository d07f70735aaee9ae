// The tracks beside opus.mp4, at the public door.

import { afterAll, beforeAll, expect, test } from 'bun:test'
import { EdgeFixture } from '../../../../test/harness/edge-fixture.ts'
import { until } from '../../../../test/harness/until.ts'
import { epoch, millis } from '../../../base/units.ts'
import { EgressPacer } from '../../../core/capacity/egress-pacer.ts'
import { FlushPace } from '../../../core/delivery/flush-pace.ts'
import { HoldingRoom } from '../../../core/delivery/held-requests.ts'
import { programHeaders } from '../../../core/part/packager.ts'
import { RING_PARTS_DEFAULT } from '../../../engine/ports.ts'
import { systemClock } from '../../../host/system-clock.ts'
import { newCounters } from '../metrics.ts'
import { SpaceReaders } from './space-readers.ts'

let fixture: EdgeFixture
beforeAll(async () => {
  fixture = await EdgeFixture.start()
})
afterAll(() => fixture.stop())

test('low.mp4 is a pushed stream that says what it is, after the same init segment', async () => {
  const facts = await fixture.liveSpace('low')
  await fixture.append(facts, 0, 5, { tracks: 'low and aac' })
  const stream = await fixture.listen('/live/low/low.mp4')
  await until('five parts', () => stream.sequences.length === 5)
  expect(stream.response.headers.get('Content-Type')).toBe('audio/mp4; codecs="opus"')
  expect(stream.notes[0]).toMatchObject({ kind: 'hello', track: 'low.mp4' })
  const header = programHeaders().find(({ id }) => id === 'opus.mp4')?.header as Uint8Array
  const expected = Buffer.concat([header, fixture.mp4(facts, 0, 5, 'low.mp4')])
  expect(Buffer.compare(Buffer.concat(stream.media), expected)).toBe(0)
})

test('a listener goes on in the other track at the part that it lacks', async () => {
  const facts = await fixture.liveSpace('across')
  await fixture.append(facts, 0, 8, { tracks: 'low and aac' })
  const low = await fixture.listen('/live/across/low.mp4?from=1.3')
  const opus = await fixture.listen('/live/across/opus.mp4?from=1.3')
  await until('both', () => low.sequences.length === 5 && opus.sequences.length === 5)
  expect(low.sequences).toEqual(opus.sequences)
  expect(low.sequences[0]).toBe(3)
  expect(opus.notes[0]).not.toHaveProperty('track')
})

test('while egress is nearly spent, who begins with opus.mp4 gets the low track and is told; who listens keeps theirs', async () => {
  const facts = await fixture.liveSpace('spare')
  await fixture.append(facts, 0, 5, { tracks: 'low and aac' })
  let prefersLow = false
  const edge = await fixture.startEdge({ edgeId: 'edge-low', prefersLow: () => prefersLow })
  const before = await fixture.listen('/live/spare/opus.mp4', edge)
  await until('the first one hears', () => before.sequences.length === 5)
  prefersLow = true
  const during = await fixture.listen('/live/spare/opus.mp4', edge)
  const ogg = await fetch(fixture.url('/live/spare/opus.ogg', edge), { method: 'HEAD' })
  expect(ogg.headers.get('Content-Type')).toContain('ogg')
  await fixture.append(facts, 5, 6, { tracks: 'low and aac' })
  await until('both hear the next', () => [before, during].every(({ sequences }) => sequences.at(-1) === 5))
  expect(before.notes[0]).not.toHaveProperty('track')
  expect(during.notes[0]).toMatchObject({ kind: 'hello', track: 'low.mp4' })
  expect(Buffer.concat(before.media).includes(fixture.mp4(facts, 5, 6, 'opus.mp4'))).toBe(true)
  expect(Buffer.concat(during.media).includes(fixture.mp4(facts, 0, 6, 'low.mp4'))).toBe(true)
  const metrics = await (await fetch(fixture.url('/metrics', edge))).text()
  expect(metrics).toContain('mimbar_edge_listeners{track="low.mp4"} 1\n')
  expect(metrics).toContain('mimbar_edge_listeners{track="opus.mp4"} 1\n')
  prefersLow = false
  const after = await fixture.listen('/live/spare/opus.mp4', edge)
  await until('the last one is greeted', () => after.notes.length > 0)
  expect(after.notes[0]).not.toHaveProperty('track')
  await edge.stop()
})

test('a log from before the low track is served as low.mp4 all the same, in the sound that it has', async () => {
  const facts = await fixture.space('older')
  await fixture.engine.log.open(facts.id, {
    gridStartMs: facts.gridStartMs,
    tracks: programHeaders().slice(0, 3),
    ringParts: RING_PARTS_DEFAULT,
  })
  await fixture.engine.log.keepFrom(facts.id, facts.programStart as never, epoch(1))
  await fixture.append(facts, 0, 5)
  const stream = await fixture.listen('/live/older/low.mp4')
  await until('five parts', () => stream.sequences.length === 5)
  // An upgraded stage goes on in it.
  await fixture.openLog(facts)
  await fixture.append(facts, 5, 12, { tracks: 'low and aac' })
  await until('twelve parts', () => stream.sequences.length === 12)
  const expected = [fixture.mp4(facts, 0, 5, 'opus.mp4'), fixture.mp4(facts, 5, 12, 'low.mp4')]
  expect(Buffer.concat(stream.media).includes(Buffer.concat(expected))).toBe(true)
  const segment = await (await fixture.fetch('/replay/older/seg/0.m4s')).bytes()
  expect(Buffer.compare(segment, fixture.mp4(facts, 0, 10, 'opus.mp4'))).toBe(0)
})

test('a wish for AAC is told on the Feed at most every two seconds, however many players ask', async () => {
  const facts = await fixture.liveSpace('wish')
  const told: unknown[] = []
  let now = millis(50_000)
  const readers = new SpaceReaders({
    log: fixture.engine.log,
    pace: new FlushPace(200, now),
    room: new HoldingRoom(10),
    counters: newCounters(),
    egress: new EgressPacer(false, now),
    clock: { now: () => now, wall: () => systemClock.wall() },
    onWanted: (space) => told.push(space),
  })
  const reader = readers.get(facts)
  for (let i = 0; i < 50; i++) reader.wantAac()
  expect(told).toEqual([facts.id])
  now = millis(now + 1_900)
  reader.wantAac()
  expect(told.length).toBe(1)
  now = millis(now + 100)
  reader.wantAac()
  expect(told.length).toBe(2)
  await readers.stop()
})
