// Pages, filled from memory: a listening page costs a lookup, whatever control and the database are doing. Each is
// filled and compressed at most once a second in each language.

import { brotliCompressSync, constants } from 'node:zlib'
import { encodeUtf8 } from '../../../base/bytes.ts'
import type { Clock } from '../../../base/clock.ts'
import { spellMoment } from '../../../core/announcement/moment.ts'
import type { ListenPageData, PublicSpace } from '../../../core/api/api.ts'
import { CARD_HEIGHT, CARD_WIDTH } from '../../../core/card/link-card.ts'
import { aboutHtml, announcedHtml } from '../../../core/page/announcement-html.ts'
import { doorWords } from '../../../core/page/door-words.ts'
import { inOneLine, type LinkPreview } from '../../../core/page/link-preview.ts'
import { noScriptHtml } from '../../../core/page/no-script-html.ts'
import { fillPage, type PageAsset, type Pages, type PageTemplate } from '../../../core/page/page.ts'
import { type ChosenPages, PageLanguages, VARY_LANGUAGE } from '../../../core/page/page-languages.ts'
import { isOnAir } from '../../../core/seat/air.ts'
import type { SpaceFacts } from '../../../core/space/facts.ts'
import { listSpaces, publicSpaceOf } from '../../../core/space/public-space.ts'
import { asBody, bytesResponse, CACHE, type Encoding, encodingFor, etagOf } from '../answers.ts'
import { PAGE_CACHE_ENTRIES_MAX, PAGE_CACHE_MS } from '../limits.ts'
import { cardUrlOf, listenUrlOf } from './announcement-door.ts'

const HTML = 'text/html; charset=utf-8'
/** A page may be shown from a cache while it is this fresh; what changes, the stream tells. */
const PAGE_CACHE_CONTROL = 'public, max-age=1'

const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'strict-origin-when-cross-origin',
  // But for the listening page, which says who else may.
  'Permissions-Policy': 'microphone=(), camera=(), geolocation=()',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'X-Frame-Options': 'SAMEORIGIN',
}

/** Bytes in every encoding that was asked for so far. */
type Encoded = Map<Encoding, { readonly bytes: Uint8Array; readonly etag: string }>

interface FilledPage {
  readonly filledAt: number
  readonly state: string
  readonly encoded: Encoded
}

interface WhichPage {
  readonly chosen: ChosenPages
  readonly key: string
  /** What a cached page must not be wrong about. */
  readonly state: string
  readonly template: PageTemplate
  /** Of this page alone. */
  readonly headers?: Readonly<Record<string, string>>
}

export interface PageDoorOptions {
  readonly pages: Pages
  readonly studioUrl: string
  /** How people reach this door; without a trailing slash. */
  readonly publicUrl: string
  readonly clock: Clock
  /** All listeners of a space, over all edges. */
  readonly listenersOf: (facts: SpaceFacts) => number
  readonly spaces: () => Iterable<SpaceFacts>
}

export class PageDoor {
  readonly #options: PageDoorOptions
  readonly #languages: PageLanguages
  readonly #filled = new Map<string, FilledPage>()
  readonly #assets = new Map<string, Encoded>()

  readonly #studioOrigin: string

  constructor(options: PageDoorOptions) {
    this.#options = options
    this.#languages = new PageLanguages(options.pages)
    this.#studioOrigin = new URL(options.studioUrl).origin
  }

