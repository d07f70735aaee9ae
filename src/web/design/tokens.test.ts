import { describe, expect, test } from 'bun:test'

/** Text on its ground, as the pages use them. */
const TEXT: readonly (readonly [ink: string, ground: string])[] = [
  ['ink', 'ground'],
  ['ink', 'ground-raised'],
  ['ink', 'ground-sunken'],
  ['ink-soft', 'ground'],
  ['ink-soft', 'ground-raised'],
  ['ink-soft', 'ground-sunken'],
  ['ink-on-action', 'action'],
  ['ink-on-action', 'action-hover'],
  ['action', 'ground'],
  ['action', 'action-soft'],
  ['voice-ink', 'voice-soft'],
  ['live', 'live-soft'],
  ['live', 'ground-raised'],
  ['good', 'good-soft'],
  ['warn', 'warn-soft'],
  ['ink', 'table'],
]
/** Things that must be seen and are not text (WCAG 2.2, 1.4.11). */
const SHAPES: readonly (readonly [shape: string, ground: string])[] = [
  ['voice', 'ground'],
  ['action', 'ground-raised'],
  ['line-strong', 'ground'],
]

const css = await Bun.file(new URL('./tokens.css', import.meta.url)).text()
const [light = '', dark = ''] = css.split('prefers-color-scheme: dark')

function colours(text: string): Map<string, string> {
  return new Map([...text.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name, value]) => [name!, value!]))
}

/** WCAG 2.2, "relative luminance". */
function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const c = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4
  }) as [number, number, number]
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

function contrast(a: string, b: string): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number]
  return (high + 0.05) / (low + 0.05)
}

describe('colours', () => {
  const schemes = { light: colours(light), dark: new Map([...colours(light), ...colours(dark)]) }
  for (const [scheme, tokens] of Object.entries(schemes)) {
    const of = (a: string, b: string) => contrast(tokens.get(a) as string, tokens.get(b) as string)
    for (const [ink, ground] of TEXT) {
      test(`${scheme}: ${ink} can be read on ${ground}`, () =>
        expect(of(ink, ground)).toBeGreaterThanOrEqual(4.5))
    }
    for (const [shape, ground] of SHAPES) {
      test(`${scheme}: ${shape} can be seen on ${ground}`, () =>
        expect(of(shape, ground)).toBeGreaterThanOrEqual(3))
    }
  }
})
