import { describe, expect, test } from 'bun:test'
import type { SpaceId, StageId } from '../../base/ids.ts'
import { epoch, millis, sequence, type WallMillis, wallMillis } from '../../base/units.ts'
import type { EdgeLoad } from '../capacity/edge-load.ts'
import type { ProblemReports } from '../count/problems.ts'
import type { ObservedSpace, SpaceFacts, StageHeartbeat } from '../space/facts.ts'
import type { Condition } from './alarm-book.ts'
import type { AlarmKind } from './alarm-kinds.ts'
import { CHART_POINTS, SPACES_CHARTED_MAX, SPACES_SHOWN_MAX } from './node-view.ts'
import { type NodeLook, NodeWatch, type SpaceSight } from './node-watch.ts'
import { LEFT_MS_MAX, MEMBERS_MAX, STARTING_MS_MAX } from './roll-call.ts'

const WALL = 1_800_000_000_000

const LOAD: EdgeLoad = {
  node: 'here',
  streams: 0,
  streamsMax: 1_000,
  egressBps: 0,
  cpu: 0.1,
  memoryBytes: 1e8,
  flushMs: 200,
}

/** A node of two stages and two edges, as control hears it, and the time there. */
class Node {
  readonly watch: NodeWatch
  now = 5_000

  constructor(listenersMax = 0, stages: readonly string[] = ['stage-0', 'stage-1']) {
    const edges = ['edge-0', 'edge-1']
    this.watch = new NodeWatch({ node: 'here', stages, edges, listenersMax, startedAt: millis(this.now) })
  }

  get wall(): WallMillis {
    return wallMillis(WALL + this.now)
  }

  stage(name: string, more: Partial<StageHeartbeat> = {}): this {
    const heartbeat: StageHeartbeat = {
      stage: name as StageId,
      atMs: this.wall,
      socketPath: '/nowhere',
      spaces: 0,
      tickLatenessMsP99: 1,
      accepts: true,
      ...more,
    }
    this.watch.heardStage(heartbeat, millis(this.now), this.wall)
    return this
  }

  edge(name: string, load: Partial<EdgeLoad> | 'stops' = {}, listeners = 0): this {
    const report = {
      edge: name,
      atMs: this.wall,
      listeners: listeners === 0 ? {} : { radio: listeners },
      ...(load === 'stops' ? {} : { load: { ...LOAD, ...load } }),
    }
    this.watch.heardEdge(report, millis(this.now), this.wall)
    return this
  }

  /** Everyone but those named is heard once a second, for so long. */
  live(forMs: number, except: readonly string[] = []): this {
    for (let ms = 0; ms < forMs; ms += 1_000) {
      this.now += 1_000
      for (const name of ['stage-0', 'stage-1']) if (!except.includes(name)) this.stage(name)
      for (const name of ['edge-0', 'edge-1']) if (!except.includes(name)) this.edge(name)
    }
    return this
  }

  look(spaces: readonly SpaceSight[] = []): NodeLook {
    return this.watch.look(spaces, millis(this.now), this.wall)
  }

  state(
    alarm: AlarmKind,
    subject: string,
    spaces: readonly SpaceSight[] = [],
  ): Condition['state'] | undefined {
    return this.look(spaces).conditions.find((one) => one.alarm === alarm && one.subject === subject)?.state
  }
}

function sightOf(id: string, listeners: number, observed?: Partial<ObservedSpace>): SpaceSight {
  const facts: SpaceFacts = {
    id: id as SpaceId,
    title: id,
    phase: 'live',
    recorded: true,
    createdAtMs: wallMillis(WALL),
    gridStartMs: wallMillis(WALL),
    programStart: sequence(10),
    seats: [],
  }
  const report: ObservedSpace = {
    space: facts.id,
    stage: 'stage-0' as StageId,
    epoch: epoch(1),
    atMs: wallMillis(WALL + 20_100),
    head: sequence(99),
    slate: false,
    listeners,
    seats: [],
    ...observed,
  }
  return { facts, listeners, observed: observed === undefined ? undefined : report }
}