  /** What anyone may know of the space. */
  publicSpace(facts: SpaceFacts): PublicSpace {
    return publicSpaceOf(facts, { listeners: this.#options.listenersOf(facts) })
  }

  home(request: Request): Response {
    const chosen = this.#chosenBy(request)
    return this.#page(request, { chosen, key: '', state: '', template: chosen.pages.home }, () => {
      const spaces = [...this.#options.spaces()].map((facts) => this.publicSpace(facts))
      return fillPage(chosen.pages.home, {
        title: 'Mimbar',
        description: chosen.say(doorWords.homeDescription),
        data: {
          spaces: listSpaces(spaces),
          studioUrl: this.#options.studioUrl,
          nowMs: this.#options.clock.wall(),
        },
      })
    })
  }

  listen(request: Request, facts: SpaceFacts): Response {
    const chosen = this.#chosenBy(request)
    const { listen } = chosen.pages
    // The stage may open inside the page, with the microphone that its own green room asks for; nobody else may.
    const template = {
      ...listen,
      contentSecurityPolicy: `${listen.contentSecurityPolicy}; frame-src ${this.#studioOrigin}`,
    }
    // All of these are what a cached page must not be wrong about.
    const state = `${facts.phase} ${facts.handsOpen === true} ${facts.withheld === true}`
    const headers = {
      'Permissions-Policy': `microphone=(self "${this.#studioOrigin}"), camera=(), geolocation=()`,
    }
    return this.#page(request, { chosen, key: facts.id, state, template, headers }, () => {
      const space = this.publicSpace(facts)
      // The description stands in the page itself.
      const { description: _, ...known } = space
      const data: ListenPageData = {
        space: known,
        seats: seatsShown(facts),
        studioUrl: this.#options.studioUrl,
        nowMs: this.#options.clock.wall(),
      }
      return fillPage(listen, {
        title: space.title,
        description: describe(space, chosen),
        data,
        space: space.id,
        language: facts.language ?? chosen.tag,
        preview: this.#previewOf(facts, chosen),
        pieces: {
          announced: announcedHtml(space, chosen),
          about: aboutHtml(space, chosen),
          plain: noScriptHtml(space, chosen),
        },
      })
    })
  }

  #previewOf(facts: SpaceFacts, { tag }: ChosenPages): LinkPreview {
    const { publicUrl } = this.#options
    return {
      url: listenUrlOf(facts, publicUrl),
      image: {
        url: cardUrlOf(facts, publicUrl),
        width: CARD_WIDTH,
        height: CARD_HEIGHT,
        alt: facts.title,
      },
      language: facts.language ?? tag,
    }
  }

  /** What the numbers mean; the same for everyone, and without a script. */
  count(request: Request): Response {
    const chosen = this.#chosenBy(request)
    const template = chosen.pages.count
    return this.#page(request, { chosen, key: 'about/count', state: '', template }, () =>
      fillPage(template, {
        title: chosen.say(doorWords.countTitle),
        description: chosen.say(doorWords.countDescription),
      }),
    )
  }

  /** The stage is at the studio door. The fragment with the secret stays in the browser and follows by itself. */
  stage(facts: SpaceFacts): Response {
    const location = `${this.#options.studioUrl}/s/${facts.id}/stage`
    return new Response(null, {
      status: 307,
      headers: { Location: location, 'Cache-Control': CACHE.never, 'Referrer-Policy': 'no-referrer' },
    })
  }

  /**
   * A friendly page with an error's status: what is the matter in a few words, and what to do in a sentence; both in
   * English, as `doorWords` has them.
   */
  absent(request: Request, status: number, what: string, sentence: string): Response {
    const { pages, say, tag } = this.#chosenBy(request)
    const { absent } = pages
    const html =
      request.method === 'HEAD' ? null : fillPage(absent, { title: say(what), description: say(sentence) })
    return new Response(html, {
      status,
      headers: {
        ...PAGE_HEADERS,
        'Content-Type': HTML,
        'Content-Language': tag,
        'Content-Security-Policy': absent.contentSecurityPolicy,
        'Cache-Control': CACHE.never,
      },
    })
  }

  /** undefined when there is no such asset. */
  asset(request: Request, path: string): Response | undefined {
    const asset: PageAsset | undefined = this.#options.pages.assets.get(path)
    if (asset === undefined) return undefined
    let encoded = this.#assets.get(path)
    if (encoded === undefined) {
      encoded = new Map()
      this.#assets.set(path, encoded)
    }
    return encodedResponse(request, encoded, () => asset.body, asset.contentType, {
      'Cache-Control': CACHE.immutable,
      'X-Content-Type-Options': 'nosniff',
    })
  }

  #chosenBy(request: Request): ChosenPages {
    const asked = request.url.includes('lang=')
      ? new URL(request.url, 'http://localhost').searchParams.get('lang')
      : null
    return this.#languages.choose(asked, request.headers.get('Accept-Language'))
  }

  #page(request: Request, which: WhichPage, fill: () => string): Response {
    const now = this.#options.clock.now()
    const { chosen, state, template } = which
    const key = `${chosen.tag} ${which.key}`
    let page = this.#filled.get(key)
    if (page === undefined || page.state !== state || now - page.filledAt >= PAGE_CACHE_MS) {
      const bytes = encodeUtf8(fill())
      page = {
        filledAt: now,
        state,
        encoded: new Map([['identity', { bytes, etag: etagOf(bytes) }]]),
      }
      this.#filled.delete(key)
      this.#filled.set(key, page)
      if (this.#filled.size > PAGE_CACHE_ENTRIES_MAX) {
        this.#filled.delete(this.#filled.keys().next().value as string)
      }
    }
    const { encoded } = page
    return encodedResponse(request, encoded, () => encoded.get('identity')?.bytes as Uint8Array, HTML, {
      ...PAGE_HEADERS,
      'Content-Language': chosen.tag,
      Vary: `Accept-Encoding, ${VARY_LANGUAGE}`,
      ...which.headers,
      'Cache-Control': PAGE_CACHE_CONTROL,
      'Content-Security-Policy': template.contentSecurityPolicy,
    })
  }
}

