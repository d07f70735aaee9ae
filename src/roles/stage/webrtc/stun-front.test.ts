// The front between real sockets: one is somebody's relay, one stands where the native library listens. That the
// library and Chromium understand each other through it is shown by test/e2e/studio/relay.test.ts.

import { afterEach, beforeEach, expect, test } from 'bun:test'
import { createHmac } from 'node:crypto'
import { randomPort } from '../../../../test/harness/random-port.ts'
import { until } from '../../../../test/harness/until.ts'
import { encodeUtf8 } from '../../../base/bytes.ts'
import { type HmacSha1, writeSigned } from '../../../media/stun/integrity.ts'
import { ATTRIBUTE, attributeOf, parseStun, STUN } from '../../../media/stun/message.ts'
import { CONNECTION_FLOWS_MAX, StunFront } from './stun-front.ts'

const hmac: HmacSha1 = (key, bytes) => new Uint8Array(createHmac('sha1', key).update(bytes).digest())
const PASSWORD = 'what-only-the-answer-told'

class Party {
  readonly heard: { readonly bytes: Uint8Array; readonly port: number }[] = []
  socket!: Bun.udp.Socket<'buffer'>

  static async open(): Promise<Party> {
    const party = new Party()
    party.socket = await Bun.udpSocket({
      hostname: '127.0.0.1',
      socket: { data: (_, bytes, port) => void party.heard.push({ bytes: new Uint8Array(bytes), port }) },
    })
    opened.push(() => party.socket.close())
    return party
  }
}

let opened: (() => void)[] = []
let library: Party
let front: StunFront

beforeEach(async () => {
  library = await Party.open()
  const options = { port: randomPort(), bindAddress: '127.0.0.1', libraryPort: library.socket.port }
  front = await StunFront.open(options)
  opened.push(() => front.close())
})
afterEach(() => {
  for (const close of opened.reverse()) close()
  opened = []
})

function check(ufrag = 'Ours', password = PASSWORD): Uint8Array {
  const attributes = [
    { type: ATTRIBUTE.username, value: encodeUtf8(`${ufrag}:Thrs`) },
    { type: ATTRIBUTE.iceControlling, value: new Uint8Array(8) },
  ]
  const message = { type: STUN.bindingRequest, transactionId: new Uint8Array(12).fill(1), attributes }
  return writeSigned(message, encodeUtf8(password), hmac)
}
const sendFrom = (party: Party, bytes: Uint8Array) => party.socket.send(bytes, front.port, '127.0.0.1')
const admit = (ufrag = 'Ours') => front.admit({ ufrag, password: PASSWORD, remoteUfrag: 'Thrs' })

test('who proves the password is passed to the library with another tie-breaker, and answered', async () => {
  admit()
  const relay = await Party.open()
  sendFrom(relay, check())
  await until('the library hears the check', () => library.heard.length === 1)
  const [first] = library.heard as [(typeof library.heard)[0]]
  const tieBreaker = attributeOf(parseStun(first.bytes) as never, ATTRIBUTE.iceControlling)
  expect(tieBreaker?.some((byte) => byte !== 0)).toBe(true)
  sendFrom(relay, Uint8Array.of(128, 1, 2, 3))
  await until('the library hears sound', () => library.heard.length === 2)
  expect(library.heard[1]).toEqual({ bytes: Uint8Array.of(128, 1, 2, 3), port: first.port })
  library.socket.send(Uint8Array.of(129, 9), first.port, '127.0.0.1')
  await until('sound comes back', () => relay.heard.length === 1)
  expect(relay.heard).toEqual([{ bytes: Uint8Array.of(129, 9), port: front.port }])
})

test('who proves nothing causes nothing: no flow, no answer', async () => {
  const end = admit()
  admit('Last')
  const stranger = await Party.open()
  const known = await Party.open()
  sendFrom(stranger, check('Ours', 'a-guess-at-the-password'))
  sendFrom(stranger, check('None'))
  sendFrom(stranger, Uint8Array.of(128, 1, 2, 3))
  sendFrom(stranger, new Uint8Array(1_200).fill(1))
  end()
  sendFrom(known, check())
  // What was sent after all that is there, so all that was heard, too.
  sendFrom(known, check('Last'))
  await until('the last one is heard', () => library.heard.length > 0)
  expect([library.heard.length, front.flows, stranger.heard.length]).toEqual([1, 1, 0])
})

test('flows end with their connection, and one has only so many', async () => {
  const end = admit()
  const relays = await Promise.all(Array.from({ length: CONNECTION_FLOWS_MAX + 2 }, () => Party.open()))
  for (const relay of relays) sendFrom(relay, check())
  await until('the flows are open', () => library.heard.length === CONNECTION_FLOWS_MAX)
  expect(front.flows).toBe(CONNECTION_FLOWS_MAX)
  end()
  expect(front.flows).toBe(0)
})

test('an address that another connection has now is passed on as that one', async () => {
  admit('Frst')
  const endSecond = admit('Scnd')
  const relay = await Party.open()
  sendFrom(relay, check('Frst'))
  await until('the first is heard', () => library.heard.length === 1)
  sendFrom(relay, check('Scnd'))
  await until('the second is heard', () => library.heard.length === 2)
  expect(library.heard[1]?.port).not.toBe(library.heard[0]?.port)
  expect(front.flows).toBe(1)
  endSecond()
  expect(front.flows).toBe(0)
})
