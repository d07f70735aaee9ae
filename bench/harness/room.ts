// A room with a server of its own, for `against-janus.ts`: whoever it is that mixes, people come in by an offer.

import type { SeatId } from '../../src/base/ids.ts'
import { sequence } from '../../src/base/units.ts'
import type { OfferAnswer } from '../../src/roles/stage/door.ts'
import { House, SPACE } from '../../test/stage/house.ts'
import { postOffer } from '../../test/stage/speaker.ts'
import { speakerSeats } from './speaker-seats.ts'
import type { Exchange } from './talkers.ts'

/** Call `stop` at the end. */
export interface Room {
  /** Of the process that mixes, and of nothing else. */
  readonly pid: number
  exchange(talker: number): Exchange
  stop(): Promise<void>
}

/** A stage process as it runs, with a live space. The log that it appends to is in this process, as it is in another than the stage's. */
export async function openStage(people: number): Promise<Room> {
  const seats = speakerSeats(people)
  const house = await House.open({ phase: 'live', programStart: sequence(0), seats })
  const pid = await house.spawnStage('stage-0')
  const socketPath = house.socketPath('stage-0')
  return {
    pid,
    exchange: (talker) => async (offer) => {
      const response = await postOffer(socketPath, SPACE, seats[talker]?.id as SeatId, offer)
      if (response.status !== 201) {
        throw new Error(`offer refused: ${response.status} ${await response.text()}`)
      }
      return ((await response.json()) as OfferAnswer).sdp
    },
    stop: () => house.close(),
  }
}
