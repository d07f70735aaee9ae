import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { encodeUtf8 } from '../../base/bytes.ts'
import { hasCode } from '../../base/errors.ts'
import { HttpResponseReader, type ResponseHead } from './http-response.ts'

interface ReadResponse {
  head: ResponseHead | undefined
  body: number[]
  ended: boolean
}

/** Reads `bytes` in pieces that end at the given places. */
function read(bytes: Uint8Array, cuts: readonly number[] = []): ReadResponse {
  const got: ReadResponse = { head: undefined, body: [], ended: false }
  const sink = {
    head: (head: ResponseHead) => {
      got.head = head
    },
    body: (piece: Uint8Array, from: number, to: number) => {
      got.body.push(...piece.subarray(from, to))
    },
    end: () => {
      got.ended = true
    },
  }
  const reader = new HttpResponseReader()
  let at = 0
  for (const cut of [...cuts.toSorted((a, b) => a - b), bytes.length]) {
    reader.push(bytes.subarray(at, cut), sink)
    at = Math.max(at, cut)
  }
  return got
}

function chunked(chunks: readonly Uint8Array[], tail = '0\r\n\r\n'): Uint8Array {
  const head = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'
  const pieces = chunks.flatMap((chunk) => [
    ...encodeUtf8(`${chunk.length.toString(16)}\r\n`),
    ...chunk,
    ...encodeUtf8('\r\n'),
  ])
  return Uint8Array.from([...encodeUtf8(head), ...pieces, ...encodeUtf8(tail)])
}

test('a chunked body is the same however it is cut on its way', () => {
  const chunks = fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 6 })
  fc.assert(
    fc.property(chunks, fc.array(fc.nat(300), { maxLength: 12 }), (sent, cuts) => {
      const bytes = chunked(sent)
      const got = read(
        bytes,
        cuts.map((cut) => Math.min(cut, bytes.length)),
      )
      expect(got.head?.status).toBe(200)
      expect(got.body).toEqual(sent.flatMap((chunk) => [...chunk]))
      expect(got.ended).toBe(true)
    }),
  )
})

test('extensions of a chunk and trailers are passed over', () => {
  const text =
    'HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, Chunked\r\n\r\n3;a=b\r\nabc\r\n0\r\nX-End: 1\r\n\r\n'
  const got = read(encodeUtf8(text))
  expect(String.fromCharCode(...got.body)).toBe('abc')
  expect(got.ended).toBe(true)
})

test('a refusal tells when to come again', () => {
  const got = read(encodeUtf8('HTTP/1.1 503 Full\r\nRetry-After: 2\r\nContent-Length: 0\r\n\r\n'))
  expect(got.head).toEqual({ status: 503, retryAfterS: 2 })
})

test('a body with a length ends with it, and not with the connection', () => {
  const got = read(encodeUtf8('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello'), [41, 43])
  expect(String.fromCharCode(...got.body)).toBe('hello')
  expect(got.ended).toBe(true)
  expect(read(encodeUtf8('HTTP/1.1 204 No\r\nContent-Length: 0\r\n\r\n')).ended).toBe(true)
})

test('between two chunks, and only there, readers are interchangeable', () => {
  const bytes = chunked([Uint8Array.of(1, 2), Uint8Array.of(3)])
  const reader = new HttpResponseReader()
  const between: number[] = []
  const sink = { head: () => {}, body: () => {}, end: () => {} }
  for (let i = 0; i < bytes.length; i++) {
    reader.push(bytes.subarray(i, i + 1), sink)
    if (reader.isBetweenChunks) between.push(i + 1)
  }
  const head = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'.length
  expect(between).toEqual([head, head + 7, head + 13])
})

test('what is not HTTP is corrupt, never rubbish', () => {
  for (const text of [
    'SSH-2.0-OpenSSH\r\n\r\n',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffff\r\n',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n',
    `HTTP/1.1 200 OK\r\n${'x'.repeat(20_000)}`,
  ]) {
    let error: unknown
    try {
      read(encodeUtf8(text))
    } catch (thrown) {
      error = thrown
    }
    expect(hasCode(error, 'corrupt')).toBe(true)
  }
})
