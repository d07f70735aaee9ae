// What the tests of control stand on: a control role as it runs, on a real port, with the embedded engine in a
// temporary folder. Holds no test itself.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomPort } from '../../../test/harness/random-port.ts'
import type { Running } from '../../base/lifetime.ts'
import type { CreatedSpace, Seat } from '../../core/api/api.ts'
import type { Pages, PageTemplate } from '../../core/page/page.ts'
import { openEmbeddedEngine } from '../../engine/embedded/engine.ts'
import type { Engine } from '../../engine/ports.ts'
import { type ControlRole, type ControlRoleOptions, startControlRole } from './control-role.ts'

const template = (name: string): PageTemplate => ({
  html: `<!doctype html><head><!--mimbar:head--></head><body data-page="${name}"><!--mimbar:data--></body>`,
  contentSecurityPolicy: "default-src 'self'",
})

/** Pages with the marks of the real ones; what is in them is not control's business. */
export const PAGES: Pages = {
  home: template('home'),
  listen: template('listen'),
  stage: template('stage'),
  operator: template('operator'),
  count: template('count'),
  absent: template('absent'),
  assets: new Map([
    [
      '/assets/player-0a1b2c3d.js',
      {
        path: '/assets/player-0a1b2c3d.js',
        contentType: 'text/javascript',
        body: new TextEncoder().encode('export {}'),
      },
    ],
  ]),
}

export interface Call {
  /** Sent as JSON. */
  readonly json?: unknown
  /** Sent as it is. */
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly bearer?: string
  readonly cookie?: string
  /** Our own door by default; `null` sends none. */
  readonly origin?: string | null
}

export interface Testbed extends Running {
  readonly engine: Engine
  readonly control: ControlRole
  readonly folder: string
  readonly url: string
  readonly socketPath: string
  readonly databasePath: string
  readonly operatorSecret: string
  call(method: string, path: string, call?: Call): Promise<Response>
  /** Calls, expects success, returns the JSON. */
  get<T>(method: string, path: string, call?: Call): Promise<T>
  createSpace(more?: Record<string, unknown>): Promise<CreatedSpace & { host: string; speaker: string }>
  sit(space: string, secret: string, name?: string, call?: Call): Promise<SeatInHand>
}

export interface SeatInHand {
  readonly seat: Seat
  /** For the `Cookie` header. */
  readonly cookie: string
  readonly setCookie: string
}

export const secretOf = (link: string): string => link.split('=')[1] ?? ''

export async function startTestbed(
  more: Partial<ControlRoleOptions> & { readonly folder?: string } = {},
): Promise<Testbed> {
  const folder = more.folder ?? mkdtempSync(join(tmpdir(), 'mimbar-control-'))
  const own =
    more.engine === undefined ? await openEmbeddedEngine({ dataFolder: join(folder, 'engine') }) : undefined
  const engine = more.engine ?? (own as Engine)
  const port = randomPort()
  const url = more.studioUrl ?? `http://127.0.0.1:${port}`
  const socketPath = join(folder, 'control.sock')
  const databasePath = join(folder, 'control.db')
  const control = await startControlRole({
    pages: PAGES,
    host: '127.0.0.1',
    studioPort: port,
    socketPath,
    databasePath,
    publicUrl: 'http://listen.example',
    studioUrl: url,
    runFolder: join(folder, 'run'),
    patience: { engineMs: 400, stageMs: 2_000, bodyMs: 500 },
    ...more,
    engine,
  })
  const operatorSecret = secretOf(control.operatorLink ?? '')

  const call = (method: string, path: string, { json, body, headers, ...rest }: Call = {}) =>
    fetch(new URL(path, url), {
      method,
      redirect: 'manual',
      tls: { rejectUnauthorized: false },
      headers: {
        ...(rest.origin === null ? {} : { origin: rest.origin ?? url }),
        ...(rest.bearer === undefined ? {} : { authorization: `Bearer ${rest.bearer}` }),
        ...(rest.cookie === undefined ? {} : { cookie: rest.cookie }),
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
      ...(body === undefined ? {} : { body }),
    })
  const get = async <T>(method: string, path: string, options?: Call): Promise<T> => {
    const response = await call(method, path, options)
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`)
    return (text === '' ? undefined : JSON.parse(text)) as T
  }
  return {
    engine,
    control,
    folder,
    url,
    socketPath,
    databasePath,
    operatorSecret,
    call,
    get,
    createSpace: async (fields = {}) => {
      const json = { title: 'Night radio', recorded: true, ...fields }
      const created = await get<CreatedSpace>('POST', '/api/v1/spaces', { json, bearer: operatorSecret })
      return { ...created, host: secretOf(created.links.host), speaker: secretOf(created.links.speaker) }
    },
    sit: async (space, secret, name = 'Ana', options = {}) => {
      const response = await call('POST', `/api/v1/spaces/${space}/seats`, {
        json: { secret, name },
        ...options,
      })
      if (response.status !== 201) throw new Error(`no seat: ${response.status} ${await response.text()}`)
      const setCookie = response.headers.get('set-cookie') ?? ''
      return { seat: (await response.json()) as Seat, setCookie, cookie: setCookie.split(';')[0] ?? '' }
    },
    stop: async () => {
      await control.stop()
      await own?.stop()
      if (more.folder === undefined) rmSync(folder, { recursive: true, force: true })
    },
  }
}
