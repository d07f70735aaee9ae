import { expect, test } from 'bun:test'
import { PROBLEM_STATES } from '../../../core/count/problems.ts'
import { buttonOf } from '../page-state.ts'
import { systemStateOf } from './system-state.ts'

test('the lock screen says what the page’s own button says, whatever face the page has', () => {
  for (const state of PROBLEM_STATES.filter((state) => state !== 'waiting')) {
    const button = buttonOf(state)
    const system = systemStateOf(state, false)
    if (system === 'playing') expect([state, button]).toEqual([state, 'pause'])
    if (system === 'paused') expect([state, button]).toEqual([state, 'listen'])
    if (system === 'none') expect([state, button]).not.toEqual([state, 'pause'])
  }
})

test('while one waits in line, there is music to pause, or nothing', () => {
  expect([systemStateOf('waiting', true), systemStateOf('waiting', false)]).toEqual(['playing', 'none'])
})
