// The page promises what the code does: a limit that changes here without its sentence fails.

import { expect, test } from 'bun:test'
import { REPORTED_FRESH_MS } from '../../core/count/audience.ts'
import { SKETCH_ERROR, SKETCH_REGISTERS } from '../../core/count/device-sketch.ts'
import { REFUSED_KEPT_MS } from '../../core/count/refusals.ts'
import { BLOCKED_COUNTED_MS, POLLER_COUNTED_MS } from '../../core/count/sessions.ts'
import { REPORT_FRESH_MS } from '../../core/space/freshness.ts'

const page = await Bun.file(new URL('index.html', import.meta.url)).text()

test('the page of the count says the limits that the count has', () => {
  expect(page).toContain(`full for ${BLOCKED_COUNTED_MS / 1000} seconds`)
  expect(page).toContain(`${POLLER_COUNTED_MS / 1000} seconds after its last request`)
  expect(page).toContain(`<td>${REPORT_FRESH_MS / 1000} seconds later`)
  expect(page).toContain(`standard error of ${(SKETCH_ERROR * 100).toFixed(1)} %`)
  expect(page).toContain(`nearer than ${(2 * SKETCH_ERROR * 100).toFixed(1)} %`)
  expect(page).toContain(`one of ${SKETCH_REGISTERS.toLocaleString('en')} fields`)
  expect(REFUSED_KEPT_MS).toBe(30_000)
  expect(page).toContain('half a minute later')
  expect(REPORTED_FRESH_MS).toBeGreaterThan(120_000)
})

test('the page needs no script', () => {
  expect(page).not.toContain('mimbar:script')
  expect(page).not.toContain('<script')
})
