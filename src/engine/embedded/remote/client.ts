// The engine from another process. Calls fail with `unavailable` when it is away, and are not repeated here: only
// the caller knows whether they are still wanted. Feeds and watches reconnect by themselves, as the ports promise.

import { MimbarError } from '../../../base/errors.ts'
import type { SpaceId } from '../../../base/ids.ts'
import type { Running } from '../../../base/lifetime.ts'
import type { Epoch, Millis, Sequence } from '../../../base/units.ts'
import type { Part } from '../../../core/part/part.ts'
import type {
  Engine,
  HeldRange,
  LeaseAnswer,
  LeaseHolder,
  LeasePort,
  LeaseRequest,
  LogHead,
  LogSpec,
  PartLog,
  TailItem,
  TailStart,
} from '../../ports.ts'
import { recordOf } from '../store/records.ts'
import { type JsonSpec, specFromJson, specToJson } from '../store/spec-json.ts'
import { EngineConnection, type EngineTarget, errorOf } from './connection.ts'
import { type Frame, FrameDecoder } from './frames.ts'
import { RemoteFeed } from './remote-feed.ts'
import { RemoteRoster } from './remote-roster.ts'

/** An engine that is served elsewhere. Connects when first used; `stop` ends every stream and refuses calls. */
export function connectEngine(target: EngineTarget): Engine & Running {
  const connection = new EngineConnection(target)
  return {
    log: new RemoteLog(connection),
    feed: new RemoteFeed(connection),
    lease: new RemoteLease(connection),
    roster: new RemoteRoster(connection),
    stop: async () => connection.close(),
  }
}

class RemoteLog implements PartLog {
  readonly #connection: EngineConnection

  constructor(connection: EngineConnection) {
    this.#connection = connection
  }

  async open(space: SpaceId, spec: LogSpec): Promise<void> {
    await this.#connection.call('PUT', `/log/${space}`, JSON.stringify(specToJson(spec)))
  }

  async append(space: SpaceId, part: Part): Promise<void> {
    await this.#connection.call('POST', `/log/${space}/parts`, recordOf(part))
  }

  async head(space: SpaceId): Promise<LogHead> {
    const { spec, ...head } = (await this.#connection.call('GET', `/log/${space}`)) as Omit<
      LogHead,
      keyof LogSpec
    > & { spec: JsonSpec }
    return { ...head, ...specFromJson(spec) }
  }

  async *read(space: SpaceId, from: Sequence, to: Sequence, signal?: AbortSignal): AsyncGenerator<Part> {
    for await (const frame of this.#frames(`/log/${space}/parts?from=${from}&to=${to}`, signal)) {
      if (frame.kind === 'complete') return
      if (frame.kind === 'part') yield frame.part
    }
    if (!signal?.aborted)
      throw new MimbarError('unavailable', 'The engine broke off in the middle of a range.')
  }

  async held(space: SpaceId, from: Sequence, to: Sequence): Promise<readonly HeldRange[]> {
    return (await this.#connection.call(
      'GET',
      `/log/${space}/held?from=${from}&to=${to}`,
    )) as readonly HeldRange[]
  }

  async *tail(space: SpaceId, start: TailStart, signal: AbortSignal): AsyncGenerator<TailItem> {
    const query = start.kind === 'live' ? `burst=${start.burstParts}` : `from=${start.from}`
    for await (const frame of this.#frames(`/log/${space}/tail?${query}`, signal)) {
      if (frame.kind === 'complete') continue
      yield frame
      if (frame.kind === 'ended') return
    }
    if (!signal.aborted) throw new MimbarError('unavailable', 'The engine broke off a tail.')
  }

  async keepFrom(space: SpaceId, from: Sequence, writer: Epoch): Promise<void> {
    await this.#connection.call('POST', `/log/${space}/keep`, JSON.stringify({ from, writer }))
  }

  async end(space: SpaceId, writer: Epoch): Promise<void> {
    await this.#connection.call('POST', `/log/${space}/end`, JSON.stringify({ writer }))
  }

  async forget(space: SpaceId): Promise<void> {
    await this.#connection.call('DELETE', `/log/${space}`)
  }

  async *#frames(path: string, signal?: AbortSignal): AsyncGenerator<Exclude<Frame, { kind: 'problem' }>> {
    const decoder = new FrameDecoder()
    for await (const chunk of this.#connection.stream(path, signal)) {
      for (const frame of decoder.push(chunk)) {
        if (frame.kind === 'problem') throw errorOf(frame.problem)
        yield frame
        if (signal?.aborted) return
      }
    }
  }
}

class RemoteLease implements LeasePort {
  readonly #connection: EngineConnection

  constructor(connection: EngineConnection) {
    this.#connection = connection
  }

  async acquire({ space, holder, ttl, over }: LeaseRequest): Promise<LeaseAnswer> {
    const body = JSON.stringify({ holder, ttlMs: ttl, over })
    return (await this.#connection.call('POST', `/lease/${space}/acquire`, body)) as LeaseAnswer
  }

  async renew(space: SpaceId, epoch: Epoch, ttl: Millis): Promise<boolean> {
    const body = JSON.stringify({ epoch, ttlMs: ttl })
    const answer = (await this.#connection.call('POST', `/lease/${space}/renew`, body)) as {
      renewed: boolean
    }
    return answer.renewed
  }

  async release(space: SpaceId, epoch: Epoch): Promise<void> {
    await this.#connection.call('POST', `/lease/${space}/release`, JSON.stringify({ epoch }))
  }

  async holder(space: SpaceId): Promise<LeaseHolder | undefined> {
    const answer = (await this.#connection.call('GET', `/lease/${space}`)) as { holder?: LeaseHolder }
    return answer.holder
  }
}
