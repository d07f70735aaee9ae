// A connection to a TURN relay, over UDP, TCP or TLS, on which one request at a time is asked.

import { createSocket } from 'node:dgram'
import { connect, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { concatBytes } from '../../base/bytes.ts'
import { MimbarError } from '../../base/errors.ts'
import { ANSWER_BYTES_MAX, takeAnswer } from '../../core/relay/relay-trial.ts'
import type { RelayAddress } from '../../core/relay/turn-url.ts'

/** For a connection with TLS, and for each answer. */
export const RELAY_ANSWERS_WITHIN_MS = 4_000
/** A datagram may be lost (RFC 8489, section 6.2.1). */
const ASK_AGAIN_AFTER_MS = 500

export interface RelayLine {
  /** `unavailable` when there is no answer in time, or the line ends. */
  ask(request: Uint8Array): Promise<Uint8Array>
  close(): void
}

/**
 * Opens a line. Throws `unavailable` when nobody is there, and `unauthorized`, with OpenSSL's code as the message,
 * when somebody is whose certificate doesn't prove that it is the relay.
 */
export async function openRelayLine(address: RelayAddress): Promise<RelayLine> {
  if (address.transport === 'udp') return openDatagrams(address)
  return streamLine(await openStream(address))
}

function openStream({ host, port, transport }: RelayAddress): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const name = isIP(host) === 0 ? { servername: host } : {}
    const socket = transport === 'tls' ? connectTls({ host, port, ...name }) : connect({ host, port })
    const timer = setTimeout(() => give(new MimbarError('unavailable', 'no answer')), RELAY_ANSWERS_WITHIN_MS)
    const give = (error: Error) => {
      clearTimeout(timer)
      socket.destroy()
      reject(error)
    }
    socket.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code ?? error.message
      const isOfCertificate = transport === 'tls' && /CERT|SIGN|ISSUER|ALTNAME|VERIFY/i.test(why)
      give(new MimbarError(isOfCertificate ? 'unauthorized' : 'unavailable', why, { cause: error }))
    })
    socket.once(transport === 'tls' ? 'secureConnect' : 'connect', () => {
      clearTimeout(timer)
      resolve(socket)
    })
  })
}

function streamLine(socket: Socket): RelayLine {
  let stream: Uint8Array = new Uint8Array()
  let waiting: Waiting | undefined
  const take = () => {
    const taken = takeAnswer(stream)
    if (taken === undefined || waiting === undefined) return
    stream = taken.rest.slice()
    waiting.resolve(taken.answer)
  }
  socket.on('data', (bytes: Uint8Array) => {
    stream = concatBytes([stream, bytes])
    if (stream.length > ANSWER_BYTES_MAX) socket.destroy()
    else take()
  })
  for (const event of ['error', 'close'])
    socket.on(event, () => waiting?.reject(new MimbarError('unavailable', 'the connection ended')))
  return {
    ask: (request) => {
      waiting = newWaiting()
      if (socket.destroyed) waiting.reject(new MimbarError('unavailable', 'the connection ended'))
      else socket.write(request)
      take()
      return waiting.answer
    },
    close: () => socket.destroy(),
  }
}

function openDatagrams({ host, port }: RelayAddress): RelayLine {
  const socket = createSocket(isIP(host) === 6 ? 'udp6' : 'udp4')
  let waiting: Waiting | undefined
  socket.on('message', (bytes) => waiting?.resolve(new Uint8Array(bytes)))
  // A port that nobody has, or a name that leads nowhere.
  socket.on('error', (error: NodeJS.ErrnoException) =>
    waiting?.reject(new MimbarError('unavailable', error.code ?? error.message)),
  )
  return {
    ask: (request) => {
      const asked = newWaiting()
      waiting = asked
      const send = () =>
        socket.send(request, port, host, (error) => {
          if (error !== null) asked.reject(new MimbarError('unavailable', error.message))
        })
      send()
      const again = setInterval(send, ASK_AGAIN_AFTER_MS)
      return asked.answer.finally(() => clearInterval(again))
    },
    close: () => socket.close(),
  }
}

interface Waiting {
  readonly answer: Promise<Uint8Array>
  resolve(answer: Uint8Array): void
  reject(error: MimbarError): void
}

/** Settles within {@link RELAY_ANSWERS_WITHIN_MS}. */
function newWaiting(): Waiting {
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>()
  const late = () => reject(new MimbarError('unavailable', 'no answer'))
  const timer = setTimeout(late, RELAY_ANSWERS_WITHIN_MS)
  const answer = promise.finally(() => clearTimeout(timer))
  return { answer, resolve, reject }
}
