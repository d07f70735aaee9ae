// A rehearsal as one HTML file that needs nothing else: no script, no font, no network. To be mailed and kept.

import type { RehearsalReport, SecondSample } from '../core/rehearsal/report.ts'
import { chart, escapeHtml, type Line } from './chart.ts'
import { bitRate, ms, number, rowsOf, verdictOf } from './report-text.ts'

/** The whole page. */
export function reportPage(report: RehearsalReport): string {
  const { verdict, url, startedAtMs } = report
  const when = new Date(startedAtMs).toISOString().slice(0, 16).replace('T', ' ')
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Rehearsal of ${escapeHtml(url)}</title>
<style>${STYLE}</style>
<main>
<header><p class="kind">Mimbar rehearsal · ${when} UTC</p>
<h1>${escapeHtml(new URL(url).host)}<span>${escapeHtml(new URL(url).pathname)}</span></h1>
<p class="verdict ${verdict.passed ? 'passed' : 'failed'}">${escapeHtml(verdictOf(report))}</p>
${verdict.failures.length === 0 ? '' : `<ul class="failures">${verdict.failures.map((failure) => `<li>${escapeHtml(failure)}</li>`).join('')}</ul>`}
</header>
<section class="figures">${figuresOf(report)}</section>
<section class="charts">${chartsOf(report).join('\n')}</section>
<section><h2>All of it</h2>
<table>${rowsOf(report)
    .map(
      ([label, words]) => `<tr><th scope="row">${escapeHtml(label)}</th><td>${escapeHtml(words)}</td></tr>`,
    )
    .join('')}</table>
${missedTable(report)}
</section>
</main>
</html>
`
}

function figuresOf({ carried, firstAudioMs, tally, cost, lagMs }: RehearsalReport): string {
  const figures: [value: string, name: string][] = [
    [number(carried.listenersProven), 'listeners proven at once'],
    [bitRate(carried.bitsPerSecondFull), 'with everyone in'],
    [ms(firstAudioMs.p99), 'to first audio, p99'],
    [ms(lagMs.p99), 'on the way, p99'],
    [number(tally.gaps), 'gaps'],
    [cost === null ? '–' : `${cost.cpuMicrosPerPart.toFixed(1)} µs`, 'of server time a part'],
  ]
  return figures
    .map(([value, name]) => `<div><b>${escapeHtml(value)}</b><span>${escapeHtml(name)}</span></div>`)
    .join('')
}

function chartsOf({ series, firstAudioCurve, ranForMs }: RehearsalReport): string[] {
  const over = (name: string, tone: Line['tone'], pick: (second: SecondSample) => number | null): Line => ({
    name,
    tone,
    points: series.map((second) => [second.atS, pick(second)]),
  })
  const time = { xUnit: 'seconds', xRange: [0, Math.max(1, ranForMs / 1000)] as const }
  return [
    chart({
      ...time,
      title: 'Listeners',
      yUnit: 'listeners',
      lines: [
        over('want to hear', 'b', ({ wanting }) => wanting),
        over('hear', 'a', ({ hearing }) => hearing),
      ],
    }),
    chart({
      ...time,
      title: 'Carried',
      yUnit: 'Mbit/s',
      lines: [over('received', 'a', ({ bitsPerSecond }) => bitsPerSecond / 1e6)],
    }),
    chart({
      title: 'To first audio',
      xUnit: 'milliseconds',
      yUnit: '% of arrivals',
      yMax: 100,
      lines: [{ name: 'had audio by then', tone: 'a', points: inPercent(firstAudioCurve) }],
    }),
    chart({
      ...time,
      title: 'On the way',
      yUnit: 'ms',
      lines: [over('p50', 'a', ({ lagMsP50 }) => lagMsP50), over('p99', 'c', ({ lagMsP99 }) => lagMsP99)],
    }),
    chart({
      ...time,
      title: 'Trouble',
      yUnit: 'events a second',
      yMax: 4,
      lines: [
        over('gaps', 'd', ({ gaps }) => gaps),
        over('late arrivals', 'c', ({ late }) => late),
        over('reconnects', 'b', ({ reconnects }) => reconnects),
      ],
    }),
    chart({
      ...time,
      title: 'The generator itself',
      yUnit: '% of a core, ms',
      yMax: 100,
      lines: [
        over('busiest process', 'b', ({ generatorCpu }) => generatorCpu * 100),
        over('timers late, p99 ms', 'c', ({ loopLateMsP99 }) => loopLateMsP99),
      ],
    }),
  ]
}

function inPercent(curve: RehearsalReport['firstAudioCurve']): [x: number, y: number][] {
  const first = curve[0]
  const start: [number, number][] = first === undefined ? [] : [[first[0], 0]]
  return [...start, ...curve.map(([at, share]): [number, number] => [at, share * 100])]
}

/** Rows of a list that could be long. */
const MISSED_SHOWN = 50

function missedTable({ missed, holes }: RehearsalReport): string {
  const all = [
    ...missed.map((jump) => ({ ...jump, what: 'others got them' })),
    ...holes.map((jump) => ({ ...jump, what: 'nobody got them' })),
  ]
  if (all.length === 0) return ''
  const rows = all
    .slice(0, MISSED_SHOWN)
    .map(
      ({ from, to, listeners, what }) =>
        `<tr><td>${from} … ${to - 1}</td><td>${number(listeners)}</td><td>${what}</td></tr>`,
    )
  return `<h2>Missing parts</h2><table><tr><th>sequences</th><th>listeners</th><th></th></tr>${rows.join('')}</table>`
}

const STYLE = `
:root { --ink: #1c2024; --soft: #626a73; --paper: #f7f6f3; --card: #fff; --rule: #e3e1dc;
  --a: #0b6e5c; --b: #7a8794; --c: #b8730e; --d: #c0392f; --good: #0b6e5c; --bad: #c0392f }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e9e7e2; --soft: #9aa3ab; --paper: #14171a; --card: #1c2024; --rule: #30363c;
    --a: #4cc3a8; --b: #8d99a5; --c: #e0a64a; --d: #f0776b; --good: #4cc3a8; --bad: #f0776b } }
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif }
main { max-width: 1120px; margin: 0 auto; padding: 40px 20px 64px }
h1 { margin: 0; font-size: clamp(24px, 4vw, 36px); line-height: 1.2; overflow-wrap: anywhere }
h1 span { color: var(--soft); font-weight: 400 }
h2 { margin: 40px 0 12px; font-size: 20px }
.kind { margin: 0 0 4px; color: var(--soft) }
.verdict { margin: 16px 0 0; font-size: 18px; font-weight: 600 }
.passed { color: var(--good) } .failed { color: var(--bad) }
.failures { margin: 8px 0 0; padding-left: 20px }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; margin: 28px 0 }
.figures div { background: var(--card); border: 1px solid var(--rule); border-radius: 10px; padding: 14px 16px }
.figures b { display: block; font-size: 22px; font-variant-numeric: tabular-nums; white-space: nowrap }
.figures span { color: var(--soft); font-size: 14px }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 440px), 1fr)); gap: 12px }
figure { margin: 0; background: var(--card); border: 1px solid var(--rule); border-radius: 10px; padding: 14px 16px 10px }
figcaption { font-weight: 600 } figcaption small { color: var(--soft); font-weight: 400; font-size: 13px; margin-left: 6px }
svg { display: block; width: 100%; height: auto; margin-top: 6px }
.grid { stroke: var(--rule) } .tick { fill: var(--soft); font-size: 12px; font-variant-numeric: tabular-nums }
.line { fill: none; stroke-width: 2; stroke-linejoin: round }
.line.a { stroke: var(--a) } .line.b { stroke: var(--b); stroke-dasharray: 5 3 } .line.c { stroke: var(--c) } .line.d { stroke: var(--d) }
.legend { display: flex; flex-wrap: wrap; gap: 4px 16px; margin: 4px 0 0; font-size: 13px; color: var(--soft) }
.key::before { content: ''; display: inline-block; width: 14px; height: 3px; border-radius: 2px; margin: 0 6px 3px 0; background: currentColor }
.key.a::before { background: var(--a) } .key.b::before { background: var(--b) } .key.c::before { background: var(--c) } .key.d::before { background: var(--d) }
table { width: 100%; border-collapse: collapse; background: var(--card); border: 1px solid var(--rule) }
th, td { text-align: left; vertical-align: top; padding: 7px 14px; border-top: 1px solid var(--rule); overflow-wrap: anywhere }
th { color: var(--soft); font-weight: 500; white-space: nowrap; overflow-wrap: normal }
@media (max-width: 520px) { th, td { padding: 6px 10px; font-size: 14px } th { white-space: normal } }
`
