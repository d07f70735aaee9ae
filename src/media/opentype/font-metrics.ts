// How wide text is in a font, and which characters the font has: three tables of an OpenType file (ISO/IEC 14496-22).
//
//   table directory   u32 version · u16 numTables · u16 ×3 · per table: tag[4] u32 checksum u32 offset u32 length
//   head              … u16 unitsPerEm at 18
//   hhea              … u16 numberOfHMetrics at 34
//   hmtx              per glyph: u16 advanceWidth i16 lsb; glyphs after the last have its advance
//   cmap              u16 version u16 numTables · per subtable: u16 platform u16 encoding u32 offset
//     format 4        segments of the Basic Multilingual Plane · format 12: groups of all of Unicode
//
// Kerning and ligatures are left out. They mostly make text narrower; the worst pair of Inter (WW) makes it 2 % wider,
// for which whoever lays out needs a margin.

import { MimbarError } from '../../base/errors.ts'

/** Which glyph a character has; 0 is "none" in every font. */
type GlyphOf = (codePoint: number) => number

/** Widths and coverage of one font. */
export class FontMetrics {
  readonly #view: DataView
  readonly #unitsPerEm: number
  readonly #advances: number
  readonly #advanceCount: number
  readonly #glyphOf: GlyphOf

  /** Throws `unsupported` when `bytes` are not a font with a Unicode character map. */
  constructor(bytes: Uint8Array) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    try {
      const tables = readDirectory(view)
      this.#view = view
      this.#unitsPerEm = view.getUint16(tableAt(tables, 'head') + 18)
      this.#advanceCount = view.getUint16(tableAt(tables, 'hhea') + 34)
      this.#advances = tableAt(tables, 'hmtx')
      this.#glyphOf = readCharacterMap(view, tableAt(tables, 'cmap'))
    } catch (cause) {
      if (cause instanceof MimbarError) throw cause
      throw new MimbarError('unsupported', 'The font file is cut off or not OpenType.', { cause })
    }
  }

  /** Whether the font draws this character. */
  has(codePoint: number): boolean {
    return this.#glyphOf(codePoint) !== 0
  }

  /** Width of `text` on one line, in the unit of `size`. */
  widthOf(text: string, size: number): number {
    let units = 0
    for (const character of text) {
      const glyph = this.#glyphOf(character.codePointAt(0) as number)
      units += this.#view.getUint16(this.#advances + 4 * Math.min(glyph, this.#advanceCount - 1))
    }
    return (units * size) / this.#unitsPerEm
  }
}

function readDirectory(view: DataView): ReadonlyMap<string, number> {
  const tables = new Map<string, number>()
  for (let i = 0; i < view.getUint16(4); i++) {
    const at = 12 + 16 * i
    const tag = String.fromCharCode(...[0, 1, 2, 3].map((k) => view.getUint8(at + k)))
    tables.set(tag, view.getUint32(at + 8))
  }
  return tables
}

function tableAt(tables: ReadonlyMap<string, number>, tag: string): number {
  const at = tables.get(tag)
  if (at === undefined) throw new MimbarError('unsupported', `The font has no table "${tag}".`)
  return at
}

/** The subtable with the most of Unicode in it: Windows or Unicode platform, format 12 before format 4. */
function readCharacterMap(view: DataView, at: number): GlyphOf {
  let basic: number | undefined
  for (let i = 0; i < view.getUint16(at + 2); i++) {
    const subtable = at + view.getUint32(at + 8 + 8 * i)
    const format = view.getUint16(subtable)
    if (format === 12) return byGroups(view, subtable)
    if (format === 4) basic = subtable
  }
  if (basic === undefined) throw new MimbarError('unsupported', 'The font has no Unicode character map.')
  return bySegments(view, basic)
}

/** Format 12: `u16 12 u16 0 u32 length u32 language u32 numGroups`, then `u32 first u32 last u32 firstGlyph` each. */
function byGroups(view: DataView, at: number): GlyphOf {
  const groups = view.getUint32(at + 12)
  return (codePoint) => {
    let low = 0
    let high = groups - 1
    while (low <= high) {
      const middle = (low + high) >> 1
      const group = at + 16 + 12 * middle
      const first = view.getUint32(group)
      if (codePoint < first) high = middle - 1
      else if (codePoint > view.getUint32(group + 4)) low = middle + 1
      else return view.getUint32(group + 8) + codePoint - first
    }
    return 0
  }
}

/** Format 4: parallel arrays of segments `endCode[] pad startCode[] idDelta[] idRangeOffset[]`, sorted by end. */
function bySegments(view: DataView, at: number): GlyphOf {
  const doubled = view.getUint16(at + 6)
  const ends = at + 14
  const starts = ends + doubled + 2
  const deltas = starts + doubled
  const ranges = deltas + doubled
  return (codePoint) => {
    if (codePoint > 0xffff) return 0
    let k = 0
    while (k < doubled && view.getUint16(ends + k) < codePoint) k += 2
    if (k >= doubled || view.getUint16(starts + k) > codePoint) return 0
    const delta = view.getUint16(deltas + k)
    const offset = view.getUint16(ranges + k)
    if (offset === 0) return (codePoint + delta) & 0xffff
    const glyph = view.getUint16(ranges + k + offset + 2 * (codePoint - view.getUint16(starts + k)))
    return glyph === 0 ? 0 : (glyph + delta) & 0xffff
  }
}