describe('a process', () => {
  test('that is silent is lost, one that said goodbye is not, until it stays away', () => {
    const node = new Node().live(5_000)
    expect(node.state('stage-down', 'stage-1')).toBe('good')
    node.live(4_000, ['stage-1'])
    expect(node.state('stage-down', 'stage-1')).toBe('bad')
    expect(node.state('standby-missing', 'stage-0')).toBe('bad')
    expect(node.look().view.stages.map(({ presence }) => presence)).toEqual(['up', 'lost'])
    node.live(1_000)
    expect(node.state('stage-down', 'stage-1')).toBe('good')
    expect(node.state('standby-missing', 'stage-0')).toBe('good')

    node.stage('stage-1', { accepts: false, leaving: [] }).edge('edge-1', 'stops')
    node.live(LEFT_MS_MAX - 1_000, ['stage-1', 'edge-1'])
    expect(node.state('stage-down', 'stage-1')).toBe('good')
    expect(node.state('edge-lost', 'edge-1')).toBe('good')
    expect(node.state('standby-missing', 'stage-0')).toBe('unknown')
    node.live(3_000, ['stage-1', 'edge-1'])
    expect(node.state('stage-down', 'stage-1')).toBe('bad')
    expect(node.state('edge-lost', 'edge-1')).toBe('bad')
    expect(node.state('standby-missing', 'stage-0')).toBe('bad')
  })

  test('that was never heard is starting, and then lost', () => {
    const node = new Node().live(STARTING_MS_MAX - 2_000, ['edge-1'])
    expect(node.look().view.edges[1]).toEqual({
      edge: 'edge-1',
      presence: 'starting',
      listeners: 0,
      turnedAway: 0,
    })
    expect(node.state('edge-lost', 'edge-1')).toBe('unknown')
    node.live(3_000, ['edge-1'])
    expect(node.state('edge-lost', 'edge-1')).toBe('bad')
  })

  test('of elsewhere is known once it is heard, and forgotten when it has said goodbye', () => {
    const node = new Node().edge('edge-10').edge('edge-7').live(1_000)
    expect(node.look().view.edges.map(({ edge }) => edge)).toEqual(['edge-0', 'edge-1', 'edge-7', 'edge-10'])
    node.edge('edge-7', 'stops').live(LEFT_MS_MAX + 2_000)
    expect(node.look().view.edges.map(({ edge }) => edge)).toEqual(['edge-0', 'edge-1', 'edge-10'])
    expect(node.state('edge-lost', 'edge-10')).toBe('bad')
    for (let i = 0; i < 2 * MEMBERS_MAX; i++) node.edge(`stranger-${i}`)
    expect(node.look().view.edges).toHaveLength(MEMBERS_MAX)
  })

  test('whose old words are only repeated is not heard', () => {
    const node = new Node().live(5_000)
    for (let ms = 0; ms < 5_000; ms += 1_000) {
      node.now += 1_000
      node
        .stage('stage-0')
        .edge('edge-0')
        .stage('stage-1', { atMs: wallMillis(WALL) })
    }
    expect(node.state('stage-down', 'stage-1')).toBe('bad')
  })

  test('while nothing is heard from anybody, nobody is called lost; that is an alarm by itself', () => {
    const node = new Node().live(STARTING_MS_MAX)
    node.now += 5_000
    const { conditions, view } = node.look()
    expect(view.isHearing).toBe(false)
    const of = (alarm: AlarmKind) =>
      new Set(conditions.filter((one) => one.alarm === alarm).map(({ state }) => state))
    expect([...of('nothing-heard')]).toEqual(['bad'])
    for (const alarm of ['stage-down', 'edge-lost', 'standby-missing', 'capacity'] as const) {
      expect([...of(alarm)].filter((state) => state !== 'unknown')).toEqual([])
    }
  })

  test('that is the only stage by choice lacks no standby', () => {
    const node = new Node(0, ['stage-0']).stage('stage-0')
    expect(node.state('standby-missing', 'stage-0')).toBeUndefined()
    expect(node.look().view.stages[0]?.hasStandby).toBe(false)
  })
})

describe('the node', () => {
  test('is as full as its edges together, or as the operator allows', () => {
    const told = (listenersMax: number) =>
      new Node(listenersMax)
        .stage('stage-0')
        .edge('edge-0', { streams: 700 }, 690)
        .edge('edge-1', { streams: 100 }, 100)
    expect(told(0).look().view).toMatchObject({ listeners: 790, capacity: { used: 800, max: 2_000 } })
    expect(told(0).state('capacity', 'node')).toBe('good')
    expect(told(1_100).state('capacity', 'node')).toBe('between')
    expect(told(1_000).state('capacity', 'node')).toBe('bad')
  })

  test('has a disk that is judged by what is used and what is left', () => {
    const node = new Node().live(1_000)
    expect(node.state('disk', 'node')).toBe('unknown')
    for (const [usedBytes, state] of [
      [74, 'good'],
      [79, 'between'],
      [80, 'bad'],
    ] as const) {
      node.watch.sawDisk({ usedBytes, freeBytes: 100 - usedBytes })
      expect(node.state('disk', 'node')).toBe(state)
    }
  })

  test('keeps ten minutes of each chart, and no more', () => {
    const node = new Node()
    for (let second = 0; second < 1_000; second++) {
      node.live(1_000).edge('edge-0', { egressBps: second }, second)
      node.look()
    }
    const { charts } = node.look().view
    expect(charts.listeners).toHaveLength(CHART_POINTS)
    expect(charts.listeners.at(-1)).toBeGreaterThan(990)
    expect(charts.listeners[0]).toBeGreaterThan(380)
    expect(charts.listeners).toEqual(charts.listeners.toSorted((a, b) => (a ?? 0) - (b ?? 0)))
    node.now += 60_000
    expect(node.look().view.charts.listeners.slice(-11)).toEqual(Array(11).fill(null))
  })
})

