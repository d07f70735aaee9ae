// One question to one address of a front door: a front door may have several, and each must prove itself.

import type { Socket } from 'bun'
import { MimbarError } from '../base/errors.ts'
import { HttpResponseReader } from './swarm/http-response.ts'

export interface Question {
  readonly address: string
  readonly port: number
  /** As `Host`, and without a port for the certificate. */
  readonly authority: string
  readonly hostName: string
  readonly tls: boolean
  readonly ca?: string | undefined
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
}

export interface Answer {
  readonly status: number
  readonly text: string
}

const ANSWER_WITHIN_MS = 5_000
const ANSWER_BYTES_MAX = 1024 * 1024

/** GETs over a connection of its own. Throws `unavailable` when there is no answer, saying why. */
export async function askOnce(question: Question): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const where = `${question.authority} (${question.address})`
  const fail = (what: string, cause?: unknown) =>
    reject(new MimbarError('unavailable', `${where} ${what}.`, { cause }))
  const timer = setTimeout(() => fail(`did not answer within ${ANSWER_WITHIN_MS / 1000} s`), ANSWER_WITHIN_MS)
  const answer = new AnswerReader(resolve, fail)
  let socket: Socket<undefined> | undefined
  try {
    socket = await Bun.connect<undefined>({
      hostname: question.address,
      port: question.port,
      ...(question.tls
        ? {
            tls: {
              serverName: question.hostName,
              rejectUnauthorized: true,
              ...(question.ca === undefined ? {} : { ca: question.ca }),
            },
          }
        : {}),
      socket: {
        open: (opened) => {
          if (!question.tls) opened.write(requestOf(question))
        },
        handshake: (opened, success, error) => {
          if (success && error === null) opened.write(requestOf(question))
          else fail(`has a certificate that is not trusted: ${error?.message ?? 'no handshake'}`, error)
        },
        data: (_, bytes) => answer.push(bytes),
        close: () => answer.closed(),
        error: (_, error) => fail(`broke off: ${error.message}`, error),
      },
    })
    return await promise
  } catch (cause) {
    if (cause instanceof MimbarError) throw cause
    throw new MimbarError('unavailable', `${where} cannot be reached: ${(cause as Error).message}.`, {
      cause,
    })
  } finally {
    clearTimeout(timer)
    socket?.terminate()
  }
}

function requestOf({ path, authority, headers }: Question): string {
  const lines = Object.entries(headers ?? {}).map(([name, value]) => `${name}: ${value}\r\n`)
  return `GET ${path} HTTP/1.1\r\nHost: ${authority}\r\nUser-Agent: mimbar-rehearsal\r\n${lines.join('')}Connection: close\r\n\r\n`
}

class AnswerReader {
  readonly #reader = new HttpResponseReader()
  readonly #resolve: (answer: Answer) => void
  readonly #fail: (what: string, cause?: unknown) => void
  readonly #decoder = new TextDecoder()
  #status = 0
  #text = ''

  constructor(resolve: (answer: Answer) => void, fail: (what: string, cause?: unknown) => void) {
    this.#resolve = resolve
    this.#fail = fail
  }

  push(bytes: Uint8Array): void {
    try {
      this.#reader.push(bytes, {
        head: ({ status }) => {
          this.#status = status
        },
        body: (piece, from, to) => {
          this.#text += this.#decoder.decode(piece.subarray(from, to), { stream: true })
          if (this.#text.length > ANSWER_BYTES_MAX) this.#fail('answers without an end')
        },
        end: () => this.closed(),
      })
    } catch (cause) {
      this.#fail('does not speak HTTP', cause)
    }
  }

  closed(): void {
    if (this.#status === 0) this.#fail('hung up without an answer')
    else this.#resolve({ status: this.#status, text: this.#text })
  }
}
