import { expect, test } from 'bun:test'
import { PROBLEM_STATES } from '../../../core/count/problems.ts'
import { buttonOf, type PageState } from '../page-state.ts'
import { systemStateOf } from './system-state.ts'

// The faces of the page have two lists, the one that reports are checked by and the one of the page itself: the types
// make sure here that they are the same.
const states: readonly PageState[] = PROBLEM_STATES
const everyFace = (state: PageState): (typeof PROBLEM_STATES)[number] => state

test('the lock screen says what the page’s own button says, whatever face the page has', () => {
  for (const state of states.map(everyFace).filter((state) => state !== 'waiting')) {
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
