import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { momentIn, momentLink, momentToShare } from './moment.ts'

test('property: the moment in a link is the one that was shared', () => {
  fc.assert(
    fc.property(fc.double({ min: 6, max: 129_000, noNaN: true }), (heardAt) => {
      const seconds = momentToShare(heardAt)
      expect(momentIn(new URL(momentLink('https://mimbar.example/s/talk', seconds)).search)).toBe(seconds)
      expect(heardAt - seconds).toBeGreaterThanOrEqual(5)
      expect(heardAt - seconds).toBeLessThan(6)
    }),
  )
})

test('the first seconds are the whole, and what is no moment is none', () => {
  expect(momentLink('/s/talk', momentToShare(3))).toBe('/s/talk')
  const none = ['', '?t=', '?t=-5', '?t=1.5', '?t=1e3', '?t=12:34', '?t=9999999', '?t=500000', '?lang=id']
  expect(none.filter((search) => momentIn(search) !== undefined)).toEqual([])
  expect(momentIn('?lang=id&t=754')).toBe(754)
})
