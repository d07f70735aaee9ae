import { expect, test } from 'bun:test'
import { phrasesOf, translateTemplate } from './phrases.ts'

const say = (words: Record<string, string>) => (phrase: string) => words[phrase]

test('a sentence is one phrase, with the elements in it numbered', () => {
  expect(
    phrasesOf('<p>In VLC: <a id="ogg" href="/x">the <i>Ogg</i> stream</a>, or\n a <b>file</b>.</p>'),
  ).toEqual(['In VLC: <1>the <2>Ogg</2> stream</1>, or a <3>file</3>.'])
})

test('what a phrase is wrapped in, what is filled in, and names are not in it', () => {
  const html =
    '<h1>{{title}}</h1><a class="house" href="/"><!--mimbar:mark-->Mimbar</a>' +
    '<label><input id="x"> <span>Use less data</span></label><i class="dot"></i><p>1:05</p>'
  expect(phrasesOf(html)).toEqual(['Use less data'])
})

test('attributes that are read to people are phrases', () => {
  const html = '<button id="Back" aria-label="Back">x</button>'
  expect(phrasesOf(html)).toEqual(['Back', 'x'])
  expect(translateTemplate(html, say({ Back: 'Mundur' }))).toBe(
    '<button id="Back" aria-label="Mundur">x</button>',
  )
})

test('a translation may move an element; its tag comes back with everything that it had', () => {
  const html = '<li>\n<p>Press <a href="/a">here</a> for <code>b</code> now</p>\n</li>'
  const words = { 'Press <1>here</1> for <2>b</2> now': 'Untuk <2>c</2>, tekan <1>di sini</1>' }
  expect(translateTemplate(html, say(words))).toBe(
    '<li>\n<p>Untuk <code>c</code>, tekan <a href="/a">di sini</a></p>\n</li>',
  )
})

test('what has no translation is left byte for byte as it is', () => {
  const html = '<!doctype html>\n<p> In <b>one</b>\n  way </p><ul><li>x</li></ul><!--mimbar:data--> a < b'
  expect(translateTemplate(html, () => undefined)).toBe(html)
})
