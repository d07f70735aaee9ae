// Text that people typed, as a font can draw it, and broken into lines that fit. A font has the characters that it
// has: what decorates (emoji, joiners) is left out, but a word with a letter missing would be another word.

/** What text needs to be laid out; a font's own tables, or a browser's canvas. */
export interface TextMeasure {
  has(codePoint: number): boolean
  /** On one line, in the unit of `size`. */
  widthOf(text: string, size: number): number
}

/** Looks like part of a picture even where Unicode counts it among marks: variation selectors, the keycap. */
const PICTURE_MARKS = /[\ufe00-\ufe0f\u20e3]/
const ELLIPSIS = '…'

/**
 * `text` with what `font` cannot draw left out; undefined when that is a letter, a mark or a digit, or when nothing is
 * left. Composed first (NFC), since fonts have `é` more often than a combining accent.
 */
export function drawable(text: string, font: TextMeasure): string | undefined {
  let drawn = ''
  for (const character of text.normalize('NFC')) {
    if (font.has(character.codePointAt(0) as number)) drawn += character
    else if (/[\p{L}\p{M}\p{N}]/u.test(character) && !PICTURE_MARKS.test(character)) return undefined
    else drawn += ' '
  }
  const line = drawn.replace(/\s+/g, ' ').trim()
  return line === '' ? undefined : line
}

/** A text in lines, and whether all of it is there. */
export interface WrappedText {
  readonly lines: readonly string[]
  readonly isWhole: boolean
}

/**
 * Breaks `text`, which {@link drawable} made, at its spaces into at most `linesMax` lines of at most `widthMax`; a
 * word that is wider than a line is broken between characters. What does not fit ends in an ellipsis.
 */
export function wrapText(
  text: string,
  fit: {
    readonly font: TextMeasure
    readonly size: number
    readonly widthMax: number
    readonly linesMax: number
  },
): WrappedText {
  const fits = (line: string) => fit.font.widthOf(line, fit.size) <= fit.widthMax
  const lines: string[] = []
  let line = ''
  let isWhole = true
  for (const piece of text.split(' ').flatMap((word) => breakWord(word, fits))) {
    const longer = line === '' || piece.goesOn ? line + piece.text : `${line} ${piece.text}`
    if (fits(longer)) {
      line = longer
      continue
    }
    if (lines.length === fit.linesMax - 1) {
      line = shorten(longer, fits)
      isWhole = false
      break
    }
    lines.push(line)
    line = piece.text
  }
  return { lines: [...lines, line], isWhole }
}

interface Piece {
  readonly text: string
  /** It follows the one before without a space. */
  readonly goesOn: boolean
}

/** Graphemes stay whole: a letter and its mark are one. */
function breakWord(word: string, fits: (line: string) => boolean): readonly Piece[] {
  if (fits(word)) return [{ text: word, goesOn: false }]
  const pieces: Piece[] = []
  let piece = ''
  for (const { segment } of new Intl.Segmenter().segment(word)) {
    if (piece !== '' && !fits(piece + segment)) {
      pieces.push({ text: piece, goesOn: pieces.length > 0 })
      piece = ''
    }
    piece += segment
  }
  return [...pieces, { text: piece, goesOn: pieces.length > 0 }]
}

/** As much of `line` as fits with an ellipsis after it. */
export function shorten(line: string, fits: (line: string) => boolean): string {
  const characters = [...new Intl.Segmenter().segment(line)].map(({ segment }) => segment)
  while (characters.length > 0 && !fits(characters.join('').trimEnd() + ELLIPSIS)) characters.pop()
  return characters.join('').trimEnd() + ELLIPSIS
}
