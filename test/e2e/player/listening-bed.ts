// What tests of the listening page share: a browser, a real log with a program of tones, edges that serve it, and a page.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import type { Running } from '../../../src/base/lifetime.ts'
import type { Pages } from '../../../src/core/page/page.ts'
import { openEmbeddedEngine } from '../../../src/engine/embedded/engine.ts'
import type { Engine } from '../../../src/engine/ports.ts'
import { bundlePages, readAssets, readPage } from '../../../src/pages.ts'
import { type EdgeRole, startEdgeRole } from '../../../src/roles/edge/edge-role.ts'
import { launchBrowser } from './listener-page.ts'
import { SPACE, TonesOnAir } from './tones-on-air.ts'

/** `open` and `close` once, `begin` and `end` round each test. */
export class ListeningBed {
  engine!: Engine & Running
  onAir!: TonesOnAir
  edges: EdgeRole[] = []
  page!: Page
  prefersLow = false
  #folder!: string
  #browser!: Browser
  #pages!: Pages
  readonly #errors: string[] = []

  async open(): Promise<void> {
    this.#folder = await mkdtemp(join(tmpdir(), 'mimbar-listening-'))
    const bundled = join(this.#folder, 'pages')
    await bundlePages(bundled, ['home', 'listen'])
    const home = await readPage(bundled, 'home')
    const listen = await readPage(bundled, 'listen')
    const assets = await readAssets(bundled)
    this.#pages = { home, listen, stage: home, operator: home, count: home, absent: home, assets }
    this.#browser = await launchBrowser()
  }

  async close(): Promise<void> {
    await this.#browser?.close()
    await rm(this.#folder, { recursive: true, force: true })
  }

  async begin(): Promise<void> {
    this.engine = await openEmbeddedEngine({ dataFolder: await mkdtemp(join(this.#folder, 'data-')) })
    this.onAir = new TonesOnAir(this.engine)
    await this.onAir.announce()
    this.edges = [await this.startEdge('edge-0', 0)]
    await this.newPage()
  }

  /** Answers what went wrong inside pages. */
  async end(): Promise<readonly string[]> {
    await this.page.context().close()
    await this.onAir.stop()
    await Promise.all(this.edges.map((edge) => edge.stop()))
    await this.engine.stop()
    return this.#errors.splice(0)
  }

  /** Where edges look for control; nobody is there unless a test is. */
  get controlSocket(): string {
    return join(this.#folder, 'no-control.sock')
  }

  /** `port`: 0 for any. */
  startEdge(edgeId: string, port: number): Promise<EdgeRole> {
    return startEdgeRole({
      engine: this.engine,
      pages: this.#pages,
      host: '127.0.0.1',
      reusePort: true,
      studioUrl: 'http://127.0.0.1:1',
      edgeId,
      port: port === 0 ? 12_000 + Math.floor(Math.random() * 18_000) : port,
      controlSocket: this.controlSocket,
      flushMs: 200,
      prefersLow: () => this.prefersLow,
      log: () => {},
    })
  }

  /** Another browser's page in the place of the one before. */
  async newPage(options: BrowserContextOptions = {}): Promise<Page> {
    await this.page?.context().close()
    this.page = await (await this.#browser.newContext(options)).newPage()
    this.page.on('pageerror', (error) => this.#errors.push(String(error)))
    return this.page
  }

  /** The listening page, once the edge knows the space. */
  async openPage(query = ''): Promise<void> {
    const { port } = this.edges[0] as EdgeRole
    const address = `http://127.0.0.1:${port}/s/${SPACE}`
    for (let tries = 0; (await fetch(address)).status !== 200; tries++) {
      if (tries > 200) throw new Error('The edge does not know the space.')
      await Bun.sleep(50)
    }
    await this.page.goto(`${address}${query}`)
  }
}
