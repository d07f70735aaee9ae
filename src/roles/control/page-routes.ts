// The pages of the studio door. Edges serve the public ones; here is what only people with a seat, or the operator,
// look at. Both are the same for everyone until a secret is exchanged, so they say nothing that is not public.

import type { Context } from 'hono'
import { hasCode, MimbarError } from '../../base/errors.ts'
import { parseSpaceId } from '../../base/ids.ts'
import type { StagePageData } from '../../core/api/api.ts'
import { doorWords } from '../../core/page/door-words.ts'
import { fillPage, type PageSet } from '../../core/page/page.ts'
import { type ChosenPages, PageLanguages, VARY_LANGUAGE } from '../../core/page/page-languages.ts'
import { originsOf } from './origins.ts'
import { type ControlApp, type ControlParts, publicSpace } from './parts.ts'
import type { ControlEnv } from './request.ts'

/** A year: the path of an asset carries a hash of its content. */
const FOREVER = 'public, max-age=31536000, immutable'

export function addPageRoutes(app: ControlApp, parts: ControlParts): void {
  const { pages, spaces, clock, publicUrl } = parts
  const languages = new PageLanguages(pages)
  const chosenBy = ({ req }: Context<ControlEnv>) =>
    languages.choose(req.query('lang') ?? null, req.header('accept-language') ?? null)

  // The listening page shows the stage inside itself to who was called up (decision 0022); no other page may.
  const listeners = [...originsOf([publicUrl])].filter((origin) => !origin.includes('['))

  app.get('/', (c) => c.redirect('/operator'))

  app.get('/operator', (c) => {
    const chosen = chosenBy(c)
    return page(c, chosen, 'operator', 'microphone=()', {
      title: chosen.say(doorWords.operatorTitle),
      description: chosen.say(doorWords.operatorDescription),
      data: { publicUrl, nowMs: clock.wall() },
    })
  })

  app.get('/s/:space/stage', (c) => {
    const chosen = chosenBy(c)
    try {
      const space = publicSpace(parts, spaces.get(parseSpaceId(c.req.param('space'))))
      const data: StagePageData = {
        space,
        publicUrl,
        nowMs: clock.wall(),
        framedBy: listeners,
        ...(isForeignFrame(c.req.raw.headers) ? { cookiesBlocked: true } : {}),
      }
      const description = chosen.say(doorWords.stageDescription)
      const response = page(c, chosen, 'stage', 'microphone=(self)', {
        title: space.title,
        description,
        data,
      })
      return allowFrames(response, listeners)
    } catch (error) {
      // A person typed or followed this: a sentence, not a problem document.
      if (!hasCode(error, 'not-found') && !hasCode(error, 'bad-request')) throw error
      return c.text(`${chosen.say(doorWords.noSuchStage)}\n`, 404)
    }
  })

  app.get('/s/:space', (c) => {
    const space = parseSpaceId(c.req.param('space'))
    return c.redirect(`${publicUrl}/s/${space}`)
  })

  app.get('/assets/*', (c) => {
    const asset = pages.assets.get(c.req.path)
    if (asset === undefined) throw new MimbarError('not-found', 'There is no such file.')
    return c.body(asset.body as Uint8Array<ArrayBuffer>, 200, {
      'content-type': asset.contentType,
      'cache-control': FOREVER,
    })
  })
}

function page(
  c: Context<ControlEnv>,
  chosen: ChosenPages,
  name: keyof PageSet,
  permissions: string,
  content: Parameters<typeof fillPage>[1],
): Response {
  const template = chosen.pages[name]
  return c.html(fillPage(template, content), 200, {
    'content-language': chosen.tag,
    vary: VARY_LANGUAGE,
    'content-security-policy': withoutFrames(template.contentSecurityPolicy),
    'permissions-policy': `${permissions}, camera=(), geolocation=()`,
    'x-frame-options': 'DENY',
  })
}

/** Lets pages of `origins` show this one inside theirs. `X-Frame-Options` knows no list, and would forbid it. */
function allowFrames(response: Response, origins: readonly string[]): Response {
  const policy = response.headers.get('content-security-policy') ?? ''
  const allowed = policy.replace(/frame-ancestors [^;]*/, `frame-ancestors ${origins.join(' ')}`)
  response.headers.set('content-security-policy', allowed)
  response.headers.delete('x-frame-options')
  return response
}

/** True in a frame of another site's page: browsers send no cookie of ours from there, so no seat can be held. */
function isForeignFrame(headers: Headers): boolean {
  return headers.get('sec-fetch-dest') === 'iframe' && headers.get('sec-fetch-site') === 'cross-site'
}

/** Nobody may show our pages inside theirs, whatever else the template allows. */
function withoutFrames(policy: string): string {
  return policy.includes('frame-ancestors') ? policy : `${policy}; frame-ancestors 'none'`
}
