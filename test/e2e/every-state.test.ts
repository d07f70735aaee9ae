// Every page in every state that people can get it into: pictures to be looked at in `test-artefacts/states/`, and no
// state that axe finds fault with (WCAG 2.2 A and AA, best practices), that is too wide or cut off down to 320 px, that
// moves for who wants nothing to move, or that has something too small for a finger.

import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import type { CreatedSpace } from '../../src/core/api/api.ts'
import { messages } from '../../src/web/listen/messages.en.ts'
import { startLooking } from '../harness/look.ts'
import { type House, LISTENERS_MAX } from './states/house.ts'
import { beforeTheStart, beginRiver, onTheAir, withoutSound } from './states/listening.ts'
import { operatorAndHome } from './states/operator.ts'
import { beforeTheStage, onTheStage } from './states/stage.ts'
import { startStudioBed } from './studio/studio-bed.ts'

setDefaultTimeout(240_000)
let house: House
let river: CreatedSpace['links']

beforeAll(async () => {
  const bed = await startStudioBed({
    flags: ['--listeners-max', String(LISTENERS_MAX)],
    switches: ['--autoplay-policy=document-user-activation-required'],
  })
  house = { bed, ...startLooking() }
  river = await beginRiver(house)
})
afterAll(async () => {
  await house?.bed.stop()
})

/** Faults of what was looked at meanwhile. */
async function without(flow: (house: House) => Promise<void>): Promise<void> {
  const before = house.faults.length
  try {
    await flow(house)
  } finally {
    await house.bed.clear()
  }
  expect(house.faults.slice(before)).toEqual([])
}

test('the listening page before the start', () => without(beforeTheStart))
test('the listening page where there is nothing to hear', () => without(withoutSound))
test('the listening page on the air, on a bad network, and in the replay', () =>
  without((at) => onTheAir(at, river)))
test('the stage page on the way to the stage', () => without(beforeTheStage))
test('the stage page on stage', () => without(onTheStage))
test('the operator page, the home page, and pages that only say something', () => without(operatorAndHome))

test('no state of the listening page was left out', () => {
  const states = Object.keys(messages.headline)
  expect(states.filter((state) => !house.names.includes(`listen/${state}`))).toEqual([])
})