function encodedResponse(
  request: Request,
  encoded: Encoded,
  plain: () => Uint8Array,
  contentType: string,
  headers: Readonly<Record<string, string>> & { readonly 'Cache-Control': string },
): Response {
  const encoding = encodingFor(request)
  let variant = encoded.get(encoding)
  if (variant === undefined) {
    const bytes = encode(plain(), encoding)
    variant = { bytes, etag: etagOf(bytes) }
    encoded.set(encoding, variant)
  }
  return bytesResponse(request, {
    body: variant.bytes,
    contentType,
    cacheControl: headers['Cache-Control'],
    etag: variant.etag,
    headers: {
      Vary: 'Accept-Encoding',
      ...headers,
      ...(encoding === 'identity' ? {} : { 'Content-Encoding': encoding }),
    },
  })
}

function encode(bytes: Uint8Array, encoding: Encoding): Uint8Array {
  if (encoding === 'gzip') return Bun.gzipSync(asBody(bytes))
  // Quality 5 is near gzip's cost; the best one takes a hundred times as long for a tenth less.
  if (encoding === 'br') {
    return brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } })
  }
  return bytes
}

function seatsShown({ phase, seats }: SpaceFacts): ListenPageData['seats'] {
  const isOpen = phase === 'lobby' || phase === 'live'
  return isOpen ? seats.filter(isOnAir).map(({ id, name, role }) => ({ id, name, role })) : []
}

/** In the words of who made the space, before the program with its time; without any, what one can do here. */
function describe(space: PublicSpace, { tag, say }: ChosenPages): string {
  const { scheduledAtMs, timeZone, language = tag } = space
  const about = space.description === undefined ? say(standing(space)) : inOneLine(space.description)
  const isAhead = space.phase === 'scheduled' || space.phase === 'lobby'
  if (!isAhead || scheduledAtMs === undefined) return about
  const { date, time, zone } = spellMoment(scheduledAtMs, { language, timeZone })
  return `${date}, ${time} ${zone}. ${about}`
}

function standing(space: PublicSpace): string {
  switch (space.phase) {
    case 'live':
      return doorWords.liveNow
    case 'ended':
      return space.replay ? doorWords.replay : doorWords.ended
    default:
      return doorWords.soon
  }
}
