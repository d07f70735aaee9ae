import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { readLinkSecret, readSpaceId } from './link.ts'

test('both kinds of link are read from the fragment', () => {
  expect(readLinkSecret('#host=abc')).toEqual({ role: 'host', secret: 'abc' })
  expect(readLinkSecret('#invite=xyz_-9')).toEqual({ role: 'speaker', secret: 'xyz_-9' })
})

test('a fragment without a secret is none', () => {
  for (const fragment of [
    '',
    '#',
    '#host=',
    '#host',
    '#operator=abc',
    '#section',
    `#host=${'x'.repeat(257)}`,
  ]) {
    expect(readLinkSecret(fragment)).toBeUndefined()
  }
})

test('no fragment makes the reader throw', () => {
  fc.assert(fc.property(fc.string(), (text) => void readLinkSecret(`#${text}`)))
})

test('the space is read from the path', () => {
  expect(readSpaceId('/s/monday-talk/stage')).toBe('monday-talk')
  expect(readSpaceId('/s/monday-talk')).toBeUndefined()
  expect(readSpaceId('/s/Monday/stage')).toBeUndefined()
})
