import { expect, test } from 'bun:test'
import { type Capabilities, choosePlayback, chooseReplay, OPUS_TYPES } from './support.ts'

const NOTHING: Capabilities = { nativeHls: false, isIos: false, streams: true }
const CHROME: Capabilities = { ...NOTHING, mediaSource: [...OPUS_TYPES], nativeHls: true }
const IPHONE: Capabilities = { ...NOTHING, managedMediaSource: [OPUS_TYPES[1]], nativeHls: true, isIos: true }

test('a browser that says "maybe" to HLS still gets the pushed stream', () => {
  expect(choosePlayback(CHROME)).toEqual({ kind: 'push', managed: false, mimeType: OPUS_TYPES[0] })
  expect(chooseReplay(CHROME)).toEqual({ kind: 'hls-js' })
})

test('an iPhone follows the playlist itself, whatever else it could do', () => {
  expect(choosePlayback(IPHONE)).toEqual({ kind: 'native-hls' })
  expect(chooseReplay(IPHONE)).toEqual({ kind: 'native-hls' })
})

test('a managed media source, and the capital Opus, are taken where only they exist', () => {
  const can = { ...IPHONE, isIos: false }
  expect(choosePlayback(can)).toEqual({ kind: 'push', managed: true, mimeType: OPUS_TYPES[1] })
})

test('media sources without Opus, or without streamed bodies, mean hls.js', () => {
  expect(choosePlayback({ ...CHROME, mediaSource: [], nativeHls: false })).toEqual({ kind: 'hls-js' })
  expect(choosePlayback({ ...CHROME, streams: false })).toEqual({ kind: 'hls-js' })
})

test('without media sources the browser’s own HLS is left, or nothing', () => {
  expect(choosePlayback({ ...NOTHING, nativeHls: true })).toEqual({ kind: 'native-hls' })
  expect(choosePlayback(NOTHING)).toEqual({ kind: 'none' })
})
