import { expect, test } from 'bun:test'
import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import {
  answerChallenge,
  CHALLENGE_MS,
  isListenerToken,
  isSameText,
  LISTENER_TOKEN_MS,
  type Mac,
  makeChallenge,
  makeListenerToken,
  provesGenerator,
  provesServer,
  welcomeOf,
} from './proof.ts'

const macOf =
  (key: string): Mac =>
  (message) =>
    createHmac('sha256', key).update(message).digest('base64url')

const ours = macOf('a key of the house')
const theirs = macOf('a key of another house')
const C = 'client-nonce-0123456789'
const R = 'random-of-the-server-01'
const NOW = 1_790_000_000_000

test('both sides who know the key believe each other', () => {
  const challenge = makeChallenge(ours, C, R, NOW)
  expect(provesServer(ours, C, challenge)).toBe(true)
  const answer = answerChallenge(ours, C, challenge.challenge)
  expect(provesGenerator(ours, C, challenge.challenge, answer, NOW + 1_000)).toBe(true)
})

test('a server with another key is not believed, and neither is a generator', () => {
  expect(provesServer(ours, C, makeChallenge(theirs, C, R, NOW))).toBe(false)
  const { challenge } = makeChallenge(ours, C, R, NOW)
  expect(provesGenerator(ours, C, challenge, answerChallenge(theirs, C, challenge), NOW)).toBe(false)
})

test('no word of the server is an answer to its challenge', () => {
  const { challenge, proof } = makeChallenge(ours, C, R, NOW)
  for (const said of [proof, welcomeOf(ours, C, challenge), challenge.split('.')[2] as string]) {
    expect(provesGenerator(ours, C, challenge, said, NOW)).toBe(false)
  }
})

test('a challenge is answered soon or not at all, and only one that the server made', () => {
  const { challenge } = makeChallenge(ours, C, R, NOW)
  const answer = answerChallenge(ours, C, challenge)
  expect(provesGenerator(ours, C, challenge, answer, NOW + CHALLENGE_MS)).toBe(true)
  expect(provesGenerator(ours, C, challenge, answer, NOW + CHALLENGE_MS + 1)).toBe(false)
  const later = challenge.replace(String(NOW), String(NOW + 60_000))
  expect(provesGenerator(ours, C, later, answerChallenge(ours, C, later), NOW + 60_000)).toBe(false)
})

test('a token is good for its space and its time', () => {
  const token = makeListenerToken(ours, 'demo', R, NOW)
  expect(isListenerToken(ours, 'demo', token, NOW)).toBe(true)
  expect(isListenerToken(ours, 'demo', token, NOW + LISTENER_TOKEN_MS - 1)).toBe(true)
  expect(isListenerToken(ours, 'demo', token, NOW + LISTENER_TOKEN_MS)).toBe(false)
  expect(isListenerToken(ours, 'other', token, NOW)).toBe(false)
  expect(isListenerToken(theirs, 'demo', token, NOW)).toBe(false)
})

test('a token made to last for ever is refused, whoever made it', () => {
  expect(isListenerToken(ours, 'demo', makeListenerToken(ours, 'demo', R, NOW + 1e9), NOW)).toBe(false)
})

test('a token with any character changed is refused, and no text makes the check throw', () => {
  const token = makeListenerToken(ours, 'demo', R, NOW)
  fc.assert(
    fc.property(fc.nat(token.length - 1), fc.constantFrom('0', 'A', 'z', '.', '\n'), (at, character) => {
      fc.pre(token[at] !== character)
      const changed = token.slice(0, at) + character + token.slice(at + 1)
      expect(isListenerToken(ours, 'demo', changed, NOW)).toBe(false)
    }),
  )
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(isListenerToken(ours, 'demo', text, NOW)).toBe(false)
    }),
  )
})

test('texts are the same when they are', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (one, other) => {
      expect(isSameText(one, other)).toBe(one === other)
      expect(isSameText(one, one)).toBe(true)
    }),
  )
})
