// The card of a space, for the edges, which keep it for everyone; and for who asks the studio door.

import { parseSpaceId } from '../../../base/ids.ts'
import { linkCardOf } from '../../../core/card/link-card.ts'
import type { ControlApp, ControlParts } from '../parts.ts'

/** Those who fetch previews come back rarely; a changed card has another address (`?v=`). */
const CARD_CACHE = 'public, max-age=300'

export function addCardRoutes(app: ControlApp, { spaces, cards, publicUrl }: ControlParts): void {
  const { host } = new URL(publicUrl)

  app.get('/s/:space/card.png', async (c) => {
    const { facts } = spaces.get(parseSpaceId(c.req.param('space')))
    const png = await cards.get(linkCardOf(facts, host))
    return c.body(png, 200, { 'content-type': 'image/png', 'cache-control': CARD_CACHE })
  })
}
