import { afterEach, describe, expect, test } from 'bun:test'
import nodeDataChannel, { type PeerConnection, type Track } from 'node-datachannel'
import { until } from '../../test/harness/until.ts'
import { parseSpaceId } from '../base/ids.ts'
import { SILENT_PACKET } from '../media/opus/program.ts'
import { isRtcp, parseRtp, type RtpPacket, writeRtp } from '../media/rtp/rtp.ts'
import { SILENCE_LIMIT_MS, type SyntheticSpeaker, startSyntheticSpeaker } from './speaker.ts'
import { loadVoice } from './voice.ts'

const SPACE = parseSpaceId('test-space')
const voice = await loadVoice(new URL('./voices/ana.opus', import.meta.url))
const EVENT_STREAM = { 'content-type': 'text/event-stream' }
const endings: (() => unknown)[] = []

afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end()
})

/** A stage door of the size that this test needs: one seat, answers by WebRTC, and silence as mix-minus. */
function openDoor() {
  const door = {
    url: '',
    seatsTaken: 0,
    offers: [] as { readonly seat: string | null; readonly authorization: string | null }[],
    received: [] as Extract<ReturnType<typeof parseRtp>, { kind: 'rtp' }>[],
    isSending: true,
    isSeatGone: false,
    isDown: false,
    /** Tells those who watch that another stage has this epoch. */
    moveTo: (_epoch: number) => {},
  }
  const held: (PeerConnection | Track)[] = []
  let sent = 0
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch: async (request) => {
      const url = new URL(request.url)
      if (door.isDown) return new Response('upstream is away', { status: 502 })
      if (url.pathname === `/api/v1/spaces/${SPACE}/seats`) {
        const { secret, name } = (await request.json()) as { secret: string; name: string }
        if (secret !== 'right') return problem(401, 'unauthorized')
        door.seatsTaken += 1
        const seat = { id: 'seat22', space: SPACE, name, role: 'speaker', muted: false }
        const cookie = `mimbar_seat_seat22=token-1; Path=/api/v1/spaces/${SPACE}; HttpOnly; SameSite=Strict`
        return Response.json(seat, { status: 201, headers: { 'set-cookie': cookie } })
      }
      if (url.pathname.endsWith('/events')) return new Response(views(), { headers: EVENT_STREAM })
      if (request.method === 'DELETE') return new Response(null, { status: 200 })
      door.offers.push({
        seat: url.searchParams.get('seat'),
        authorization: request.headers.get('authorization'),
      })
      if (door.isSeatGone) return problem(410, 'gone')
      const answer = await answerOffer(await request.text())
      const headers = { 'content-type': 'application/sdp', location: `${url.pathname}/session-1` }
      return new Response(answer, { status: 201, headers })
    },
  })
  door.url = `http://127.0.0.1:${server.port}`
  const timer = setInterval(sendBack, 20)
  endings.push(() => {
    clearInterval(timer)
    for (const one of held) one.close()
    return server.stop(true)
  })
  return door

  function views(): ReadableStream<string> {
    return new ReadableStream({
      start: (controller) => {
        door.moveTo = (epoch) => {
          controller.enqueue(`event: view\ndata: ${JSON.stringify({ stage: { id: 'stage-0', epoch } })}\n\n`)
        }
        door.moveTo(1)
      },
    })
  }

  function problem(status: number, code: string) {
    return Response.json(
      { type: 'about:blank', title: code, status, code, detail: `It is ${code}.` },
      { status },
    )
  }

  async function answerOffer(offer: string): Promise<string> {
    expect(offer).toContain('urn:ietf:params:rtp-hdrext:ssrc-audio-level')
    const connection = new nodeDataChannel.PeerConnection('stage', {
      iceServers: [],
      disableAutoNegotiation: true,
    })
    const audio = new nodeDataChannel.Audio('0', 'SendRecv')
    audio.addOpusCodec(111)
    audio.parseSdpLine('a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level')
    audio.addSSRC(4_242, 'stage', 'stage', 'mix')
    const track = connection.addTrack(audio)
    held.push(connection, track)
    track.onMessage((bytes) => {
      if (isRtcp(bytes)) return
      const rtp = parseRtp(Uint8Array.from(bytes), { level: 1 })
      if (rtp.kind === 'rtp') door.received.push(rtp)
    })
    const gathered = new Promise<void>((resolve) => {
      connection.onGatheringStateChange((state) => state === 'complete' && resolve())
    })
    connection.setRemoteDescription(offer, 'offer')
    connection.setLocalDescription('answer')
    await gathered
    return connection.localDescription()?.sdp ?? ''
  }

  function sendBack(): void {
    if (!door.isSending) return
    sent += 1
    const packet: RtpPacket = {
      payloadType: 111,
      sequenceNumber: sent & 0xffff,
      timestamp: sent * 960,
      ssrc: 4_242,
      marker: false,
      payload: SILENT_PACKET,
    }
    for (const one of held) {
      if ('sendMessageBinary' in one && one.isOpen()) one.sendMessageBinary(Buffer.from(writeRtp(packet)))
    }
  }
}

