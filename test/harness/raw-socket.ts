// HTTP as no client library would send it: bytes on a TCP socket, and what came back until it was closed.

import { connect } from 'node:net'

export interface RawTalk {
  /** Where: an `http://` address; only its port counts. */
  readonly url: string
  /** Sent at once when connected. */
  readonly bytes: string | Uint8Array
  /** Then sent byte by byte, one each second, until the door closes. */
  readonly dribble?: string
  /** We stop sending (FIN) after `bytes`. */
  readonly halfClose?: boolean
  /** We hang up after this long, in ms. */
  readonly patienceMs?: number
}

export interface RawAnswer {
  /** Everything that came, decoded as Latin-1. */
  readonly text: string
  /** Status of each response in it. */
  readonly statuses: readonly number[]
  /** How the conversation ended: they closed, or our patience did. */
  readonly endedBy: 'door' | 'us'
  readonly tookMs: number
}

/** Says `bytes` on a connection of its own, and hears the answer out. */
export function talkRaw(talk: RawTalk): Promise<RawAnswer> {
  const startedAt = performance.now()
  return new Promise((resolve) => {
    let text = ''
    let endedBy: RawAnswer['endedBy'] = 'door'
    let dribbling: ReturnType<typeof setInterval> | undefined
    const socket = connect({ port: Number(new URL(talk.url).port), host: '127.0.0.1' })
    const patience = setTimeout(() => {
      endedBy = 'us'
      socket.destroy()
    }, talk.patienceMs ?? 3_000)
    socket.once('connect', () => {
      socket.write(talk.bytes)
      if (talk.halfClose === true) socket.end()
      let at = 0
      if (talk.dribble !== undefined) {
        dribbling = setInterval(() => socket.write(talk.dribble?.charAt(at++) || 'a'), 1_000)
      }
    })
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1')
    })
    socket.on('error', () => {
      // A door that resets a connection has closed it; `close` follows.
    })
    socket.once('close', () => {
      clearTimeout(patience)
      clearInterval(dribbling)
      const statuses = [...text.matchAll(/HTTP\/1\.[01] (\d{3}) /g)].map((match) => Number(match[1]))
      resolve({ text, statuses, endedBy, tookMs: performance.now() - startedAt })
    })
  })
}
