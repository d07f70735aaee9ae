// Who is calling: the operator, or somebody with a seat. Secrets come as Bearer tokens or as cookies and are compared
// with hashes; nothing here, and no error, ever says one.

import type { Clock } from '../../base/clock.ts'
import { MimbarError } from '../../base/errors.ts'
import type { SeatId, SpaceId } from '../../base/ids.ts'
import { AttemptLimit, SECRET_ATTEMPTS } from '../../core/attempts/attempt-limit.ts'
import { strongerRole } from '../../core/seat/rights.ts'
import { runsRoom, SEAT_ROLES, type SeatRole } from '../../core/seat/roles.ts'
import type { SeatFacts } from '../../core/space/facts.ts'
import { credentialsOf } from './request.ts'
import { hashSecret, isSecret, type SecretStore } from './secrets.ts'
import type { SpaceRecord } from './space-store.ts'

export const OPERATOR_COOKIE = 'mimbar_operator'
const SEAT_COOKIE = 'mimbar_seat_'
/** Browsers forget a seat or a session after this long; the link opens it again. */
export const COOKIE_MAX_AGE_S = 30 * 24 * 3600

/** Name of the cookie that holds the token of a seat. */
export const seatCookie = (seat: SeatId): string => `${SEAT_COOKIE}${seat}`

/** A person with a seat, and the token they showed for it. */
export interface SeatCaller {
  readonly seat: SeatFacts
  readonly token: string
}

export interface CallersOptions {
  readonly secrets: SecretStore
  readonly clock: Clock
  /** A token that this machine's own tools read from the run folder. */
  readonly localToken: string
}

/** Answers who sent a request. Failed secrets are counted by address; see `SECRET_ATTEMPTS`. */
export class Callers {
  readonly #secrets: SecretStore
  readonly #clock: Clock
  readonly #localTokenHash: Uint8Array
  readonly #attempts = new AttemptLimit(SECRET_ATTEMPTS)

  constructor(options: CallersOptions) {
    this.#secrets = options.secrets
    this.#clock = options.clock
    this.#localTokenHash = hashSecret(options.localToken)
  }

  /** After how many ms a wrong secret from this address is looked at again; 0 while it has failures to spare. */
  waitMs(address: string): number {
    return this.#attempts.waitMs(address, this.#clock.now())
  }

  /**
   * Counts a secret from this address that opened nothing, and throws: `unauthorized` with `words`, or `too-many`
   * once there were too many. Called after the secret was looked at: one that is right always passes, or whoever
   * shares an address with a host could keep the host out.
   */
  refuse(address: string, words: string): never {
    if (this.waitMs(address) > 0) {
      throw new MimbarError('too-many', 'Too many secrets from your address opened nothing; wait a little.')
    }
    this.#attempts.failed(address, this.#clock.now())
    throw new MimbarError('unauthorized', words)
  }

  /** True when the request carries the operator's secret, session, or this machine's token. */
  isOperator(headers: Headers): boolean {
    const credentials = credentialsOf(headers)
    if (credentials.kind === 'bearer') return this.isOperatorSecret(credentials.secret)
    const session = credentials.cookies.get(OPERATOR_COOKIE)
    return (
      session !== undefined &&
      this.#secrets.isValid(session, { kind: 'operator-session' }, this.#clock.wall())
    )
  }

  /** True for the operator's secret and this machine's token. */
  isOperatorSecret(secret: string): boolean {
    return (
      isSecret(secret, this.#localTokenHash) ||
      this.#secrets.isValid(secret, { kind: 'operator' }, this.#clock.wall())
    )
  }

  /** Throws as {@link refuse} does unless {@link isOperator}. */
  requireOperator(headers: Headers, address: string): void {
    if (this.isOperator(headers)) return
    this.#refuseUnproven(headers, address, "This needs the operator: open the operator's link first.")
  }

  /** The seat in `space` that the request holds, `wanted` if it names one; undefined when it holds none. */
  findSeat(headers: Headers, space: SpaceRecord, wanted?: SeatId): SeatCaller | undefined {
    return this.seatsHeld(headers, space, wanted)[0]
  }

  /** The seat that the request holds; throws as {@link refuse} does when it holds none. */
  requireSeat(headers: Headers, address: string, space: SpaceRecord, wanted?: SeatId): SeatCaller {
    const caller = this.findSeat(headers, space, wanted)
    if (caller !== undefined) return caller
    this.#refuseUnproven(headers, address, 'This needs a seat in this space: open the link you were given.')
  }

  /** True when the request holds a seat that runs the room of `space`. */
  runsRoom(headers: Headers, space: SpaceRecord): boolean {
    return this.seatsHeld(headers, space).some(({ seat }) => runsRoom(space.facts, seat))
  }

  /**
   * The strongest role with which the request runs the room of `space`: `speaker` is one who holds it for the host.
   * Undefined when it does not run it.
   */
  runningRole(headers: Headers, space: SpaceRecord): SeatRole | undefined {
    return this.seatsHeld(headers, space)
      .filter(({ seat }) => runsRoom(space.facts, seat))
      .map(({ seat }) => seat.role)
      .reduce<SeatRole | undefined>(
        (best, role) => (best === undefined ? role : strongerRole(best, role)),
        undefined,
      )
  }

  /** Throws as {@link refuse} does without a seat, and `forbidden` unless the request runs the room. */
  requireRunningRole(headers: Headers, address: string, space: SpaceRecord): SeatRole {
    this.requireSeat(headers, address, space)
    const role = this.runningRole(headers, space)
    if (role !== undefined) return role
    throw new MimbarError('forbidden', 'Only those who run the room can do this.')
  }

  /** What this secret makes of a person in `space`; `gone` when its link was made anew. */
  linkKind(secret: string, space: SpaceId): SeatRole | undefined {
    const kinds = SEAT_ROLES
    const kind = kinds.find((one) => this.#secrets.isValid(secret, { kind: one, space }, this.#clock.wall()))
    if (kind === undefined && kinds.some((one) => this.#secrets.isRevoked(secret, { kind: one, space }))) {
      throw new MimbarError('gone', 'This link was replaced by a newer one; ask for it.')
    }
    return kind
  }

  /** Every seat in `space` that the request holds, in the order in which they were taken. */
  seatsHeld(headers: Headers, space: SpaceRecord, wanted?: SeatId): readonly SeatCaller[] {
    const credentials = credentialsOf(headers)
    const now = this.#clock.wall()
    const callers: SeatCaller[] = []
    for (const seat of space.facts.seats) {
      if (wanted !== undefined && seat.id !== wanted) continue
      const token =
        credentials.kind === 'bearer' ? credentials.secret : credentials.cookies.get(seatCookie(seat.id))
      const owner = { kind: 'seat', space: space.facts.id, seat: seat.id } as const
      if (token !== undefined && this.#secrets.isValid(token, owner, now)) callers.push({ seat, token })
    }
    return callers
  }

  /** A cookie that is no longer good is everyday; a Bearer token that is not is a guess. */
  #refuseUnproven(headers: Headers, address: string, words: string): never {
    if (headers.has('authorization')) this.refuse(address, words)
    throw new MimbarError('unauthorized', words)
  }
}
