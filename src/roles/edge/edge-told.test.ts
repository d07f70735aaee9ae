import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { EdgeFixture } from '../../../test/harness/edge-fixture.ts'
import { until } from '../../../test/harness/until.ts'
import { type ProblemReports, problemsTopic } from '../../core/count/problems.ts'
import { type EdgeReactions, REACTIONS_PREFIX } from '../../core/reaction/reactions.ts'
import { REACTIONS_PER_TICKET } from './reactions/reaction-door.ts'

let fixture: EdgeFixture
beforeAll(async () => {
  fixture = await EdgeFixture.start()
})
afterAll(() => fixture.stop())

const tell = (path: string, body: string, headers: Record<string, string> = {}) =>
  fixture.fetch(path, { method: 'POST', body, headers })

/** The first value under `topic` for which `is` holds. */
async function told<T>(topic: string, is: (value: T) => boolean): Promise<T> {
  for await (const { value } of fixture.engine.feed.subscribe(topic, AbortSignal.timeout(15_000))) {
    if (value !== null && is(value as T)) return value as T
  }
  throw new Error(`nothing was told under ${topic}`)
}

const metrics = async () => await (await fixture.fetch('/metrics')).text()

describe('a reported problem', () => {
  const problem = {
    state: 'live',
    track: 'opus.mp4',
    firstAudioMs: 420,
    gaps: 3,
    network: 'cellular',
    speed: '3g',
  }

  test('is counted and told to the people on duty, with numbers and nothing else', async () => {
    await fixture.liveSpace('troubled')
    const answer = await tell('/live/troubled/problem', JSON.stringify(problem))
    expect([answer.status, answer.headers.getSetCookie()]).toEqual([204, []])
    await tell('/live/troubled/problem', JSON.stringify({ state: 'connecting', track: 'none' }))
    const { spaces, latest, edge } = await told<ProblemReports>(
      problemsTopic('edge-0'),
      ({ spaces }) => spaces.troubled?.interrupted === 1 && spaces.troubled['no-sound'] === 1,
    )
    expect(edge).toBe('edge-0')
    expect(spaces.troubled).toEqual({ interrupted: 1, 'no-sound': 1 })
    // Both came from here: one network has one place among the newest.
    expect(latest).toMatchObject([{ space: 'troubled', kind: 'no-sound', state: 'connecting' }])
    expect(JSON.stringify(latest)).not.toContain('127.0.0.1')
    expect(await metrics()).toContain('mimbar_edge_problems_reported_total{kind="interrupted"} 1')
  })

  test('is bounded: other sites, other words, long bodies and a network that goes on and on are refused', async () => {
    await fixture.liveSpace('bounded')
    const path = '/live/bounded/problem'
    const text = JSON.stringify(problem)
    expect((await fixture.fetch(path)).status).toBe(405)
    expect((await tell('/live/nowhere/problem', text)).status).toBe(404)
    expect((await tell(path, text, { 'Sec-Fetch-Site': 'cross-site' })).status).toBe(403)
    expect((await tell(path, '{"state":"live","track":"opus.mp4","note":"hello"}')).status).toBe(400)
    expect((await tell(path, 'x'.repeat(2_000))).status).toBe(413)
    const statuses: number[] = []
    for (let n = 0; n < 25; n++) statuses.push((await tell(path, text)).status)
    expect(statuses.at(-1)).toBe(429)
    expect(await metrics()).toMatch(/mimbar_edge_problems_reported_total\{kind="refused"\} [1-9]/)
  })
})

describe('reactions', () => {
  /** A ticket of a listener of `space`. */
  async function ticketFor(space: string): Promise<string> {
    const stream = await fixture.listen(`/live/${space}/opus.mp4?ticket=`)
    try {
      const hello = await until('the edge greets', async () =>
        stream.notes.find((note) => note.kind === 'hello'),
      )
      return hello.ticket ?? ''
    } finally {
      stream.close()
    }
  }

  test('are summed, and told as totals and as what is new', async () => {
    const facts = await fixture.liveSpace('lively')
    await fixture.append(facts, 0, 20)
    const path = `/live/lively/reactions?ticket=${await ticketFor('lively')}`
    expect((await tell(path, '{"heart":2,"clap":1}')).status).toBe(204)
    const first = await told<EdgeReactions>(`${REACTIONS_PREFIX}lively/`, ({ totals }) => totals.heart === 2)
    expect(first).toMatchObject({
      edge: 'edge-0',
      totals: { heart: 2, clap: 1 },
      added: { heart: 2, clap: 1 },
    })
    expect((await tell(path, '{"clap":4}')).status).toBe(204)
    const second = await told<EdgeReactions>(`${REACTIONS_PREFIX}lively/`, ({ totals }) => totals.clap === 5)
    expect(second).toMatchObject({ life: first.life, totals: { heart: 2, clap: 5 }, added: { clap: 4 } })
    expect(await metrics()).toContain('mimbar_edge_reactions_total 7')
  })

  test('of one ticket have a rate of their own, and who shows none shares one with the whole network', async () => {
    const facts = await fixture.liveSpace('eager')
    await fixture.append(facts, 0, 20)
    const [one, other] = [await ticketFor('eager'), await ticketFor('eager')]
    const { burst, perSecond } = REACTIONS_PER_TICKET
    /** Presses with each of `tickets` in turn; how many were taken, and how many one rate allows in that time. */
    const press = async (...tickets: string[]) => {
      const begunAt = performance.now()
      const answers = await Promise.all(
        tickets.flatMap((ticket) =>
          Array.from({ length: 3 * burst }, () =>
            tell(`/live/eager/reactions?ticket=${ticket}`, '{"laugh":1}'),
          ),
        ),
      )
      const refused = answers.filter(({ status }) => status === 429)
      expect(refused.every(({ headers }) => Number(headers.get('Retry-After')) > 0)).toBe(true)
      const taken = answers.filter(({ status }) => status === 204).length
      expect(taken + refused.length).toBe(answers.length)
      return { taken, allowed: burst + 1 + (perSecond * (performance.now() - begunAt)) / 1_000 }
    }
    const alone = await press(one)
    expect(alone.taken).toBeGreaterThanOrEqual(burst)
    expect(alone.taken).toBeLessThanOrEqual(alone.allowed)
    // The other listener has not pressed yet.
    expect((await press(other)).taken).toBeGreaterThanOrEqual(burst)
    // A ticket that nobody signed is none.
    const together = await press('', 'forged')
    expect(together.taken).toBeGreaterThanOrEqual(burst)
    expect(together.taken).toBeLessThanOrEqual(together.allowed)
  })

  test('are for a live conversation, from our own pages, and small', async () => {
    const facts = await fixture.liveSpace('strict')
    await fixture.append(facts, 0, 20)
    const path = `/live/strict/reactions?ticket=${await ticketFor('strict')}`
    expect((await fixture.fetch(path)).status).toBe(405)
    expect((await tell(path, '{"heart":1}', { 'Sec-Fetch-Site': 'same-site' })).status).toBe(403)
    expect((await tell(path, '{"heart":6}')).status).toBe(400)
    expect((await tell(path, `{"heart":1,"pad":"${'x'.repeat(200)}"}`)).status).toBe(413)
    await fixture.space('quiet', { phase: 'lobby' })
    expect((await tell('/live/quiet/reactions', '{"heart":1}')).status).toBe(409)
  })
})
