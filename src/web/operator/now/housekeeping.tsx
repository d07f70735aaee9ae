// The disk, and where alarms go.

import { useSignal } from '@preact/signals'
import { diskShareOf, type NodeView, type WebhookView } from '../../../core/watch/node-view.ts'
import { call } from '../../api/call.ts'
import { words as operatorWords } from '../messages.en.ts'
import { formatBytes, formatClock, formatShare } from './figures.ts'
import { words } from './messages.en.ts'

export function Housekeeping({ view: { disk, webhook, nowMs } }: { readonly view: NodeView }) {
  return (
    <div class="housekeeping">
      <p id="now-disk">
        {disk === undefined
          ? words.diskUnknown
          : words.disk(formatShare(diskShareOf(disk)), formatBytes(disk.freeBytes))}
      </p>
      {webhook === undefined ? (
        <p class="hint">{words.webhook.none}</p>
      ) : (
        <Webhook webhook={webhook} nowMs={nowMs} />
      )}
    </div>
  )
}

type Test =
  | { readonly kind: 'none' | 'sending' | 'delivered' }
  | { readonly kind: 'failed'; readonly problem: string }

function Webhook({ webhook, nowMs }: { readonly webhook: WebhookView; readonly nowMs: number }) {
  const text = words.webhook
  const test = useSignal<Test>({ kind: 'none' })
  const send = async () => {
    test.value = { kind: 'sending' }
    const answer = await call('POST', '/api/v1/node/alarm-test')
    if (answer.kind === 'done') test.value = { kind: 'delivered' }
    else {
      const problem = answer.kind === 'refused' ? answer.problem.detail : operatorWords.failed
      test.value = { kind: 'failed', problem }
    }
  }
  const { host, isSigned, deliveredAtMs, problem, lost } = webhook
  const sentences = [
    text.to(host),
    ...(isSigned ? [] : [text.unsigned]),
    ...(deliveredAtMs === undefined ? [] : [text.delivered(formatClock(deliveredAtMs, nowMs))]),
    ...(lost === 0 ? [] : [text.lost(lost)]),
  ]
  const isSending = test.value.kind === 'sending'
  return (
    <div class="webhook" id="now-webhook">
      <p>{sentences.join(' ')}</p>
      {problem !== undefined && <p class="caution">{text.failing(problem)}</p>}
      <p class="webhook-test">
        <button type="button" id="alarm-test" disabled={isSending} onClick={() => void send()}>
          {isSending ? text.testing : text.test}
        </button>
        <span role="status">
          {test.value.kind === 'delivered' && text.tested}
          {test.value.kind === 'failed' && test.value.problem}
        </span>
      </p>
    </div>
  )
}
