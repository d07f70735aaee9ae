// What every flow of states stands on: one Mimbar, one browser under the autoplay policy that people's browsers have,
// and somebody who looks.

import type { Page } from 'playwright-core'
import { parseSpaceId } from '../../../src/base/ids.ts'
import type { CreatedSpace } from '../../../src/core/api/api.ts'
import { type SyntheticSpeaker, startSyntheticSpeaker } from '../../../src/rehearsal/speaker.ts'
import { loadVoice } from '../../../src/rehearsal/voice.ts'
import type { Looks } from '../../harness/look.ts'
import { secretOf, VOICE_FILES } from '../../harness/on-air.ts'
import { until } from '../../harness/until.ts'
import type { StudioBed } from '../studio/studio-bed.ts'

/** More than any flow needs at once, and few enough to fill. */
export const LISTENERS_MAX = 4
export const PATIENCE_MS = 40_000

export interface House extends Looks {
  readonly bed: StudioBed
}

/** As the operator, about a space; fails unless it worked. */
export async function command(
  { bed }: House,
  method: string,
  space: string,
  path = '',
  body?: unknown,
): Promise<void> {
  const answer = await fetch(`${bed.mimbar.studioUrl}/api/v1/spaces/${space}${path}`, {
    method,
    headers: { authorization: `Bearer ${bed.mimbar.operatorSecret}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  if (!answer.ok) throw new Error(`${method} ${space}${path}: ${answer.status} ${await answer.text()}`)
}

/** A synthetic person on a stage, by the front door. */
export async function seat(
  { bed }: House,
  space: string,
  link: string,
  name: 'ana' | 'budi',
): Promise<SyntheticSpeaker> {
  return await startSyntheticSpeaker({
    studioUrl: bed.mimbar.studioUrl,
    space: parseSpaceId(space),
    name: name === 'ana' ? 'Ana' : 'Budi Santoso',
    voice: await loadVoice(VOICE_FILES[name]),
    entry: { secret: secretOf(link) },
    log: () => {},
  })
}

/** Opens a listening page on a phone, once the edge knows the space; `before` that, and by way of `port`. */
export async function openListening(
  { bed }: House,
  links: CreatedSpace['links'],
  before: (page: Page) => Promise<unknown> = async () => {},
  port = new URL(links.listen).port as string | number,
): Promise<Page> {
  const page = await bed.person({ width: 390 })
  await before(page)
  await until('the edge knows the space', async () => (await fetch(links.listen)).status === 200, PATIENCE_MS)
  const address = new URL(links.listen)
  address.port = String(port)
  await page.goto(address.href)
  return page
}

/** Waits until the page is one of `states`, and tells which. */
export async function untilOneOf(page: Page, states: readonly string[]): Promise<string> {
  const seen = new Set<string | null>()
  const look = async () => {
    const state = await page.getAttribute('html', 'data-state')
    seen.add(state)
    return states.find((wanted) => wanted === state)
  }
  try {
    return await until(`the page is ${states.join(' or ')}`, look, PATIENCE_MS)
  } catch (error) {
    throw new Error(`${(error as Error).message}; it was ${[...seen].join(', ')}`)
  }
}

/** Waits for a state, and looks at it. */
export async function lookAt(house: House, page: Page, state: string, name = state): Promise<void> {
  await untilOneOf(page, [state])
  await house.look(page, `listen/${name}`)
}
