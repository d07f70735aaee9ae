// GET /api/v1/spaces/:space/audience.csv: the audience of a program, second by second, out of its log. Made as fast as
// it is taken, so that ten hours need no more memory than a minute.

import { encodeUtf8 } from '../../../base/bytes.ts'
import { hasCode, MimbarError } from '../../../base/errors.ts'
import { type Sequence, sequence } from '../../../base/units.ts'
import { AudienceCsv } from '../../../core/count/audience-csv.ts'
import type { SpaceFacts } from '../../../core/space/facts.ts'
import type { LogHead, PartLog } from '../../../engine/ports.ts'
import { CACHE, MEDIA_CORS } from '../answers.ts'
import { Turnstile } from '../turnstile.ts'

export const COUNT_PAGE_PATH = '/about/count'
/** Tables made at the same time: each reads a whole program from the log. The others wait, then 503. */
const TABLES_MAX = 2
const TABLES_WAITING_MAX = 16
/** Who takes longer is cut off: a turn is not to be sat on. */
const TABLE_WITHIN_MS = 180_000
/** Parts read for one table in a second: ten hours take 36 s and a tenth of a core, whoever asks for them. */
const PARTS_PER_SECOND_MAX = 5_000
const PARTS_PER_REST = 500
/** Lines are sent in pieces of this many, about 6 KB. */
const LINES_PER_PIECE = 60

export class AudienceTables {
  readonly #log: PartLog
  readonly #turns = new Turnstile({
    what: 'The audience export',
    concurrentMax: TABLES_MAX,
    waitingMax: TABLES_WAITING_MAX,
  })

  constructor(log: PartLog) {
    this.#log = log
  }

  /** The table so far, or the whole one. `not-found` before the space was on air, `gone` when nothing was kept. */
  async answer(request: Request, url: URL, facts: SpaceFacts): Promise<Response> {
    const head = await this.#head(facts)
    const range = rangeOf(facts, head)
    const csv = new AudienceCsv({
      gridStartMs: facts.gridStartMs,
      programStart: facts.programStart ?? sequence(0),
      definitionUrl: `${url.origin}${COUNT_PAGE_PATH}`,
      remarks: remarksOf(facts),
    })
    const headers = {
      ...MEDIA_CORS,
      'Content-Type': 'text/csv; charset=utf-8',
      'Cache-Control': CACHE.unversioned,
      'Content-Disposition': `attachment; filename="${facts.id}-audience.csv"`,
      Link: `<${COUNT_PAGE_PATH}>; rel="describedby"`,
    }
    if (request.method === 'HEAD') return new Response(null, { headers })
    const ending = AbortSignal.any([request.signal, AbortSignal.timeout(TABLE_WITHIN_MS)])
    const lines = this.#lines(facts, range, csv, ending)
    const over = Promise.withResolvers<void>()
    ending.addEventListener('abort', () => over.resolve(), { once: true })
    // The first piece now, so that a full turnstile is a 503 and not a broken answer. The turn lasts until the end.
    const first = Promise.withResolvers<IteratorResult<Uint8Array>>()
    void this.#turns
      .pass(async () => {
        first.resolve(await lines.next())
        await over.promise
      })
      .catch(first.reject)
    return new Response(streamOf(await first.promise, lines, over.resolve), { headers })
  }

  async #head(facts: SpaceFacts): Promise<LogHead> {
    try {
      return await this.#log.head(facts.id)
    } catch (error) {
      if (!hasCode(error, 'not-found')) throw error
      if (facts.phase === 'ended') {
        throw new MimbarError('gone', 'This space was not recorded, and nothing is left of its log.', {
          cause: error,
        })
      }
      throw new MimbarError('not-found', 'This space has not been on air yet.', { cause: error })
    }
  }

  async *#lines(
    facts: SpaceFacts,
    { from, to }: { readonly from: Sequence; readonly to: Sequence },
    csv: AudienceCsv,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array> {
    const startedAt = performance.now()
    let piece = csv.header
    let [parts, lines] = [0, 0]
    for await (const part of this.#log.read(facts.id, from, to, signal)) {
      parts += 1
      if (parts % PARTS_PER_REST === 0) await restUntil(startedAt + (1_000 * parts) / PARTS_PER_SECOND_MAX)
      const line = csv.push(part)
      if (line === '') continue
      piece += line
      lines += 1
      if (lines % LINES_PER_PIECE !== 0) continue
      yield encodeUtf8(piece)
      piece = ''
    }
    piece += csv.finish()
    if (piece !== '') yield encodeUtf8(piece)
  }
}

/** On the clock of `performance.now()`. */
async function restUntil(atMs: number): Promise<void> {
  const leftMs = atMs - performance.now()
  if (leftMs > 0) await Bun.sleep(leftMs)
}

/** From media time 0; before the program begins, what the lobby's ring holds. */
function rangeOf(facts: SpaceFacts, head: LogHead): { readonly from: Sequence; readonly to: Sequence } {
  const from = facts.programStart ?? head.oldest ?? sequence(0)
  const newest = (head.newest ?? -1) + 1
  return { from, to: sequence(Math.min(newest, facts.programEnd ?? newest)) }
}

function remarksOf({ phase, recorded, programStart }: SpaceFacts): readonly string[] {
  return [
    ...(programStart === undefined ? ['The program has not begun: these are seconds of the lobby.'] : []),
    ...(phase === 'ended' ? [] : ['The space is on: more lines will follow.']),
    ...(recorded
      ? []
      : ['This space is not recorded: only what is still held of it, about its last three minutes.']),
  ]
}

/** `end` is called once nothing more is read. */
function streamOf(
  first: IteratorResult<Uint8Array>,
  lines: AsyncGenerator<Uint8Array>,
  end: () => void,
): ReadableStream<Uint8Array> {
  let read: IteratorResult<Uint8Array> | undefined = first
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = read ?? (await lines.next())
        read = undefined
        if (!done) return controller.enqueue(value)
        end()
        controller.close()
      } catch (error) {
        end()
        throw error
      }
    },
    async cancel() {
      end()
      await lines.return(undefined)
    },
  })
}
