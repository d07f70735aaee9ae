import { expect, test } from 'bun:test'
import { randomPort } from '../../../../test/harness/random-port.ts'
import { answersChallenges } from '../../../host/challenge.ts'
import { answerPlainly, openPlainDoor } from './plain-door.ts'

const options = {
  thumbprint: 'thumb-print',
  publicUrl: 'https://radio.example.org',
  studioUrl: 'https://studio.example.org:8081',
}
const location = (url: string) => answerPlainly(new Request(url), options).headers.get('Location')

test('whoever comes is sent on to https, with path and query, and under our name whatever name was asked for', () => {
  expect(answerPlainly(new Request('http://radio.example.org/'), options).status).toBe(308)
  expect(location('http://radio.example.org/s/evening?x=1&y=%20')).toBe(
    'https://radio.example.org/s/evening?x=1&y=%20',
  )
  expect(location('http://192.0.2.7/s/evening')).toBe('https://radio.example.org/s/evening')
  expect(location('http://evil.example/s/evening')).toBe('https://radio.example.org/s/evening')
  expect(location('http://radio.example.org//evil.example/')).toBe('https://radio.example.org//evil.example/')
  expect(location('http://studio.example.org/s/evening/stage')).toBe(
    'https://studio.example.org:8081/s/evening/stage',
  )
})

test('a challenge is answered with its token and the thumbprint of the account, and nothing else is', async () => {
  const ask = (path: string) => answerPlainly(new Request(`http://radio.example.org${path}`), options)
  const answer = ask('/.well-known/acme-challenge/abc_DEF-123')
  expect([answer.status, await answer.text()]).toEqual([200, 'abc_DEF-123.thumb-print'])
  for (const path of ['', 'a/b', '<b>', 'a'.repeat(129), 'a.b']) {
    expect(ask(`/.well-known/acme-challenge/${path}`).status).toBe(308)
  }
})

test('two edges share the plain port, and when one goes the other answers', async () => {
  const port = randomPort()
  const doors = [await openPlainDoor({ ...options, host: '127.0.0.1', port })]
  doors.push(await openPlainDoor({ ...options, host: '127.0.0.1', port }))
  const url = `http://127.0.0.1:${port}`
  for (let i = 0; i < 8; i++) expect(await answersChallenges(url, 'thumb-print')).toBe(true)
  await doors[0]?.close()
  for (let i = 0; i < 8; i++) expect(await answersChallenges(url, 'thumb-print')).toBe(true)
  expect(await answersChallenges(url, 'another')).toBe(false)
  await doors[1]?.close()
  expect(await answersChallenges(url, 'thumb-print')).toBe(false)
})

test('a request without a host is sent on as well', async () => {
  const port = randomPort()
  const door = await openPlainDoor({ ...options, host: '127.0.0.1', port })
  const { promise, resolve } = Promise.withResolvers<string>()
  let text = ''
  await Bun.connect({
    hostname: '127.0.0.1',
    port,
    socket: {
      open: (socket) => void socket.write('GET /s/old HTTP/1.0\r\n\r\n'),
      data: (_, bytes) => {
        text += bytes.toString()
      },
      close: () => resolve(text),
    },
  })
  expect(await promise).toContain('Location: https://radio.example.org/s/old\r\n')
  await door.close()
})
