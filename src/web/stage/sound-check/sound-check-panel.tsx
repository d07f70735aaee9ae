// The sound check in the green room: say a sentence, hear it come back, read what to do about it. Nobody has to.

import { CheckIcon, WarningIcon } from '../../parts/icons.tsx'
import { words } from '../messages.en.ts'
import type { Studio } from '../studio.ts'
import type { CheckStanding } from './check-machine.ts'

export function SoundCheckPanel({ studio }: { readonly studio: Studio }) {
  const text = words.soundCheck
  const standing = studio.soundCheck.standing.value ?? { kind: 'idle' as const }
  const isGoing = standing.kind in text.going
  return (
    <section
      class="sound-check"
      id="sound-check"
      aria-labelledby="sound-check-title"
      data-check={standing.kind}
      data-found={standing.kind === 'judged' ? standing.found.join(' ') : undefined}
    >
      <h2 id="sound-check-title">{text.title}</h2>
      <p class="hint">{text.lead}</p>
      <div class="check-standing" aria-live="polite">
        <Standing standing={standing} />
      </div>
      <button
        type="button"
        id={isGoing ? 'stop-check' : 'check-sound'}
        class={isGoing ? 'quiet' : undefined}
        onClick={() => (isGoing ? studio.soundCheck.stop() : studio.checkSound())}
      >
        {isGoing ? text.stop : standing.kind === 'idle' ? text.start : text.again}
      </button>
    </section>
  )
}

function Standing({ standing }: { readonly standing: CheckStanding }) {
  const text = words.soundCheck
  switch (standing.kind) {
    case 'idle':
      return null
    case 'judged':
      return standing.found.length === 0 ? (
        <p class="verdict good">
          <CheckIcon />
          {text.fine}
        </p>
      ) : (
        <ul class="findings">
          {standing.found.map((finding) => (
            <li key={finding} class="verdict bad">
              <WarningIcon />
              <span>
                <strong>{text.findings[finding].what}</strong> {text.findings[finding].fix}
              </span>
            </li>
          ))}
        </ul>
      )
    case 'failed':
      return (
        <p class="verdict bad">
          <WarningIcon />
          <span>
            {standing.detail ?? text.failed[standing.why]} {text.joinAnyway}
          </span>
        </p>
      )
    default:
      return <p class={`check-going ${standing.kind}`}>{text.going[standing.kind]}</p>
  }
}