describe('a space', () => {
  test('is shown with its stage, its lateness, its people and its listeners', () => {
    const seat = { muted: false, speaking: false, level: -20, loss: 0, jitterBufferMs: 40 }
    const seats = [
      { ...seat, id: 'a', connection: 'connected', onAir: true },
      { ...seat, id: 'b', connection: 'connected', onAir: false },
      { ...seat, id: 'c', connection: 'absent', onAir: true },
    ] as unknown as ObservedSpace['seats']
    const node = new Node().live(1_000)
    const [space] = node.look([sightOf('radio', 12, { seats })]).view.spaces
    expect(space).toMatchObject({
      id: 'radio',
      phase: 'live',
      stage: 'stage-0',
      sound: 'voices',
      lateMs: 100,
      listeners: 12,
      startedAtMs: WALL + 2_000,
      seats: { onAir: 1, backstage: 1, away: 1 },
    })
    expect(space?.problems).toBeUndefined()
    const [unserved] = node.look([sightOf('radio', 0)]).view.spaces
    expect(unserved?.stage).toBeUndefined()
    expect(unserved?.sound).toBeUndefined()
  })

  test('is left out when there are too many with more listeners, and only the first have charts', () => {
    const node = new Node().live(1_000)
    const sights = Array.from({ length: SPACES_SHOWN_MAX + 5 }, (_, i) => sightOf(`space-${i}`, i))
    const { spaces, spacesMore } = node.look(sights).view
    expect(spaces).toHaveLength(SPACES_SHOWN_MAX)
    expect(spacesMore).toBe(5)
    expect(spaces[0]?.listeners).toBe(SPACES_SHOWN_MAX + 4)
    expect(spaces.filter(({ chart }) => chart !== undefined)).toHaveLength(SPACES_CHARTED_MAX)
  })

  test('has the problems of its last ten minutes, whichever edge they came to, and however edges start anew', () => {
    const node = new Node().live(1_000)
    const sight = [sightOf('radio', 100)]
    const tell = (edge: string, life: number, noSound: number, latest: ProblemReports['latest'] = []) =>
      node.watch.heardProblems(
        { edge, atMs: node.wall, life, spaces: { radio: { 'no-sound': noSound } }, latest },
        node.wall,
      )
    const problem = { space: 'radio', kind: 'late', state: 'behind', track: 'hls', atMs: node.wall } as const
    // What an edge had counted before control began is not news, but for what it names as new.
    tell('edge-0', 1, 40, [problem, { ...problem, atMs: wallMillis(node.wall - 3_600_000) }])
    expect(node.look(sight).view.spaces[0]?.problems).toEqual({ late: 1 })
    tell('edge-0', 1, 43)
    tell('edge-1', 7, 2)
    tell('edge-1', 8, 1)
    expect(node.look(sight).view.spaces[0]?.problems).toEqual({ late: 1, 'no-sound': 4 })
    expect(node.state('problems', 'radio', sight)).toBe('bad')
    expect(node.state('problems', 'radio', [sightOf('radio', 1_000)])).toBe('good')
    expect(node.state('problems', 'radio', [sightOf('radio', 120)])).toBe('between')
    node.live(300_000)
    expect(node.look(sight).view.spaces[0]?.problems).toEqual({ late: 1, 'no-sound': 4 })
    node.live(301_000)
    expect(node.look(sight).view.spaces[0]?.problems).toBeUndefined()
  })

  test('with few reports is not in trouble, however few listen', () => {
    const node = new Node().live(1_000)
    const tell = (noSound: number) =>
      node.watch.heardProblems(
        { edge: 'edge-0', atMs: node.wall, life: 1, spaces: { radio: { 'no-sound': noSound } }, latest: [] },
        node.wall,
      )
    tell(0)
    tell(4)
    expect(node.state('problems', 'radio', [sightOf('radio', 2)])).toBe('between')
    tell(5)
    expect(node.state('problems', 'radio', [sightOf('radio', 2)])).toBe('bad')
  })
})
