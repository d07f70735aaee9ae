// Who hears us: the one thing that everybody on stage must never be wrong about.

import type { StageView } from '../../core/api/api.ts'
import { BackstageIcon, OnAirIcon, StandingInIcon } from '../parts/icons.tsx'
import { words } from './messages.en.ts'

export type Air = keyof typeof words.air

/** As the stage observes it: a program that the standby's slate covers is not on air. */
export function airOf(view: StageView | undefined): Air {
  if (view === undefined) return 'waiting'
  if (view.space.phase === 'live') return view.stage?.slate === false ? 'live' : 'standingIn'
  return view.stage === undefined ? 'waiting' : 'backstage'
}

export function AirBanner({ air }: { readonly air: Air }) {
  const text = words.air[air]
  return (
    <p class={`air ${air}`} id="air" data-air={air}>
      {air === 'live' ? <OnAirIcon /> : air === 'standingIn' ? <StandingInIcon /> : <BackstageIcon />}
      <strong>{text.word}</strong>
      <span>{text.body}</span>
    </p>
  )
}