async function start(url: string, secret = 'right'): Promise<SyntheticSpeaker> {
  const speaker = await startSyntheticSpeaker({
    studioUrl: url,
    space: SPACE,
    name: 'Ana',
    voice,
    entry: { secret },
  })
  endings.push(() => speaker.stop())
  return speaker
}

describe('a synthetic speaker', () => {
  test('sends its voice in order and in time, with levels, and hears what comes back', async () => {
    const door = openDoor()
    const speaker = await start(door.url)
    await until('both directions', () => door.received.length >= 75 && speaker.stats.receivedPackets >= 50)
    expect(speaker.stats).toMatchObject({ state: 'talking', connections: 1 })
    expect(door.offers).toEqual([{ seat: 'seat22', authorization: 'Bearer token-1' }])
    const [first, ...rest] = door.received as unknown as [RtpPacket, ...RtpPacket[]]
    const start0 = voice.packets.findIndex((packet) => Buffer.compare(packet, first.payload) === 0)
    expect(start0).toBeGreaterThanOrEqual(0)
    let previous = first
    for (const packet of rest) {
      const steps = (packet.sequenceNumber - previous.sequenceNumber) & 0xffff
      expect(steps).toBeGreaterThanOrEqual(1)
      expect(packet.timestamp - previous.timestamp).toBe(960 * steps)
      expect(packet.level?.dbov).toBeLessThanOrEqual(0)
      previous = packet
    }
  })

  test('comes back to the same seat when nothing returns any more', async () => {
    const door = openDoor()
    const speaker = await start(door.url)
    door.isSending = false
    await until('a second offer', () => door.offers.length >= 2)
    door.isSending = true
    await until('talking again', () => speaker.stats.connections >= 2 && speaker.stats.state === 'talking')
    expect(door.seatsTaken).toBe(1)
    expect(new Set(door.offers.map(({ authorization }) => authorization))).toEqual(
      new Set(['Bearer token-1']),
    )
  })

  test('comes back at once when it is told that another stage has the space', async () => {
    const door = openDoor()
    const speaker = await start(door.url)
    await until('something to hear', () => speaker.stats.receivedPackets > 5)
    door.isSending = false
    const silentSince = performance.now()
    door.moveTo(2)
    await until('a second offer', () => door.offers.length >= 2)
    expect(performance.now() - silentSince).toBeLessThan(SILENCE_LIMIT_MS - 500)
    door.isSending = true
    await until('talking again', () => speaker.stats.connections >= 2 && speaker.stats.state === 'talking')
  })

  test('waits for a door that is down, and stops for good when its seat is gone', async () => {
    const door = openDoor()
    door.isDown = true
    setTimeout(() => {
      door.isDown = false
    }, 300)
    const speaker = await start(door.url)
    door.isSeatGone = true
    door.isSending = false
    await until('removed', () => speaker.stats.state === 'removed')
    const offers = door.offers.length
    await Bun.sleep(500)
    expect(door.offers.length).toBe(offers)
  })

  test('is refused with a wrong secret, and can be stopped before it began', async () => {
    const door = openDoor()
    await expect(start(door.url, 'wrong')).rejects.toMatchObject({ code: 'unauthorized' })
    door.isDown = true
    const stopping = new AbortController()
    const options = { studioUrl: door.url, space: SPACE, name: 'Ana', voice, entry: { secret: 'right' } }
    const begun = startSyntheticSpeaker({ ...options, signal: stopping.signal })
    stopping.abort()
    await expect(begun).rejects.toMatchObject({ code: 'unavailable' })
  })
})

test('the demo voices are equally long, take turns, and are equally loud', async () => {
  const budi = await loadVoice(new URL('./voices/budi.opus', import.meta.url))
  expect(budi.packets.length).toBe(voice.packets.length)
  const seconds = voice.packets.length / 50
  expect(seconds).toBeGreaterThan(60)
  expect(seconds).toBeLessThan(90)
  const speech = (levels: readonly number[]) => levels.filter((level) => level > -45)
  const average = (levels: readonly number[]) => levels.reduce((sum, level) => sum + level, 0) / levels.length
  const both = voice.levels.filter((level, i) => level > -45 && (budi.levels[i] as number) > -45)
  expect(speech(voice.levels).length).toBeGreaterThan(20 * 50)
  expect(speech(budi.levels).length).toBeGreaterThan(15 * 50)
  expect(both.length).toBeLessThan(10)
  expect(Math.abs(average(speech(voice.levels)) - average(speech(budi.levels)))).toBeLessThan(3)
})
