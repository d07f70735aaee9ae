// Line charts as SVG text. Colours come from the page's variables, so a chart is right in light and in dark.

export interface Line {
  readonly name: string
  /** A class of the page's style sheet: `a` to `d`. */
  readonly tone: 'a' | 'b' | 'c' | 'd'
  /** Ascending in x; a `null` interrupts the line. */
  readonly points: readonly (readonly [x: number, y: number | null])[]
}

export interface ChartOptions {
  readonly title: string
  readonly xUnit: string
  readonly yUnit: string
  readonly lines: readonly Line[]
  /** Both ends of the x axis; by default those of the points. */
  readonly xRange?: readonly [number, number]
  readonly yMax?: number
}

const WIDTH = 640
const HEIGHT = 220
const LEFT = 62
const RIGHT = 14
const TOP = 12
const BOTTOM = 30
/** Less than this is drawn as nothing. */
const SMALLEST = 1e-6
/** Points that are drawn; of more, each stands for the largest of its neighbours, so that no peak is lost. */
const POINTS_MAX = 600

/** A figure with its legend. */
export function chart(options: ChartOptions): string {
  const { title, lines, xUnit, yUnit } = options
  const xs = lines.flatMap(({ points }) => points.map(([x]) => x))
  const ys = lines.flatMap(({ points }) => points.map(([, y]) => y ?? 0))
  const [xMin, xMax] = options.xRange ?? [Math.min(0, ...xs.slice(0, 1)), Math.max(1, xs.at(-1) ?? 1)]
  const highest = Math.max(options.yMax ?? 0, largest(ys))
  const yTicks = ticks(highest > SMALLEST ? highest : 1)
  const yTop = yTicks.at(-1) as number
  const x = (value: number) => LEFT + ((value - xMin) / Math.max(1e-9, xMax - xMin)) * (WIDTH - LEFT - RIGHT)
  const y = (value: number) => HEIGHT - BOTTOM - (value / yTop) * (HEIGHT - TOP - BOTTOM)
  const rows = yTicks.map(
    (tick) =>
      `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${fixed(y(tick))}" y2="${fixed(y(tick))}"/>` +
      `<text class="tick" x="${LEFT - 8}" y="${fixed(y(tick) + 4)}" text-anchor="end">${short(tick)}</text>`,
  )
  const columns = ticks(xMax - xMin, 6)
    .filter((tick) => xMin + tick <= xMax)
    .map(
      (tick) =>
        `<text class="tick" x="${fixed(x(xMin + tick))}" y="${HEIGHT - 10}" text-anchor="middle">${short(xMin + tick)}</text>`,
    )
  const paths = lines.map(
    ({ points, tone }) => `<path class="line ${tone}" d="${pathOf(thinned(points), x, y)}"/>`,
  )
  const legend = lines.map(({ name, tone }) => `<span class="key ${tone}">${escapeHtml(name)}</span>`)
  return `<figure><figcaption>${escapeHtml(title)} <small>${escapeHtml(yUnit)} over ${escapeHtml(xUnit)}</small></figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeHtml(title)}">${rows.join('')}${columns.join('')}${paths.join('')}</svg>
<p class="legend">${legend.join('')}</p></figure>`
}

export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}

type Points = Line['points']

function thinned(points: Points): Points {
  const step = Math.ceil(points.length / POINTS_MAX)
  if (step <= 1) return points
  const kept: [number, number | null][] = []
  for (let i = 0; i < points.length; i += step) {
    const group = points.slice(i, i + step)
    const values = group.flatMap(([, y]) => (y === null ? [] : [y]))
    kept.push([
      (group[0] as readonly [number, number | null])[0],
      values.length === 0 ? null : largest(values),
    ])
  }
  return kept
}

function pathOf(points: Points, x: (value: number) => number, y: (value: number) => number): string {
  let path = ''
  let isDrawing = false
  for (const [at, value] of points) {
    if (value === null) isDrawing = false
    else {
      path += `${isDrawing ? 'L' : 'M'}${fixed(x(at))} ${fixed(y(value))}`
      isDrawing = true
    }
  }
  return path
}

/** Round numbers from 0 to the first one that is not below `max`. */
export function ticks(max: number, count = 4): number[] {
  const rough = max / count
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 2.5, 5, 10]
    .map((factor) => factor * power)
    .find((size) => size >= rough - 1e-12) as number
  const top = Math.ceil(max / step - 1e-9)
  return Array.from({ length: top + 1 }, (_, i) => Number((i * step).toPrecision(12)))
}

const largest = (values: readonly number[]) => values.reduce((a, b) => Math.max(a, b), 0)
const fixed = (value: number) => value.toFixed(1)

function short(value: number): string {
  if (value >= 1e6) return `${Number((value / 1e6).toPrecision(3))}M`
  if (value >= 1e4) return `${Number((value / 1e3).toPrecision(3))}k`
  return String(Number(value.toPrecision(3)))
}
