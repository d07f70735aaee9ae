import { expect, test } from 'bun:test'
import { parseSpaceId } from '../../base/ids.ts'
import type { PublicSpace } from '../api/api.ts'
import { noScriptHtml } from './no-script-html.ts'

const said = (more: Partial<PublicSpace>): string => {
  const space: PublicSpace = {
    id: parseSpaceId('river'),
    title: 'What the river says',
    ...{ phase: 'live', recorded: true, start: 'manual', replay: false, listeners: 0 },
    ...more,
  }
  return noScriptHtml(space, { tag: 'en', say: (english) => english })
}

test.each([
  [{ phase: 'scheduled' }, 'It will be recorded.'],
  [{ phase: 'lobby', recorded: false }, 'It will not be recorded.'],
  [{ phase: 'live' }, 'This conversation is being recorded.'],
  [{ phase: 'live', recorded: false }, 'This conversation is not recorded.'],
  // Withheld before its end: recorded it is all the same.
  [{ phase: 'live', withheld: true }, 'This conversation is being recorded.'],
  [{ phase: 'ended', replay: true }, 'This conversation was recorded.'],
  [{ phase: 'ended', recorded: false }, 'This conversation was not recorded.'],
  [{ phase: 'ended', withheld: true }, 'It was recorded, and the recording cannot be heard here.'],
] as const)('without a script %j is said to be recorded, or not', (more, sentence) => {
  expect(said(more)).toContain(`<p>${sentence}</p>`)
})

test('links lead to what can be heard: the live sound, the recording, or nothing', () => {
  const linksOf = (more: Partial<PublicSpace>) =>
    [...said(more).matchAll(/href="([^"]+)"/g)].map(([, address]) => address as string)
  expect(linksOf({ phase: 'lobby' })).toEqual(['/live/river/opus.ogg', '/live/river/index.m3u8'])
  const recording = ['/replay/river/recording.ogg', '/replay/river/index.m3u8']
  expect(linksOf({ phase: 'ended', replay: true })).toEqual(recording)
  expect(linksOf({ phase: 'ended', withheld: true })).toEqual([])
  expect(linksOf({ phase: 'ended', recorded: false })).toEqual([])
})
