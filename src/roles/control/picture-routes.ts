// The picture of an announcement: put there by who runs the room or the operator, and read by edges for everyone.

import { createHash } from 'node:crypto'
import { createRoute, z } from '@hono/zod-openapi'
import { MimbarError } from '../../base/errors.ts'
import { parseSpaceId, type SpaceId } from '../../base/ids.ts'
import { contentTypeOf, namePicture, PICTURE_BYTES_MAX } from '../../core/announcement/picture.ts'
import { type ControlApp, type ControlParts, publicSpace } from './parts.ts'
import type { StoredPicture } from './picture-store.ts'
import { readBytes } from './request.ts'
import { byHostOrOperator, json, problems, spaceParams } from './route-words.ts'
import { publicSpaceSchema } from './schemas.ts'
import { requireHostOrOperator } from './space-routes.ts'

const path = '/api/v1/spaces/{space}/picture'
/** A year: its address is its content. */
const FOREVER = 'public, max-age=31536000, immutable'

const file = { schema: z.string().openapi({ format: 'binary', maxLength: PICTURE_BYTES_MAX }) }
const put = createRoute({
  ...byHostOrOperator,
  method: 'put',
  path,
  summary: 'Sets the picture that is announced; what it is, its first bytes say',
  request: {
    params: spaceParams,
    body: { content: { 'image/png': file, 'image/jpeg': file, 'image/webp': file } },
  },
  responses: { 200: json('The space', publicSpaceSchema), ...problems },
})
const remove = createRoute({
  ...byHostOrOperator,
  method: 'delete',
  path,
  summary: 'Takes the picture away',
  request: { params: spaceParams },
  responses: { 200: json('The space', publicSpaceSchema), ...problems },
})

/** A request whose body is read by its own route, as bytes. */
export function isUpload(method: string, requestPath: string): boolean {
  return method === 'PUT' && /^\/api\/v1\/spaces\/[^/]+\/picture$/.test(requestPath)
}

export function addPictureRoutes(app: ControlApp, parts: ControlParts): void {
  const { spaces, clock, patience } = parts

  const keep = async (space: SpaceId, picture: StoredPicture | undefined) => {
    await spaces.change<StoredPicture | undefined>(space, (record) => {
      const { picture: _, ...facts } = record.facts
      const { pictures } = spaces
      return {
        record: { ...record, facts: picture === undefined ? facts : { ...facts, picture: picture.name } },
        alongside: () => {
          const before = pictures.load(space)
          pictures.save(space, picture)
          return before
        },
        undo: (before) => pictures.save(space, before),
      }
    })
    return publicSpace(parts, spaces.get(space))
  }

  app.openapi(put, async (c) => {
    const { space } = c.req.valid('param')
    requireHostOrOperator(parts, c.req.raw.headers, spaces.get(space))
    const bytes = await readBytes(c.req.raw, {
      clock,
      bytesMax: PICTURE_BYTES_MAX,
      patienceMs: patience.bodyMs,
    })
    const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 32)
    return c.json(await keep(space, { name: namePicture(bytes, hash), bytes }), 200)
  })

  app.openapi(remove, async (c) => {
    const { space } = c.req.valid('param')
    requireHostOrOperator(parts, c.req.raw.headers, spaces.get(space))
    return c.json(await keep(space, undefined), 200)
  })

  app.get('/s/:space/picture/:name', (c) => {
    const space = parseSpaceId(c.req.param('space'))
    const picture = spaces.pictures.load(space)
    if (picture === undefined || picture.name !== c.req.param('name')) {
      throw new MimbarError('not-found', 'There is no such picture.')
    }
    return c.body(picture.bytes, 200, {
      'content-type': contentTypeOf(picture.name),
      'cache-control': FOREVER,
    })
  })
}
