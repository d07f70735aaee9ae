import { afterAll, beforeAll, expect, test } from 'bun:test'
import { type AlarmReceiver, startAlarmReceiver } from '../../../../test/harness/alarm-receiver.ts'
import { until } from '../../../../test/harness/until.ts'
import type { StageId } from '../../../base/ids.ts'
import type { Problem } from '../../../core/api/api.ts'
import { type ProblemReports, problemsTopic } from '../../../core/count/problems.ts'
import { type EdgeReport, edgeTopic, type StageHeartbeat, stageTopic } from '../../../core/space/facts.ts'
import type { NodeView } from '../../../core/watch/node-view.ts'
import { systemClock } from '../../../host/system-clock.ts'
import { startTestbed, type Testbed } from '../testbed.test.ts'

const SECRET = 'a secret of 16 characters and more'

let receiver: AlarmReceiver
let bed: Testbed
beforeAll(async () => {
  receiver = startAlarmReceiver(SECRET)
  bed = await startTestbed({
    node: {
      stages: ['stage-0', 'stage-1'],
      edges: ['edge-0'],
      listenersMax: 0,
      webhook: { url: receiver.url, secret: SECRET },
    },
  })
})
afterAll(async () => {
  await bed.stop()
  await receiver.stop()
})

test('the node is shown to the operator alone, as its processes tell it', async () => {
  for (const bearer of [undefined, 'nonsense']) {
    const answer = await bed.call('GET', '/api/v1/node', bearer === undefined ? {} : { bearer })
    expect(answer.status).toBe(401)
  }
  const { space } = await bed.createSpace({ title: 'Night radio' })
  await bed.get('POST', `/api/v1/spaces/${space.id}/start`, { bearer: bed.operatorSecret })
  const { feed } = bed.engine
  const look = async () => {
    const atMs = systemClock.wall()
    feed.publish(stageTopic('stage-0' as StageId), {
      stage: 'stage-0' as StageId,
      atMs,
      socketPath: '/nowhere',
      spaces: 0,
      tickLatenessMsP99: 2.5,
      accepts: true,
      cpu: 0.2,
    } satisfies StageHeartbeat)
    feed.publish(edgeTopic('edge-0'), {
      edge: 'edge-0',
      atMs,
      listeners: { [space.id]: 3 },
      load: {
        node: 'x',
        streams: 3,
        streamsMax: 300,
        egressBps: 1e5,
        cpu: 0.1,
        memoryBytes: 1e8,
        flushMs: 400,
      },
    } satisfies EdgeReport)
    feed.publish(problemsTopic('edge-0'), {
      edge: 'edge-0',
      atMs,
      life: 1,
      spaces: { [space.id]: { interrupted: 1 } },
      latest: [{ space: space.id, kind: 'interrupted', state: 'stalled', track: 'opus.mp4', atMs }],
    } satisfies ProblemReports)
    return await bed.get<NodeView>('GET', '/api/v1/node', { bearer: bed.operatorSecret })
  }
  const view = await until('all of it is told', async () => {
    const seen = await look()
    return seen.listeners === 3 && seen.disk !== undefined && seen.spaces[0]?.problems && seen
  })
  expect(view.spaces[0]?.problems).toEqual({ interrupted: 1 })
  expect(view).toMatchObject({ node: 'listen.example', isHearing: true, capacity: { used: 3, max: 300 } })
  expect(view.spaces[0]).toMatchObject({ id: space.id, title: 'Night radio', phase: 'live', listeners: 3 })
  expect(view.stages).toMatchObject([
    { stage: 'stage-0', presence: 'up', latenessMsP99: 2.5, cpu: 0.2, hasStandby: false },
    { stage: 'stage-1', presence: 'starting' },
  ])
  expect(view.edges).toMatchObject([{ edge: 'edge-0', presence: 'up', flushMs: 400 }])
  expect(view.disk?.freeBytes).toBeGreaterThan(0)
  expect(JSON.stringify(view)).not.toContain('not-to-be-told')
  expect(await (await bed.call('GET', '/metrics')).text()).toContain(
    'mimbar_control_alarms{alarm="stage-down"} 0',
  )
})

test('a test alarm is posted by the operator, who is told when it is not taken', async () => {
  const path = '/api/v1/node/alarm-test'
  expect((await bed.call('POST', path)).status).toBe(401)
  expect((await bed.call('POST', path, { bearer: bed.operatorSecret })).status).toBe(204)
  expect(receiver.tries).toMatchObject([{ status: 204, isSigned: true, alarm: { alarm: 'test' } }])
  receiver.answerNext(404)
  const refused = await bed.call('POST', path, { bearer: bed.operatorSecret })
  expect(refused.status).toBe(503)
  expect(((await refused.json()) as Problem).detail).toContain('404')
})

test('without a webhook there is nothing to test', async () => {
  const plain = await startTestbed()
  const answer = await plain.call('POST', '/api/v1/node/alarm-test', { bearer: plain.operatorSecret })
  expect(answer.status).toBe(409)
  await plain.stop()
})
