// What changes who is heard: hold and resume, stepping off air, and where newcomers come in. Each takes one press, as
// each can be taken back by one.

import { CheckBox } from '../../parts/check-box.tsx'
import { BackstageIcon, OnAirIcon, StandingInIcon } from '../../parts/icons.tsx'
import type { StageSession } from '../stage-session.ts'
import type { Air } from './air-banner.tsx'
import { isBackstage } from './air-state.ts'
import { roomWords } from './messages.en.ts'
import type { Person } from './person-card.tsx'

/** In the dock, always in reach of who runs the room. */
export function HoldButton({ session }: { readonly session: StageSession }) {
  const space = session.view.value?.space
  if (space?.phase !== 'live' || !session.runsRoom.value) return null
  return space.heldSinceMs === undefined ? (
    <button
      type="button"
      id="hold"
      title={roomWords.airControls.holdHint}
      onClick={() => void session.desk.setHeld(true)}
    >
      <StandingInIcon />
      {roomWords.airControls.hold}
    </button>
  ) : (
    <button type="button" id="resume" class="primary" onClick={() => void session.desk.setHeld(false)}>
      <OnAirIcon />
      {roomWords.airControls.resume}
    </button>
  )
}

/** Beside the word that it changes. */
export function OwnAirButton({ session, air }: { readonly session: StageSession; readonly air: Air }) {
  const { id } = session.seat
  if (air === 'live' || air === 'opening') {
    return (
      <button
        type="button"
        id="step-back"
        class="air-button"
        onClick={() => void session.desk.putOnAir(id, false)}
      >
        {roomWords.airControls.stepBack}
      </button>
    )
  }
  if (air !== 'offAir' || !session.runsRoom.value) return null
  return (
    <button
      type="button"
      id="go-on-air"
      class="air-button"
      onClick={() => void session.desk.putOnAir(id, true)}
    >
      {roomWords.airControls.stepForward}
    </button>
  )
}

/** On another person's card, for who runs the room. */
export function AirToggle(props: { readonly person: Person; onPut(onAir: boolean): void }) {
  const { person } = props
  const isOff = isBackstage(person)
  const label = isOff ? roomWords.airControls.putOn(person.name) : roomWords.airControls.takeOff(person.name)
  return (
    <button
      type="button"
      class="round"
      title={label}
      aria-label={label}
      data-puts={isOff ? 'on-air' : 'off-air'}
      onClick={() => props.onPut(isOff)}
    >
      {isOff ? <OnAirIcon /> : <BackstageIcon />}
    </button>
  )
}

/** A setting of the space. */
export function ArrivalsChoice({ session }: { readonly session: StageSession }) {
  const { arrivals } = session.view.value ?? {}
  if (!session.runsRoom.value) return null
  return (
    <div class="arrivals">
      <h2>{roomWords.airControls.arrivals}</h2>
      <CheckBox
        id="arrivals-backstage"
        checked={arrivals === 'backstage'}
        describedBy="arrivals-hint"
        onChange={(waits) => void session.desk.setArrivals(waits ? 'backstage' : 'on-air')}
      >
        {roomWords.airControls.arrivalsChoice}
      </CheckBox>
      <p class="hint" id="arrivals-hint">
        {roomWords.airControls.arrivalsHint}
      </p>
    </div>
  )
}
