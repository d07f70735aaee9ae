// What goes with a space's link: the event for a calendar, made here; the card, which control draws; and the picture,
// which control has. An edge keeps them for everyone, so that a link that spreads costs control one question from each.

import { encodeUtf8 } from '../../../base/bytes.ts'
import type { Clock } from '../../../base/clock.ts'
import { MimbarError } from '../../../base/errors.ts'
import { calendarOf } from '../../../core/announcement/calendar.ts'
import { contentTypeOf } from '../../../core/announcement/picture.ts'
import { linkCardOf } from '../../../core/card/link-card.ts'
import type { SpaceFacts } from '../../../core/space/facts.ts'
import { bytesResponse, CACHE, etagOf } from '../answers.ts'
import {
  CARD_CACHE_ENTRIES_MAX,
  CARD_CACHE_MS,
  CARD_CONCURRENT_MAX,
  CARD_WAITING_MAX,
  PICTURE_CACHE_ENTRIES_MAX,
} from '../limits.ts'
import { RecentCache } from '../recent-cache.ts'
import { Turnstile } from '../turnstile.ts'
import type { ControlProxy } from './control-proxy.ts'

const NOSNIFF = { 'X-Content-Type-Options': 'nosniff' }

export interface AnnouncementDoorOptions {
  readonly proxy: ControlProxy
  /** How people reach this door; without a trailing slash. */
  readonly publicUrl: string
  readonly clock: Clock
}

export class AnnouncementDoor {
  readonly #options: AnnouncementDoorOptions
  readonly #cards: RecentCache<Kept>
  readonly #pictures: RecentCache<Kept>
  readonly #turns = new Turnstile({
    what: 'Control',
    concurrentMax: CARD_CONCURRENT_MAX,
    waitingMax: CARD_WAITING_MAX,
  })

  constructor(options: AnnouncementDoorOptions) {
    this.#options = options
    const { clock } = options
    this.#cards = new RecentCache({ entriesMax: CARD_CACHE_ENTRIES_MAX, keptMs: CARD_CACHE_MS, clock })
    this.#pictures = new RecentCache({
      entriesMax: PICTURE_CACHE_ENTRIES_MAX,
      keptMs: CARD_CACHE_MS,
      clock,
    })
  }

  /** `GET /s/:space/calendar.ics`; `not-found` for a space without a planned time. */
  calendar(request: Request, facts: SpaceFacts): Response {
    const { publicUrl, clock } = this.#options
    const listenUrl = listenUrlOf(facts, publicUrl)
    const { hostname: host } = new URL(publicUrl)
    const body = encodeUtf8(calendarOf(facts, { listenUrl, host, madeAtMs: clock.wall() }))
    return bytesResponse(request, {
      body,
      contentType: 'text/calendar; charset=utf-8',
      cacheControl: CACHE.calendar,
      etag: etagOf(body),
      headers: { ...NOSNIFF, 'Content-Disposition': `inline; filename="${facts.id}.ics"` },
    })
  }

  /** `GET /s/:space/card.png`; `unavailable` while control does not draw. */
  async card(request: Request, facts: SpaceFacts, clientAddress: string): Promise<Response> {
    const version = cardVersion(facts)
    const { body, etag } = await this.#cards.get(`${facts.id} ${version}`, () =>
      this.#ask(`/s/${facts.id}/card.png`, clientAddress),
    )
    return bytesResponse(request, {
      body,
      contentType: 'image/png',
      cacheControl: CACHE.card,
      etag,
      headers: NOSNIFF,
    })
  }

  /** `GET /s/:space/picture/:name`; `not-found` for another than the one that is announced now. */
  async picture(
    request: Request,
    { id, picture }: SpaceFacts,
    name: string | undefined,
    clientAddress: string,
  ): Promise<Response> {
    const contentType = contentTypeOf(name)
    if (name !== picture) throw new MimbarError('not-found', 'There is no such picture.')
    const path = `/s/${id}/picture/${name}`
    const { body, etag } = await this.#pictures.get(path, () => this.#ask(path, clientAddress))
    return bytesResponse(request, {
      body,
      contentType,
      cacheControl: CACHE.immutable,
      etag,
      headers: NOSNIFF,
    })
  }

  async #ask(path: string, clientAddress: string): Promise<Kept> {
    const { status, body } = await this.#turns.pass(() => this.#options.proxy.ask(path, clientAddress))
    // Not kept: what is missing now may be there in a moment.
    if (status === 404) throw new MimbarError('not-found', 'There is no such picture.')
    if (status !== 200) throw new MimbarError('unavailable', 'This picture cannot be had right now.')
    return { body, etag: etagOf(body) }
  }
}

interface Kept {
  readonly body: Uint8Array
  readonly etag: string
}

/** The listening page's address, as people pass it on. */
export function listenUrlOf({ id }: SpaceFacts, publicUrl: string): string {
  return `${publicUrl}/s/${id}`
}

/** The card's address. What the card says is in it as a hash, so that a preview made before a change is not shown after. */
export function cardUrlOf(facts: SpaceFacts, publicUrl: string): string {
  return `${publicUrl}/s/${facts.id}/card.png?v=${cardVersion(facts)}`
}

function cardVersion(facts: SpaceFacts): string {
  return Bun.hash(JSON.stringify(linkCardOf(facts, ''))).toString(36)
}
