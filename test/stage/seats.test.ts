// Who comes, comes back, is taken away, or knocks with nonsense.

import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import type { SeatId } from '../../src/base/ids.ts'
import { sequence } from '../../src/base/units.ts'
import type { Problem } from '../../src/core/api/api.ts'
import { until } from '../harness/until.ts'
import { eventsOf, soundOf, toneAtEnd } from './hearing.ts'
import { ALICE, BOB, House, SPACE } from './house.ts'
import { makeOffer, postOffer, Speaker } from './speaker.ts'

let house: House
const speakers: Speaker[] = []

beforeEach(async () => {
  house = await House.open({ phase: 'live', programStart: sequence(0) })
  await house.startStage('stage-0')
})

afterEach(async () => {
  for (const speaker of speakers.splice(0)) speaker.leave()
  await house.close()
})

async function seat(id: SeatId, toneHz: number, sendOnly = false): Promise<Speaker> {
  const socketPath = house.socketPath('stage-0')
  const speaker = await Speaker.join({ socketPath, space: SPACE, seat: id, toneHz, amplitude: 0.2, sendOnly })
  speakers.push(speaker)
  return speaker
}

async function programTone(hz: number): Promise<number> {
  return toneAtEnd(soundOf((await house.parts()).slice(-3)), hz, 200)
}

describe('a seat', () => {
  test('that is taken up anew is heard from its new connection, and the old one is closed', async () => {
    const old = await seat(ALICE, 500)
    await until('the old tone', async () => (await programTone(500)) > 0.15, 5_000)
    await seat(ALICE, 1_250)
    await until('the new tone', async () => (await programTone(1_250)) > 0.15, 5_000)
    await until('the old tone to end', async () => (await programTone(500)) < 0.005, 3_000)
    await until('the old connection to close', () => old.isCutOff, 3_000)
  }, 20_000)

  test('that only sends, like a WHIP encoder, is on air and gets nothing back', async () => {
    const encoder = await seat(ALICE, 500, true)
    expect(encoder.answer.sdp).toContain('a=recvonly')
    await until('the tone', async () => (await programTone(500)) > 0.15, 5_000)
    expect(encoder.received).toBe(0)
  }, 20_000)

  test('that is taken away loses its connection and its place in the events', async () => {
    const bob = await seat(BOB, 1_250)
    await until('the tone', async () => (await programTone(1_250)) > 0.15, 5_000)
    await house.change({ seats: house.facts.seats.filter(({ id }) => id !== BOB) })
    await until('the connection to close', () => bob.isCutOff, 3_000)
    const told = await until(
      'the event',
      async () => (await house.parts()).flatMap(eventsOf).find((event) => event.kind === 'seats'),
      3_000,
    )
    expect(told).toMatchObject({ seats: [{ id: ALICE }] })
  }, 20_000)

  test('whose session is deleted at the door is off the stage, and deleting it again is fine', async () => {
    const alice = await seat(ALICE, 500)
    await until('sound from the stage', () => alice.received > 0, 3_000)
    const path = `http://stage/session/${alice.answer.session}`
    const remove = () => fetch(path, { unix: house.socketPath('stage-0'), method: 'DELETE' })
    expect((await remove()).status).toBe(204)
    expect((await remove()).status).toBe(204)
    await until('the connection to close', () => alice.isCutOff, 3_000)
  }, 20_000)
})

describe('the end', () => {
  test('leaves exactly the parts before it, and closes log, lease and connections', async () => {
    const alice = await seat(ALICE, 500)
    await until('sound from the stage', () => alice.received > 0, 3_000)
    const programEnd = sequence(house.current + 2)
    await house.change({ phase: 'ended', programEnd })
    const head = await until(
      'the log to end',
      async () => {
        const now = await house.engine.log.head(SPACE)
        return now.ended ? now : undefined
      },
      5_000,
    )
    expect(head.newest).toBe(sequence(programEnd - 1))
    await until('the connection to close', () => alice.isCutOff, 3_000)
    await until(
      'the lease to be free',
      async () => (await house.engine.lease.holder(SPACE)) === undefined,
      3_000,
    )
  }, 20_000)

  test('of a recorded space leaves the program kept from its start', async () => {
    await house.change({ recorded: true, programStart: sequence(2) })
    await until('a part', async () => (await house.observed()).head, 3_000)
    await until('the log to know', async () => (await house.engine.log.head(SPACE)).keptFrom === 2, 3_000)
  })
})

describe('the door', () => {
  const post = (body: string, seatId = 'alice1', space: string = SPACE) =>
    postOffer(house.socketPath('stage-0'), space, seatId, body)

  test('answers every malformed offer with a problem, and goes on working', async () => {
    const { offer, connection } = await makeOffer(false)
    connection.close()
    const table: readonly [body: string, code: string][] = [
      ['', 'bad-request'],
      ['hello', 'bad-request'],
      ['v=0\r\n', 'bad-request'],
      [offer.replace('m=audio', 'm=video'), 'bad-request'],
      [`${offer}m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:1\r\n`, 'bad-request'],
      [`${offer}m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n`, 'bad-request'],
      [offer.replace('opus/48000/2', 'PCMU/8000'), 'bad-request'],
      [offer.replace('a=sendrecv', 'a=recvonly'), 'bad-request'],
      [offer.replace(/a=fingerprint:.*\r\n/, ''), 'bad-request'],
      [offer.replace(/a=fingerprint:.*\r\n/, 'a=fingerprint:sha-256 00\r\n'), 'bad-request'],
      [offer.replace(/a=ice-pwd:.*\r\n/, 'a=ice-pwd:short\r\n'), 'bad-request'],
      [offer.replace('a=rtcp-mux\r\n', ''), 'bad-request'],
      [offer.replace('s=-', 's=\0'), 'bad-request'],
      [`${offer}${'a=x\r\n'.repeat(20_000)}`, 'too-large'],
    ]
    for (const [body, code] of table) {
      const response = await post(body)
      expect(response.status).toBeGreaterThanOrEqual(400)
      // The server itself cuts a body off that is over the limit.
      if (response.status === 413) continue
      expect(response.headers.get('content-type')).toBe('application/problem+json')
      expect(((await response.json()) as Problem).code).toBe(code)
    }
    await seat(ALICE, 500)
  }, 20_000)

  test('refuses seats and spaces that it does not know, ids that are none, and other media types', async () => {
    const { offer, connection } = await makeOffer(false)
    connection.close()
    expect((await post(offer, 'nobody1')).status).toBe(404)
    expect((await post(offer, 'alice1', 'elsewhere')).status).toBe(404)
    expect((await post(offer, '../etc')).status).toBe(400)
    const json = await fetch(`http://stage/offer?space=${SPACE}&seat=alice1`, {
      unix: house.socketPath('stage-0'),
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: offer,
    })
    expect(json.status).toBe(415)
  })

  test('says who holds a space that another stage has', async () => {
    await until('a holder', () => house.engine.lease.holder(SPACE), 3_000)
    await house.startStage('stage-1')
    const { offer, connection } = await makeOffer(false)
    connection.close()
    const response = await postOffer(house.socketPath('stage-1'), SPACE, 'alice1', offer)
    expect(response.status).toBe(409)
    expect(((await response.json()) as Problem).detail).toContain('stage-0')
  })
})
